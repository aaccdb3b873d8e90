from __future__ import annotations

from ui.widgets.blocks import CLOSE, OPEN, Block, blocks


class TestBlocks:
    def test_are_paragraphs_and_code(self) -> None:
        text = "One.\n\n```python\nx = 1\n\n\ny = 2\n```\nTwo.\n~~~\nz\n~~~"
        assert blocks(text) == [
            Block("One."),
            Block("x = 1\n\n\ny = 2", "python", 0),
            Block("Two."),
            Block("z", "", 1),
        ]

    def test_show_code_that_is_still_coming(self) -> None:
        assert blocks("One.\n```python\nx =") == [Block("One."), Block("x =", "python", 0)]

    def test_mark_spans(self) -> None:
        assert blocks("One. Two.", [(5, 9)]) == [Block(f"One. {OPEN}Two.{CLOSE}")]

    def test_take_no_marks_from_the_text(self) -> None:
        assert blocks(f"a{OPEN}b{CLOSE}c") == [Block("a b c")]
