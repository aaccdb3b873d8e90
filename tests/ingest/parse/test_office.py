from __future__ import annotations

import pytest

from ingest.parse import parse
from ingest.parse.office import readable
from tests.ingest import samples
from vernacular.errors import EmptyFile, UnreadableFile, UnsupportedFile


class TestOffice:
    def test_reads_word_files_with_headings_and_tables(self) -> None:
        body = samples.paragraph("Parking permits", "Heading1") + samples.paragraph("Apply *here* for one_thing!")
        body += samples.word_table([["Kind", "Fee"], ["Resident", "12"]])
        document = parse(samples.docx(body), "permits.docx")
        assert document.text.startswith("# Parking permits\n\nApply ")
        assert "\\" not in document.text
        assert "| Resident | 12 |" in document.text
        assert (document.title, len(document.tables)) == ("Parking permits", 1)

    def test_reads_each_sheet_under_its_name(self) -> None:
        document = parse(
            samples.xlsx({"Fees": [["Kind", "Fee"], ["Resident", "12"]], "費用": [["甲", "乙"]]}), "fees.xlsx"
        )
        assert [page.label for page in document.pages] == ["Fees", "費用"]
        assert document.text.startswith("## Fees\n\n| Kind | Fee |")
        assert [document.text[each.start : each.end] for each in document.headings] == ["Fees", "費用"]

    def test_reads_each_slide_as_a_page(self) -> None:
        document = parse(samples.pptx(["Welcome to the desk", "第二頁"]), "deck.pptx")
        assert [(page.number, document.text[page.start : page.end]) for page in document.pages] == [
            (1, "## Welcome to the desk"),
            (2, "## 第二頁"),
        ]

    def test_reads_no_text_on_slides_without_any(self) -> None:
        with pytest.raises(EmptyFile):
            parse(samples.pptx(["", ""]), "deck.pptx")

    def test_goes_by_the_content_where_the_name_is_wrong(self) -> None:
        assert "Hello" in parse(samples.docx(samples.paragraph("Hello there")), "mislabelled.pdf").text

    def test_refuses_archives_that_are_no_documents(self) -> None:
        with pytest.raises(UnsupportedFile):
            parse(samples.archive({"a.txt": "x"}), "files.zip")

    def test_refuses_a_broken_archive(self) -> None:
        with pytest.raises(UnreadableFile, match="damaged"):
            parse(samples.docx(samples.paragraph("Hello"))[:300], "cut.docx")

    def test_refuses_a_zip_bomb(self) -> None:
        with pytest.raises(UnreadableFile, match=r"bomb\.docx"):
            parse(samples.zip_bomb_docx(), "bomb.docx")


class TestReadable:
    def test_shows_the_words_a_reader_sees(self) -> None:
        markdown = (
            "![image1](a.png)**Bold** and *soft* [link](http://x.org/a_(b)) 2\\*3 ![A map](m.png) a_b_c 5 * 3 * 2"
        )
        assert readable(markdown) == "Bold and soft link 2*3 A map a_b_c 5 * 3 * 2"

    def test_leaves_nothing_of_a_picture_on_a_slide(self) -> None:
        assert readable("## Plan\n\n\\![](../media/image2.bin)\n") == "## Plan\n\n\n"

    def test_keeps_escaped_bars_in_tables(self) -> None:
        assert readable("| a \\| b |\n|  |  |\n") == "| a \\| b |\n"
