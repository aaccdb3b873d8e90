"""Approved answers, questions that were not answered, and what people think of the answers they got."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, TypeVar

from ui.api import Api
from ui.gateway.values import day, path_to, readable

APPROVED: Final = "/v1/approved-answers"
QUESTIONS: Final = "/v1/admin/questions"
FEEDBACK: Final = "/v1/admin/feedback"
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Approved:
    """`state`: `indexing`, `live`, `off`, `expired` or `upcoming`."""

    id: str
    question: str
    variants: tuple[str, ...]
    answer: str
    language: str
    uri: str
    active: bool
    valid_from: date | None
    valid_until: date | None
    state: str
    document_id: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ApprovedPage:
    """`total`: of all that match what was looked for. `cursor`: to ask for those after these with; "": there are none."""

    answers: tuple[Approved, ...]
    total: int
    cursor: str


@dataclass(frozen=True, slots=True)
class Wording:
    text: str
    language: str
    dialect: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Cluster:
    """Like questions. `near`: ids and titles of documents. `outcome`: what was done about them; "": nothing."""

    id: str
    question: str
    language: str
    count: int
    last_at: datetime
    dialects: tuple[str, ...]
    wordings: tuple[Wording, ...]
    message_ids: tuple[str, ...]
    near: tuple[tuple[str, str], ...]
    outcome: str


@dataclass(frozen=True, slots=True)
class Clusters:
    """`total` questions in `groups`; `more`: there were more than are looked at."""

    total: int
    groups: int
    more: bool
    clusters: tuple[Cluster, ...]


@dataclass(frozen=True, slots=True)
class Opinion:
    """What someone thinks of an answer: `rating` 1 or -1."""

    message_id: str
    conversation_id: str
    question: str
    answer: str
    rating: int
    reason: str
    comment: str
    language: str
    created_at: datetime
    handled: bool


@dataclass(frozen=True, slots=True)
class Opinions:
    data: tuple[Opinion, ...]
    cursor: str


def approved_answers(api: Api, words: str = "", cursor: str = "") -> ApprovedPage:
    return _read(api.get(APPROVED, q=words or None, cursor=cursor or None), _approved_page)


def approved_answer(api: Api, approved_id: str) -> Approved:
    return _read(api.get(path_to(APPROVED, approved_id)), _approved)


def approve(api: Api, fields: Mapping[str, Any]) -> Approved:
    return _read(api.post(APPROVED, dict(fields)), _approved)


def change_approved(api: Api, approved_id: str, fields: Mapping[str, Any]) -> Approved:
    return _read(api.patch(path_to(APPROVED, approved_id), dict(fields)), _approved)


def delete_approved(api: Api, approved_id: str) -> None:
    api.delete(path_to(APPROVED, approved_id))


def unanswered(api: Api, days: int, *, handled: bool, limit: int = 20) -> Clusters:
    return _read(api.get(QUESTIONS, days=days, handled=str(handled).lower(), limit=limit), _clusters)


def review(api: Api, message_ids: Sequence[str], outcome: str | None) -> None:
    """None: they are unanswered again."""
    api.post(f"{QUESTIONS}/reviews", {"message_ids": list(message_ids), "outcome": outcome})


def opinions(api: Api, rating: int | None, *, handled: bool, cursor: str = "") -> Opinions:
    """`rating`: those alone; None: both."""
    body = api.get(FEEDBACK, rating=rating, handled=str(handled).lower(), cursor=cursor or None)
    return _read(body, lambda page: Opinions(tuple(map(_opinion, page["data"])), page["next_cursor"] or ""))


def put_aside(api: Api, message_id: str, *, handled: bool) -> None:
    api.patch(path_to(FEEDBACK, message_id), {"handled": handled})


def conversation(api: Api, conversation_id: str) -> tuple[tuple[str, str], ...]:
    """Who spoke (`user` or `assistant`), and what was said."""
    body = api.get(path_to("/v1/conversations", conversation_id))
    return _read(body, lambda found: tuple((str(each["role"]), str(each["content"])) for each in found["messages"]))


def _read(body: dict[str, Any], reader: Callable[[Any], Found]) -> Found:
    with readable():
        return reader(body)


def _approved_page(body: Any) -> ApprovedPage:
    return ApprovedPage(tuple(map(_approved, body["data"])), int(body["total"]), body["next_cursor"] or "")


def _approved(each: Any) -> Approved:
    return Approved(
        id=each["id"],
        question=each["question"],
        variants=tuple(each["variants"]),
        answer=each["answer"],
        language=each["language"],
        uri=each["uri"] or "",
        active=bool(each["active"]),
        valid_from=day(each["valid_from"]),
        valid_until=day(each["valid_until"]),
        state=each["state"],
        document_id=each["document_id"] or "",
        updated_at=datetime.fromisoformat(each["updated_at"]),
    )


def _clusters(body: Any) -> Clusters:
    found = tuple(map(_cluster, body["clusters"]))
    return Clusters(int(body["total"]), int(body["groups"]), bool(body["more"]), found)


def _cluster(each: Any) -> Cluster:
    return Cluster(
        id=each["id"],
        question=each["question"],
        language=each["language"],
        count=int(each["count"]),
        last_at=datetime.fromisoformat(each["last_at"]),
        dialects=tuple(each["dialects"]),
        wordings=tuple(map(_wording, each["questions"])),
        message_ids=tuple(each["message_ids"]),
        near=tuple((str(near["document_id"]), str(near["title"])) for near in each["near"]),
        outcome=each["outcome"] or "",
    )


def _wording(each: Any) -> Wording:
    return Wording(each["text"], each["language"], each["dialect"] or "", datetime.fromisoformat(each["created_at"]))


def _opinion(each: Any) -> Opinion:
    return Opinion(
        message_id=each["message_id"],
        conversation_id=each["conversation_id"],
        question=each["question"],
        answer=each["answer"],
        rating=int(each["rating"]),
        reason=each["reason"],
        comment=each["comment"],
        language=each["language"],
        created_at=datetime.fromisoformat(each["created_at"]),
        handled=each["handled_at"] is not None,
    )
