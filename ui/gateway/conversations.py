"""A conversation as the gateway kept it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal
from urllib.parse import quote

from ui.api import Api
from ui.client import Verdict, verdict_of
from ui.gateway.feedback import HELPFUL, NOT_HELPFUL, WITHDRAWN, Rating
from ui.gateway_errors import bad_answer

Shape = Literal["markdown", "json"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question, its answer, and what the visitor said of that."""

    question: str
    text: str
    verdict: Verdict
    rating: Rating


def exchanges(api: Api, conversation_id: str) -> list[Exchange]:
    """
    Raises:
        GatewayError: `unknown_conversation`: there is none, or it is someone else's.
    """
    body = api.get(_path(conversation_id))
    try:
        messages = list(body["messages"])
        return [_exchange(*both) for both in pairwise(messages) if [each["role"] for each in both] == _TURN]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise bad_answer() from error


def exported(api: Api, conversation_id: str, shape: Shape) -> bytes:
    """The conversation as a file that says, to people and to programs, that an AI system gave the answers."""
    content, _media_type = api.content(f"{_path(conversation_id)}/export", format=shape)
    return content


_TURN = ["user", "assistant"]


def _path(conversation_id: str) -> str:
    return f"/v1/conversations/{quote(conversation_id, safe='')}"


def _exchange(asked: Mapping[str, Any], answer: Mapping[str, Any]) -> Exchange:
    details = answer["details"]
    rating: Rating = {1: HELPFUL, -1: NOT_HELPFUL}.get(answer.get("rating") or 0, WITHDRAWN)
    return Exchange(
        str(asked["content"]), str(answer["content"]), verdict_of(details, details.get("annotations") or ()), rating
    )
