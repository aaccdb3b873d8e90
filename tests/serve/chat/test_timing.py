from __future__ import annotations

from typing import Any

import pytest

from serve.chat.timing import Timing
from tests.serve.gateway import Gateway


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


class TestTiming:
    def test_of_a_stream_tells_when_the_first_text_left(self) -> None:
        clock = Clock()
        timing = Timing(streamed=True, clock=clock)
        timing.sent("")
        clock.seconds += 0.25
        timing.sent("Good")
        clock.seconds += 1
        timing.sent(" day")
        assert timing.details(cut_off=False) == {"took_ms": 1250, "first_ms": 250}

    def test_of_a_whole_answer_is_the_same_to_its_first_word_and_its_last(self) -> None:
        clock = Clock()
        timing = Timing(streamed=False, clock=clock)
        timing.sent("Good")
        clock.seconds += 0.5
        assert timing.details(cut_off=False) == {"took_ms": 500, "first_ms": 500}

    def test_of_what_was_cut_off_tells_no_end(self) -> None:
        timing = Timing(streamed=True, clock=Clock())
        timing.sent("Good")
        assert timing.details(cut_off=True) == {"took_ms": None, "first_ms": 0}


def details_of(gateway: Gateway, key: str) -> list[dict[str, Any]]:
    """Of the answers that this key got."""
    listed = gateway.call("GET", "/v1/conversations", key).json()["conversations"]
    found = [gateway.call("GET", f"/v1/conversations/{each['id']}", key).json() for each in listed]
    return [message["details"] for each in found for message in each["messages"] if message["role"] == "assistant"]


class TestConversations:
    @pytest.mark.parametrize("streamed", [True, False])
    @pytest.mark.parametrize("question", ["What does a permit cost?", "Of this nothing is unknown?"])
    def test_keep_how_long_each_answer_took(self, gateway: Gateway, key: str, question: str, streamed: bool) -> None:
        gateway.ask(key, question, stream=streamed)
        (details,) = details_of(gateway, key)
        assert 0 <= details["first_ms"] <= details["took_ms"]
        assert (details["first_ms"] == details["took_ms"]) or streamed
