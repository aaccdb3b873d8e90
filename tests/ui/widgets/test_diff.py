from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ui.i18n import load
from ui.widgets.diff import counts, rows, side_by_side_html, unified_html

STRINGS = load("en")
TEXTS = st.text(st.sampled_from("ab 我你\n"), max_size=60)


class TestRows:
    def test_put_a_changed_line_beside_what_it_was(self) -> None:
        [same, changed] = rows("One.\nYou are Rita.", "One.\nYou are Otto.")
        assert same.same
        assert changed.old
        assert changed.new
        assert [word for word, own in changed.old.words if own] == ["Rita"]
        assert [word for word, own in changed.new.words if own] == ["Otto"]

    def test_compare_chinese_letter_by_letter(self) -> None:
        [changed] = rows("你是港務局的助理", "你是海港局的助理")
        assert changed.new
        assert "".join(word for word, own in changed.new.words if not own) != ""

    def test_find_the_line_that_was_changed_behind_one_that_came(self) -> None:
        found = rows("Be brief.", "Address people formally in Spanish.\nBe very brief.")
        assert [bool(row.old) for row in found] == [False, True]

    @given(TEXTS, TEXTS)
    def test_hold_every_line_of_both_in_order(self, old: str, new: str) -> None:
        found = rows(old, new)
        assert [row.old.text for row in found if row.old] == old.splitlines()
        assert [row.new.text for row in found if row.new] == new.splitlines()

    def test_count_what_came_and_went(self) -> None:
        assert counts(rows("a\nb", "a\nc c\nd")) == (2, 1)
        assert counts(rows("a", "a")) == (0, 0)


class TestHtml:
    def test_tells_by_signs_and_words_too(self) -> None:
        shown = unified_html(STRINGS, "one\ntwo", "one\nthree")
        assert "<del>two</del>" in shown
        assert "<ins>three</ins>" in shown
        assert "removed:" in shown
        assert '<span aria-hidden="true">+</span>' in shown

    def test_shows_both_sides_under_their_names(self) -> None:
        shown = side_by_side_html(STRINGS, "one", "two", ("Version 1", "<Version 2>"))
        assert "Version 1" in shown
        assert "&lt;Version 2&gt;" in shown

    def test_shows_markup_as_text(self) -> None:
        for shown in (
            unified_html(STRINGS, "<script>", "<img src=x>"),
            side_by_side_html(STRINGS, "<script>", "<img src=x>", ("", "")),
        ):
            assert "<script>" not in shown
            assert "<img" not in shown
