from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.clean import sanitise, tidy


class TestSanitise:
    def test_drops_what_cannot_be_stored_or_only_deceives(self) -> None:
        assert sanitise("a\x00b\ud800c\U000e0041d\u202ee") == "abcde"

    def test_keeps_what_is_merely_invisible_so_that_quotes_stand_in_the_source(self) -> None:
        assert sanitise("a\u200bb\ufeffc\u00add\u2067e\u2069") == "a\u200bb\ufeffc\u00add\u2067e\u2069"

    def test_keeps_joiners_that_words_need(self) -> None:
        assert sanitise("می\u200cخواهم 👩\u200d🚒") == "می\u200cخواهم 👩\u200d🚒"

    def test_makes_newlines_one_kind(self) -> None:
        assert sanitise("a\r\nb\rc\u2028d\x0ce") == "a\nb\nc\nd\ne"

    @given(st.text(st.characters(exclude_categories=())))
    def test_gives_text_that_utf_8_can_hold(self, text: str) -> None:
        assert sanitise(sanitise(text)) == sanitise(text)
        assert "\x00" not in sanitise(text).encode("utf-8").decode("utf-8")


class TestTidy:
    def test_leaves_no_trailing_spaces_and_one_blank_line(self) -> None:
        assert tidy("\n\n  a  \n \n\n\n b\u3000\n") == "  a\n\n b"
