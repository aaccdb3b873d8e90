from __future__ import annotations

import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from serve.rag.ground import Grounds
from serve.rag.writing import Mode, Writer, Written
from tests.serve.rag.library import TOWN, hit

MANUAL = "To run it:\n\npip install town\ntown start --port 80\n\nThat is all there is to it."
HITS = [hit(document.text, title=document.title) for document in TOWN] + [hit(MANUAL, title="Manual")]
TRUE, ALSO_TRUE = "A bicycle costs 4 crowns an hour [1].", "The first half hour is free [1]."
FALSE = "A bicycle costs 9 crowns an hour [1]."
CODE = "```bash\npip install town\ntown start --port 80\n```"
ANSWER = f"""Here is how:

- {TRUE}
- {FALSE}
- The first half hour is free.[1] [7]

<img src=x> [a](http://b) Bicycles must be returned to a station before midnight [1](http://evil). `<b>` is `x` lone ` tick.

{CODE}
And then:
~~~
rm -rf /
~~~
The moon is made of cheese. A day ticket for the pool costs 9 crowns for adults [2]."""
LIVE = regex.compile(r"(?<!\\)(?:\\\\)*<[A-Za-z/!?]|\](?:\(|:)")
PIECES = ["<", "img", "[", "]", "(", ")", ":", "\\", "`", "``", "!", "x", " ", "\n", "[1]", "[2](", "http://e", "```", "~~~", "4 crowns",
          "A bicycle costs 4 crowns an hour", ".", "\u202e", "/b>", "NO_", "ANSWER", "|"]  # fmt: skip


def write(text: str, mode: Mode = "sentences", size: int = 10_000, complete: bool = True) -> Written:
    writer = Writer(Grounds(HITS, "en"), len(HITS), mode)
    sent = "".join(writer.feed(text[at : at + size]) for at in range(0, len(text), size)) + writer.finish(complete)
    assert sent == writer.written().text
    return writer.written()


class TestSentences:
    def test_are_sent_if_they_are_borne_out_and_else_left_out(self) -> None:
        written = write(f"{TRUE} {FALSE} {ALSO_TRUE}")
        assert written.text == f"{TRUE} {ALSO_TRUE}"
        assert (written.supported, written.dropped) == (2, 1)

    def test_have_markers_that_count_from_one(self) -> None:
        written = write("A day ticket for the pool costs 9 crowns for adults [2]. " + TRUE)
        assert regex.findall(r"\[\d\]", written.text) == ["[1]", "[2]"]
        assert [quote.hit.title for quote in written.quotes] == ["Outdoor swimming pool", "Bicycle rental"]

    def test_lose_markers_that_were_invented(self) -> None:
        assert write("The first half hour is free [9][1] [77].").text == "The first half hour is free [1]."

    def test_get_the_marker_they_lack(self) -> None:
        assert write("A bicycle costs 4 crowns an hour.").text == "A bicycle costs 4 crowns an hour. [1]"

    def test_wait_for_the_sentence_they_lead_over_to(self) -> None:
        writer = Writer(Grounds(HITS, "en"), len(HITS), "sentences")
        assert writer.feed("Here is what it costs:\n\n") == ""
        assert writer.feed(f"{TRUE}\n") == f"Here is what it costs:\n\n{TRUE}"

    def test_wait_while_more_fails_than_holds(self) -> None:
        assert write(f"{FALSE} {FALSE} {TRUE}").text == ""
        assert write(f"{FALSE} {FALSE} {TRUE} {ALSO_TRUE}").text == f"{TRUE} {ALSO_TRUE}"

    def test_are_no_use_when_nothing_holds(self) -> None:
        writer = Writer(Grounds(HITS, "en"), len(HITS), "sentences")
        writer.feed("The moon is cheese. Mars is a red planet. Venus is a hot one. Pluto is rather cold. And so on.")
        assert writer.hopeless

    def test_without_an_end_are_left_out_of_an_answer_that_was_cut_off(self) -> None:
        assert write(f"{TRUE} The first half hour", complete=False).text == TRUE
        assert write(f"{TRUE} {ALSO_TRUE}", complete=False).text == f"{TRUE} {ALSO_TRUE}"

    def test_may_be_rows_of_a_table(self) -> None:
        text = "| What | Fee |\n|---|---|\n| A bicycle an hour | 4 crowns |\n"
        assert write(text).text == "| What | Fee |\n|---|---|\n| A bicycle an hour | 4 crowns [1] |"

    def test_of_the_sentinel_decline(self) -> None:
        for said in ("NO_ANSWER", "NO_ANSWER.", "**NO_ANSWER**\n", " `NO_ANSWER` [1]"):
            for mode in ("sentences", "tokens"):
                written = write(said, mode, 2)
                assert (written.text, written.no_answer) == ("", True)

    def test_of_the_sentinel_after_an_answer_are_left_out(self) -> None:
        written = write(f"{TRUE}\nNO_ANSWER")
        assert (written.text, written.no_answer) == (TRUE, False)


class TestTokens:
    def test_are_sent_before_their_sentence_ends(self) -> None:
        writer = Writer(Grounds(HITS, "en"), len(HITS), "tokens")
        assert writer.feed("A bicycle costs") == "A bicycle costs"
        assert writer.feed(" 4 crowns [") == " 4 crowns"
        assert writer.feed("1] an hour.\n") == " [1] an hour."

    def test_are_marked_where_nothing_bears_them_out(self) -> None:
        written = write(f"{TRUE} {FALSE}", "tokens", 2)
        assert [written.text[start:end] for start, end in written.unsupported] == ["A bicycle costs 9 crowns an hour."]

    def test_hold_half_of_the_sentinel_back(self) -> None:
        writer = Writer(Grounds(HITS, "en"), len(HITS), "tokens")
        assert "".join(map(writer.feed, ["N", "O", "_ANS", "WER"])) + writer.finish() == ""


class TestCode:
    def test_is_kept_whole_and_cited_where_it_stands_in_a_passage(self) -> None:
        written = write(f"{TRUE}\n\n{CODE}")
        assert written.text == f"{TRUE}\n\n{CODE}\n[2]"
        (block,) = written.code
        assert (block.language, block.verified) == ("bash", True)
        assert written.text[block.start : block.end] == CODE
        assert written.quotes[1].text == "pip install town\ntown start --port 80"

    def test_is_kept_and_marked_where_the_model_wrote_it(self) -> None:
        written = write(f"{TRUE}\n```\na[1] = b[2]\n\n\n<b>\n```")
        assert written.text == f"{TRUE}\n```text\na[1] = b[2]\n\n\n<b>\n```"
        assert [block.verified for block in written.code] == [False]

    def test_is_sent_line_by_line(self) -> None:
        writer = Writer(Grounds(HITS, "en"), len(HITS), "sentences")
        writer.feed(f"{TRUE}\n")
        assert writer.feed("```python\n") == "\n```python"
        assert writer.feed("x = 1\n") == "\nx = 1"
        assert writer.feed("y") == ""
        assert writer.finish() == "\ny\n```"

    def test_first_waits_for_a_line_that_stands_in_a_passage(self) -> None:
        assert write(CODE).text == f"{CODE}\n[1]"
        assert write("```\nrm -rf /\n```").text == ""


class TestHarmless:
    def test_nothing_is_live(self) -> None:
        written = write(ANSWER, "tokens")
        prose = regex.sub(r"(?ms)^(```|~~~).*?^\1$|`[^`]*`", "", written.text)
        assert not LIVE.search(prose), prose

    @settings(max_examples=400, deadline=None)
    @given(st.lists(st.sampled_from(PIECES), max_size=25), st.integers(1, 7))
    def test_whatever_is_written_and_however_it_is_cut(self, pieces: list[str], size: int) -> None:
        text = write("".join(pieces), "tokens", size).text
        prose = regex.sub(r"(?ms)^(`{3,}|~{3,})[^\n]*$.*?^\1$|(?<!`)(`+)(?!`).+?(?<!`)\2(?!`)", "x", text)
        assert not LIVE.search(prose), text
        assert "\u202e" not in text


class TestCuts:
    def test_change_nothing(self) -> None:
        for mode in ("sentences", "tokens"):
            whole = write(ANSWER, mode)
            for size in range(1, 20):
                assert write(ANSWER, mode, size) == whole, (mode, size)
