from __future__ import annotations

import orjson
import pytest

from serve.engine.pool.failures import SAID_AT_MOST, Kind, from_status, refused, said_in
from vernacular.errors import ContextTooLong, ModelRefused


class TestFromStatus:
    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (500, Kind.BROKEN),
            (502, Kind.BROKEN),
            (401, Kind.BROKEN),
            (302, Kind.BROKEN),
            (503, Kind.SHED),
            (429, Kind.SHED),
            (404, Kind.MISSING),
            (400, Kind.REFUSED),
            (422, Kind.REFUSED),
        ],
    )
    def test_tells_whose_fault_it_is(self, status: int, kind: Kind) -> None:
        assert from_status(status, b"{}", None).kind is kind

    @pytest.mark.parametrize(
        ("header", "seconds"), [("7", 7), (None, 0), ("Wed, 21 Oct 2026 07:28:00 GMT", 0), ("²", 0)]
    )
    def test_keeps_how_long_to_wait(self, header: str | None, seconds: int) -> None:
        assert from_status(503, b"", header).retry_after_s == seconds


class TestSaid:
    @pytest.mark.parametrize(
        "body",
        [b'{"error": {"message": "why"}}', b'{"message": "why", "object": "error"}', b'{"error": "why"}', b"why"],
    )
    def test_is_found_in_every_form(self, body: bytes) -> None:
        assert said_in(body) == "why"

    @pytest.mark.parametrize("body", [b"\xff" * 9999, b"[1]", b"3", orjson.dumps({"error": {"message": "x" * 9999}})])
    def test_is_never_long(self, body: bytes) -> None:
        assert len(said_in(body)) <= SAID_AT_MOST


class TestRefused:
    @pytest.mark.parametrize(
        "said",
        [
            "This model's maximum context length is 2048 tokens. However, you requested 700 output tokens",
            "the request exceeds the available context size. try increasing the context size",
            "The decoder prompt (length 9000) is longer than the maximum model length of 2048.",
        ],
    )
    def test_knows_what_is_too_long(self, said: str) -> None:
        assert type(refused(said)) is ContextTooLong

    def test_does_not_pass_on_what_may_quote_the_prompt(self) -> None:
        error = refused("cannot parse: MY SECRET QUESTION")
        assert type(error) is ModelRefused
        assert "SECRET" not in error.message + error.hint
