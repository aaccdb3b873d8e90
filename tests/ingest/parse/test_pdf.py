from __future__ import annotations

import pytest

from ingest.parse import parse
from tests.ingest import samples
from vernacular.errors import EncryptedFile, UnreadableFile, UnsupportedFile


def body(words: str, *, at: float = 600) -> list[samples.Placed]:
    return [(72, at - 14 * line, 11, words) for line in range(6)]


class TestPdf:
    def test_joins_lines_to_paragraphs_and_words_at_hyphens(self) -> None:
        page = [
            (72, 700, 11, "The office opens at nine on every work-"),
            (72, 686, 11, "ing day of the week and closes at five."),
        ]
        document = parse(samples.pdf([page], title="Opening hours"), "hours.pdf")
        assert document.text == "The office opens at nine on every working day of the week and closes at five."
        assert document.title == "Opening hours"

    def test_finds_headings_by_their_size(self) -> None:
        page = [(72, 740, 24, "Parking permits"), *body("A resident may apply for one permit for each vehicle.")]
        document = parse(samples.pdf([page]), "permits.pdf")
        assert document.text.startswith("# Parking permits\n\nA resident")
        assert document.title == "Parking permits"

    def test_makes_rows_with_wide_gaps_a_table(self) -> None:
        page = [
            (x, y, 11, text)
            for y, row in ((700, ("Kind", "Fee")), (684, ("Resident", "12")))
            for x, text in zip((72, 300), row, strict=True)
        ]
        assert parse(samples.pdf([page]), "fees.pdf").text == "| Kind | Fee |\n| --- | --- |\n| Resident | 12 |"

    def test_knows_where_pages_stand(self) -> None:
        document = parse(samples.pdf([body("First page words."), [], body("Third page words.")]), "a.pdf")
        assert [(page.number, document.text[page.start : page.end][:5]) for page in document.pages] == [
            (1, "First"),
            (3, "Third"),
        ]

    def test_leaves_out_running_heads_and_page_numbers(self) -> None:
        words = ["Alpha is said here.", "Beta is said there.", "Gamma is said again."]
        pages = [
            [(72, 780, 9, "Annual report"), *body(text), (300, 20, 9, f"Page {at}")] for at, text in enumerate(words)
        ]
        text = parse(samples.pdf(pages), "report.pdf").text
        assert "Annual report" not in text
        assert "Page" not in text
        assert all(word in text for word in words)

    def test_reads_arabic_in_logical_order(self) -> None:
        said = "تفتح المكاتب الساعة 9 صباحا"
        painted = said[::-1]
        assert parse(samples.pdf_of_glyphs([(700, painted)]), "arabic.pdf").text == said

    @pytest.mark.parametrize(
        ("painted", "said"),
        [
            ("(10.50) رعسلا", "السعر (10.50)"),
            ("Python (3.11) ةغل", "لغة Python (3.11)"),
            ("نآلا (Python 3) ةغل", "لغة (Python 3) الآن"),
            ("2026-01-15 خيرات", "تاريخ 2026-01-15"),
        ],
    )
    def test_keeps_latin_words_and_numbers_in_arabic_the_right_way_round(self, painted: str, said: str) -> None:
        assert parse(samples.pdf_of_glyphs([(700, painted)]), "arabic.pdf").text == said

    def test_that_needs_a_password_is_refused(self) -> None:
        with pytest.raises(EncryptedFile, match="password"):
            parse(samples.pdf([body("Secret.")], encrypted=True), "secret.pdf")

    def test_that_is_broken_is_refused(self) -> None:
        with pytest.raises(UnreadableFile, match="damaged"):
            parse(b"%PDF-1.7\nnothing that follows makes sense" * 20, "broken.pdf")

    def test_that_was_cut_off_is_recovered_where_possible(self) -> None:
        whole = samples.pdf([body("Words survive.")])
        assert "Words survive." in parse(whole[: whole.rindex(b"xref")], "cut.pdf").text

    def test_without_any_text_says_that_ocr_is_needed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("ingest.parse.ocr.available", lambda: False)
        with pytest.raises(UnsupportedFile, match="scan"):
            parse(samples.pdf([[], []]), "scan.pdf")

    def test_that_is_a_scan_is_read_by_ocr_where_there_is_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        pictures: list[bytes] = []

        def recognise(picture: bytes) -> str:
            pictures.append(picture)
            return "Read from a picture."

        monkeypatch.setattr("ingest.parse.ocr.available", lambda: True)
        monkeypatch.setattr("ingest.parse.ocr.recognise", recognise)
        document = parse(samples.pdf([body("Painted words."), []]), "scan.pdf")
        assert [document.text[page.start : page.end][-10:] for page in document.pages] == [
            "ted words.",
            " a picture."[-10:],
        ]
        head = b"P5 2500 3334 255\n"
        assert pictures[0].startswith(head)
        assert len(pictures[0]) == len(head) + 2500 * 3334
