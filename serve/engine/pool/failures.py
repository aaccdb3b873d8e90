"""How a try at a replica can fail, and what that means for the next try, for the breaker, and for whoever asked."""

from __future__ import annotations

from enum import Enum

import orjson

from vernacular.errors import ContextTooLong, ModelRefused

SAID_AT_MOST = 300
TOO_LONG = (
    "context length",
    "context size",
    "maximum model length",
    "max_model_len",
    "input is too long",
    "context window",
)


class Kind(Enum):
    BROKEN = "broken"
    """The replica fails: count it against the replica, and try another or the same once more."""
    SLOW = "slow"
    """No token in time: count it, and try another, never the same."""
    LATE = "late"
    """The answer, or whoever reads it, took longer than an answer may; nothing is wrong with the replica."""
    SHED = "shed"
    """It has too much to do: try another; nothing is wrong with it."""
    MISSING = "missing"
    """It does not have the model or adapter: try another, and look anew at what it has."""
    REFUSED = "refused"
    """The request itself is not taken: no other replica would."""


class Failure(Exception):
    """A try that failed before its first token, or (BROKEN, SLOW, LATE) after it."""

    def __init__(self, kind: Kind, message: str, retry_after_s: float = 0) -> None:
        super().__init__(message)
        self.kind = kind
        self.retry_after_s = retry_after_s


def from_status(status: int, body: bytes, retry_after: str | None) -> Failure:
    """What an HTTP answer other than 200 means."""
    said = said_in(body)
    if status in {429, 503}:
        seconds = retry_after if retry_after is not None and retry_after.isdecimal() else "0"
        return Failure(Kind.SHED, said, float(seconds))
    if status == 404:
        return Failure(Kind.MISSING, said)
    if status in {401, 403, 405, 407} or status >= 500 or status < 400:
        return Failure(Kind.BROKEN, f"status {status}: {said}")
    return Failure(Kind.REFUSED, said)


def said_in(body: bytes) -> str:
    """The message in an OpenAI error, or the beginning of whatever came."""
    try:
        found = orjson.loads(body)
        error = found.get("error", found)
        message = error.get("message", error) if isinstance(error, dict) else error
    except (ValueError, AttributeError):
        message = body[:SAID_AT_MOST].decode("utf-8", "replace")
    return str(message)[:SAID_AT_MOST]


def refused(said: str) -> ModelRefused:
    """The error for a request that no replica would take. What the server said may quote the prompt: it is not passed on."""
    if any(words in said.lower() for words in TOO_LONG):
        return ContextTooLong("The question and its passages are longer than the model can read at once.")
    return ModelRefused("The model server does not take this request.")
