from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vernacular.text.sentences import LONGEST, UNSPACED_PIECE, split


def texts(text: str) -> list[str]:
    return [text[span.start : span.end] for span in split(text)]


class TestSplit:
    @pytest.mark.parametrize(
        "sentences",
        [
            ["It is open.", "Is it free?", "Yes!"],
            ["Офис открыт.", "Он бесплатный?"],
            ["Πόσο κοστίζει;", "Είναι δωρεάν."],
            ["هل هو مفتوح؟", "نعم.", "هو مفتوح۔", "شكرا!"],
            ["האם זה פתוח?", "כן."],
            ["यह खुला है।", "क्या यह मुफ़्त है?"],
            ["Բաց է։", "Այո։"],
            ["ክፍት ነው።", "አዎ።"],
            ["បើកហើយ។", "បាទ។"],
            ["ဖွင့်သည်။", "ဟုတ်ကဲ့။"],
        ],
    )
    def test_ends_at_the_marks_of_each_script(self, sentences: list[str]) -> None:
        assert texts(" ".join(sentences)) == sentences

    def test_needs_no_space_after_cjk_marks_and_keeps_closing_quotes(self) -> None:
        assert texts("營業嗎？是的。「好！」走吧") == ["營業嗎？", "是的。", "「好！」", "走吧"]

    @pytest.mark.parametrize(
        "sentence",
        [
            "Dr. Smith of Acme Inc. paid 3.50 dollars.",
            "See No. 5 and fig. 3, e.g. on p. 12.",
            "J. R. R. Tolkien wrote it.",
            "Visit https://example.org/a.b?c=d for more.",
            "Am 3. Oktober ist z.B. alles zu.",
            "El Sr. García vive en EE.UU. desde 2010.",
            "Он родился в 1990 г. и живёт на ул. Ленина.",
            "What? he asked.",
            "Yahoo! is a company.",
            "Version 1.2.3 costs 5,999.00.",
        ],
    )
    def test_does_not_end_at_full_stops_that_mean_something_else(self, sentence: str) -> None:
        assert texts(sentence) == [sentence]

    def test_no_ends_a_sentence_unless_a_number_follows(self) -> None:
        assert texts("The answer is no. Then we left.") == ["The answer is no.", "Then we left."]

    def test_does_not_split_lines_broken_in_mid_sentence(self) -> None:
        text = (
            "The applicant must bring the original of the\nIdentity Card and pay the fee at the counter of the\noffice."
        )
        assert texts(text) == [text]

    def test_always_splits_at_a_blank_line(self) -> None:
        assert texts("one two\n \nthree") == ["one two", "three"]

    def test_headings_list_items_and_short_lines_stand_alone(self) -> None:
        text = "# Fees\nPay at the counter.\n- cash\n- card\n1. Ask\n2) Wait\n（一）甲\nName: A\nFee: 20"
        assert texts(text) == text.split("\n")

    def test_a_heading_without_markup_is_told_by_its_length(self) -> None:
        body = "The main hall of the city is open from nine in the morning until five in the\nevening of every working day."
        assert texts(f"Opening hours\n{body}") == ["Opening hours", body]

    def test_table_rows_are_sentences_and_rules_are_none(self) -> None:
        assert texts("| Fee | Note. Two |\n|---|---|\n| 20 | b |\nAfter.") == [
            "| Fee | Note. Two |",
            "| 20 | b |",
            "After.",
        ]

    def test_cuts_very_long_sentences_at_clause_marks(self) -> None:
        text = "and then, " * 200
        assert all(len(piece) <= LONGEST and piece.endswith(",") for piece in texts(text))

    def test_cuts_text_without_any_mark(self) -> None:
        assert "".join(texts("x" * 2000)) == "x" * 2000
        assert max(map(len, texts("x" * 2000))) <= LONGEST

    def test_cuts_thai_at_spaces(self) -> None:
        text = "ประโยคภาษาไทยหนึ่งประโยค " * 60
        pieces = texts(text)
        assert len(pieces) > 3
        assert all(len(piece) <= 2 * UNSPACED_PIECE for piece in pieces)
        assert " ".join(pieces) == text.strip()

    def test_leaves_out_what_says_nothing(self) -> None:
        assert texts(" \n\n --- \n\n *** ") == []

    @given(st.text(alphabet=st.sampled_from("aB1. ,\n|-?!。？ก\t#•é「」")))
    def test_spans_are_ordered_apart_trimmed_and_lose_no_letter(self, text: str) -> None:
        spans = split(text)
        end = 0
        for span in spans:
            assert end <= span.start < span.end
            assert text[span.start : span.end] == text[span.start : span.end].strip()
            end = span.end
        kept = "".join(text[span.start : span.end] for span in spans)
        assert [char for char in kept if char.isalnum()] == [char for char in text if char.isalnum()]
