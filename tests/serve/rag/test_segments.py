from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from serve.rag.segments import CodeEnd, CodeLine, CodeStart, Segment, Segmenter, Sentence

ANSWER = """It costs 4. [1] The next is free.[2] And e.g. this is 3.5 [1].

- one [1]
- two `a. B` c. D [2]

  ```python
  def f():
      return "```"

  ```
完成。[1]下一句。再來[2]。
| a | b |
|---|---|
| 1. x | 2 [1] |
~~~
x"""
PIECES = ["It costs 4.", " [1]", "[2]", " ", "\n", "```", "~~~", "py", "`x. Y`", "`", "。", "完成", "!", "NO_ANSWER", "<think>", "</think>",
          "e.g.", "3.5", "[", "]", "1", "| a |", "- ", "Next one"]  # fmt: skip


def segments(text: str, size: int = 10_000) -> list[Segment]:
    segmenter = Segmenter()
    found = [each for at in range(0, len(text), size) for each in segmenter.feed(text[at : at + size])]
    return found + segmenter.finish()


class TestSegments:
    def test_are_sentences_with_their_markers_and_code_line_by_line(self) -> None:
        assert segments(ANSWER) == [
            Sentence("It costs 4. [1]", " "),
            Sentence("The next is free.[2]", " "),
            Sentence("And e.g. this is 3.5 [1].", "\n"),
            Sentence("", "\n"),
            Sentence("- one [1]", "\n"),
            Sentence("- two `a. B` c. D [2]", "\n"),
            Sentence("", "\n"),
            CodeStart("```", "python"),
            CodeLine("def f():"),
            CodeLine('    return "```"'),
            CodeLine(""),
            CodeEnd(),
            Sentence("完成。[1]", ""),
            Sentence("下一句。", ""),
            Sentence("再來[2]。", "\n"),
            Sentence("| a | b |", "\n"),
            Sentence("|---|---|", "\n"),
            Sentence("| 1. x | 2 [1] |", "\n"),
            CodeStart("~~~", "text"),
            CodeLine("x"),
            CodeEnd(),
        ]

    def test_do_not_depend_on_where_the_stream_is_cut(self) -> None:
        for size in range(1, 40):
            assert segments(ANSWER, size) == segments(ANSWER), size

    @settings(max_examples=300, deadline=None)
    @given(st.lists(st.sampled_from(PIECES), max_size=30), st.integers(1, 9))
    def test_are_the_same_however_any_text_is_cut(self, pieces: list[str], size: int) -> None:
        text = "".join(pieces)
        assert segments(text, size) == segments(text)

    def test_leave_reasoning_out(self) -> None:
        assert segments("<think>It may be 5. Or so.</think>\n\nIt is 4.", 3) == [Sentence("It is 4.")]
        assert segments("<think>It may be 5.", 3) == []

    def test_come_as_soon_as_they_are_known_to_have_ended(self) -> None:
        segmenter = Segmenter()
        assert segmenter.feed("It costs 4. [1]") == []
        assert segmenter.feed(" The next ") == [Sentence("It costs 4. [1]", " ")]
        assert segmenter.partial == "The next "

    def test_give_code_line_by_line(self) -> None:
        segmenter = Segmenter()
        assert segmenter.feed("```sh\nls\n") == [CodeStart("```", "sh"), CodeLine("ls")]


class TestPartial:
    @settings(max_examples=200, deadline=None)
    @given(st.lists(st.sampled_from(PIECES), max_size=20))
    def test_begins_the_sentence_that_comes_next(self, pieces: list[str]) -> None:
        segmenter = Segmenter()
        expected = ""
        for piece in [*pieces, None]:
            found = segmenter.finish() if piece is None else segmenter.feed(piece)
            if found and expected:
                assert isinstance(found[0], Sentence)
                assert (found[0].text + found[0].after).startswith(expected.rstrip())
            expected = segmenter.partial if piece is not None else ""
