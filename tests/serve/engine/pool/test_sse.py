from __future__ import annotations

from itertools import pairwise

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serve.engine.pool import sse
from serve.engine.pool.sse import BadStream, ErrorInStream, StreamReader, Usage


def event(**content: object) -> bytes:
    return b"data: " + orjson.dumps(content) + b"\n\n"


def token(text: str) -> bytes:
    return event(choices=[{"index": 0, "delta": {"content": text}}])


END = event(choices=[{"index": 0, "delta": {}, "finish_reason": "length"}])
USAGE = event(
    choices=[], usage={"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}}
)
WHOLE = event(choices=[{"delta": {"role": "assistant", "content": ""}}]) + token("你") + token("好\n") + END + USAGE
DONE = b"data: [DONE]\n\n"


class TestStreamReader:
    def test_gives_the_text_and_what_the_end_tells(self) -> None:
        reader = StreamReader()
        reader.feed(WHOLE + DONE)
        assert reader.take() == "你好\n"
        assert (reader.done, reader.finish_reason, reader.usage) == (True, "length", Usage(9, 2, 4))
        assert reader.take() == ""

    @given(cuts=st.lists(st.integers(0, len(WHOLE + DONE)), max_size=8))
    def test_reads_the_same_however_the_bytes_are_cut(self, cuts: list[int]) -> None:
        reader, whole = StreamReader(), WHOLE + DONE
        edges = [0, *sorted(cuts), len(whole)]
        for start, end in pairwise(edges):
            reader.feed(whole[start:end])
        assert (reader.take(), reader.done, reader.finish_reason) == ("你好\n", True, "length")

    def test_takes_carriage_returns_comments_and_other_fields(self) -> None:
        reader = StreamReader()
        reader.feed(b": ping\r\nevent: x\r\n" + token("a").replace(b"\n", b"\r\n") + b"data:[DONE]\r\n\r\n")
        assert (reader.take(), reader.done) == ("a", True)

    @pytest.mark.parametrize("content", [7, ["a"], {"text": "a"}])
    def test_refuses_content_that_is_no_text(self, content: object) -> None:
        with pytest.raises(BadStream):
            StreamReader().feed(event(choices=[{"index": 0, "delta": {"content": content}}]))

    def test_refuses_counts_that_are_no_numbers(self) -> None:
        with pytest.raises(BadStream):
            StreamReader().feed(b'data: {"choices": [], "usage": {"prompt_tokens": 1e999}}\n\n')

    def test_counts_nothing_below_zero(self) -> None:
        reader = StreamReader()
        reader.feed(event(choices=[], usage={"prompt_tokens": -3, "completion_tokens": 5}))
        assert reader.usage == Usage(0, 5)

    def test_has_not_begun_with_the_role_alone(self) -> None:
        reader = StreamReader()
        reader.feed(event(choices=[{"delta": {"role": "assistant", "content": ""}}]))
        assert not reader.begun
        reader.feed(token("a"))
        assert reader.begun

    def test_has_begun_with_the_reasoning_but_gives_none_of_it(self) -> None:
        reader = StreamReader()
        reader.feed(event(choices=[{"delta": {"reasoning_content": "hm"}}]))
        assert (reader.begun, reader.take()) == (True, "")

    @pytest.mark.parametrize("data", [b"data: {nonsense\n\n", b'data: "text"\n\n', b'data: {"choices": [3]}\n\n'])
    def test_refuses_what_is_no_such_stream(self, data: bytes) -> None:
        with pytest.raises(BadStream):
            StreamReader().feed(data)

    def test_refuses_a_line_without_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sse, "LONGEST_LINE", 100)
        reader = StreamReader()
        reader.feed(b"x" * 100)
        with pytest.raises(BadStream):
            reader.feed(b"x")

    def test_raises_the_error_that_the_server_sends(self) -> None:
        with pytest.raises(ErrorInStream, match="dead") as raised:
            StreamReader().feed(event(error={"message": "dead", "code": 503}))
        assert raised.value.code == 503
