from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.chunk import chunk
from ingest.parse import parse
from ingest.parse.draft import Draft, Part, finish
from vernacular.types import Chunk, Document

SENTENCE = "The office opens at nine and closes at five on working days. "
PIECES = st.sampled_from(
    ["# Heading\n", "## Deeper\n\n", "\n\n", "\n", SENTENCE, "辦事處上午九時開放。", "x" * 70, " ", "| a | b |\n| --- | --- |\n",
     "| 1 | two words |\n", "สำนักงานเปิดเวลาเก้าโมง ", "يفتح المكتب الساعة التاسعة. ", "e\u0301" * 9, "```\ncode\n```\n"]
)  # fmt: skip


def document(*pages: str, markdown: bool = True) -> Document:
    return finish(
        Draft([Part(page) for page in pages], paged=len(pages) > 1, markdown=markdown), "a.md", "text/markdown"
    )


class TestChunk:
    def test_keeps_a_short_document_whole(self) -> None:
        assert chunk(Document("1", "  Opens at nine.\n")) == [Chunk(0, "Opens at nine.", 2, 16)]

    def test_gives_no_chunk_for_white_space(self) -> None:
        assert chunk(Document("1", " \n ")) == []

    def test_cuts_long_text_between_sentences(self) -> None:
        chunks = chunk(document(SENTENCE * 60))
        assert len(chunks) > 3
        assert all(each.text.startswith("The office") and each.text.endswith("days.") for each in chunks)
        assert all(700 < len(each.text) <= 1000 for each in chunks[:-1])

    def test_cuts_chinese_text_shorter(self) -> None:
        chunks = chunk(document("辦事處逢星期一至五上午九時至下午五時開放予市民查詢。" * 60))
        assert len(chunks) > 3
        assert max(len(each.text) for each in chunks) <= 640
        assert all(each.text.endswith("。") for each in chunks)

    def test_keeps_a_heading_with_the_text_below_it(self) -> None:
        text = f"# Rules\n\n{SENTENCE * 15}\n\n## Fees\n\n{SENTENCE * 15}"
        first, second = chunk(document(text))
        assert first.headings == ("Rules",)
        assert second.text.startswith("## Fees\n\nThe office")
        assert second.headings == ("Rules", "Fees")

    def test_leaves_a_heading_out_of_the_path_once_its_section_ends(self) -> None:
        text = f"# A\n\n## B\n\n{SENTENCE * 15}\n\n# C\n\n{SENTENCE * 15}"
        assert [each.headings for each in chunk(document(text))] == [("A", "B"), ("C",)]

    def test_keeps_pages_apart(self) -> None:
        chunks = chunk(document("One page.", "Another page."))
        assert [(each.text, each.page) for each in chunks] == [("One page.", 1), ("Another page.", 2)]

    def test_runs_over_a_page_break_inside_a_sentence_only(self) -> None:
        first, second = chunk(document("The fee is due", "within ten days. A late fee applies afterwards."))
        assert (first.text, first.page) == ("The fee is due\n\nwithin ten days.", 1)
        assert (second.text, second.page) == ("A late fee applies afterwards.", 2)

    def test_keeps_a_table_whole_where_it_fits(self) -> None:
        table = "| fee | amount |\n| --- | --- |\n" + "| a row | 10 |\n" * 60
        chunks = chunk(document(f"{SENTENCE * 10}\n\n{table}\n\n{SENTENCE * 10}"))
        assert any(table.strip() in each.text for each in chunks)

    def test_cuts_a_long_table_between_rows(self) -> None:
        table = "| fee | amount |\n| --- | --- |\n" + "| a row of a long table | 10 |\n" * 200
        chunks = chunk(document(table))
        assert len(chunks) > 3
        assert all(line.startswith("|") and line.endswith("|") for each in chunks for line in each.text.splitlines())

    def test_cuts_a_word_without_end_before_it_grows_too_long(self) -> None:
        assert all(len(each.text) <= 1600 for each in chunk(document("x" * 10_000)))

    @given(st.lists(PIECES, max_size=120).map("".join), st.integers(1, 3))
    def test_puts_every_character_that_is_not_white_space_into_one_chunk(self, text: str, pages: int) -> None:
        if not text.strip():
            return
        made = document(*[text] * pages)
        chunks = chunk(made, target=200, maximum=320)
        at = 0
        for number, each in enumerate(chunks):
            assert each.ordinal == number
            assert each.text == made.text[each.start : each.end]
            assert each.text == each.text.strip()
            assert 0 < len(each.text) <= 320
            assert not made.text[at : each.start].strip()
            at = each.end
        assert not made.text[at:].strip()

    @given(st.text(max_size=3000))
    def test_copes_with_any_text(self, text: str) -> None:
        made = Document("1", text)
        chunks = chunk(made, target=100, maximum=160)
        assert "".join("".join(each.text.split()) for each in chunks) == "".join(text.split())

    def test_finds_the_page_of_a_slide_that_others_precede(self) -> None:
        made = document("", "Second slide.", "Third slide.")
        assert [each.page for each in chunk(made)] == [2, 3]

    def test_goes_with_what_the_parser_makes_of_markdown(self) -> None:
        made = parse(b"# Title\n\nText.\n\nUnder\n-----\nMore.", "a.md")
        assert chunk(made)[0].headings == ("Title",)
