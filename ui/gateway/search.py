"""Searches, what changed lately, and the searches that a person keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from ui.api import Api
from ui.gateway.values import moment, path_to, readable

Span = tuple[int, int]
LIMITS: Final = (20, 50, 100)
"""Passages that are shown at first, and each time that more are asked for."""
_IN_DOCUMENT: Final = 100
_SAVED: Final = "/v1/saved-searches"


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage: `text` begins at `start` of its document. `highlights`: its best sentences; `marks`: the words that were looked for."""

    document_id: str
    title: str
    text: str
    start: int
    source: str = ""
    media_type: str = ""
    language: str = ""
    page: int | None = None
    uri: str | None = None
    updated_at: datetime | None = None
    valid_from: str | None = None
    valid_until: str | None = None
    picture: bool = False
    highlights: tuple[Span, ...] = ()
    marks: tuple[Span, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facet:
    """What documents among those found have as `field`: values with numbers of documents, or what lies between two bounds."""

    field: str
    values: tuple[tuple[str | bool, int], ...] = ()
    low: float | date | None = None
    high: float | date | None = None

    @property
    def is_range(self) -> bool:
        return self.low is not None


@dataclass(frozen=True, slots=True)
class Understood:
    """A part of the query, and what was looked for beside it."""

    text: str
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """`declined`: the tenant's safety policy does not search for such things."""

    hits: tuple[Hit, ...]
    facets: tuple[Facet, ...] = ()
    understood: tuple[Understood, ...] = ()
    language: str = ""
    took_ms: float = 0.0
    declined: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """`kind`: `added`, `changed`, `in_force` or `expired`."""

    document_id: str
    title: str
    source: str
    language: str
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """`query`: as `/v1/search` takes it. `new`: documents that are new in it since its owner looked."""

    id: str
    name: str
    query: Mapping[str, Any]
    new: int


def search(api: Api, wish: Mapping[str, Any], limit: int = LIMITS[0]) -> Found:
    """With what there is to choose from, and marks."""
    body = api.post("/v1/search", json={**wish, "top_k": limit, "facets": True, "marks": True})
    with readable():
        query = body.get("query") or {}
        return Found(
            tuple(map(_hit, body.get("hits") or ())),
            tuple(map(_facet, body.get("facets") or ())),
            tuple(
                Understood(str(part["text"]), tuple(map(str, part["terms"]))) for part in query.get("understood") or ()
            ),
            str(query.get("language") or ""),
            float(body.get("took_ms") or 0),
            (body.get("policy") or {}).get("action") == "decline",
        )


def passages(api: Api, wish: Mapping[str, Any], document_id: str) -> tuple[Hit, ...]:
    """The passages of one document that match, with marks."""
    kept = {name: wish[name] for name in ("query", "expand", "without") if name in wish}
    asked = {**kept, "documents": [document_id], "top_k": _IN_DOCUMENT, "marks": True}
    body = api.post("/v1/search", json=asked)
    with readable():
        return tuple(map(_hit, body.get("hits") or ()))


def changes(api: Api, days: int, limit: int) -> tuple[Change, ...]:
    """The latest first."""
    body = api.get("/v1/documents/changes", days=days, limit=limit)
    with readable():
        return tuple(map(_change, body.get("changes") or ()))


def saved_searches(api: Api) -> tuple[SavedSearch, ...]:
    body = api.get(_SAVED)
    return tuple(map(_saved, body.get("data") or ()))


def save_search(api: Api, name: str, wish: Mapping[str, Any]) -> SavedSearch:
    return _saved(api.post(_SAVED, json={"name": name, "query": dict(wish)}))


def rename_search(api: Api, search_id: str, name: str) -> SavedSearch:
    return _saved(api.patch(path_to(_SAVED, search_id), json={"name": name}))


def mark_seen(api: Api, search_id: str) -> SavedSearch:
    return _saved(api.patch(path_to(_SAVED, search_id), json={"seen": True}))


def delete_search(api: Api, search_id: str) -> None:
    api.delete(path_to(_SAVED, search_id))


def _saved(body: Mapping[str, Any]) -> SavedSearch:
    with readable():
        query = body.get("query") or {}
        return SavedSearch(str(body["id"]), str(body.get("name") or ""), query, int(body.get("new") or 0))


def _change(body: Mapping[str, Any]) -> Change:
    return Change(
        str(body["document_id"]),
        str(body.get("title") or ""),
        str(body.get("source") or ""),
        str(body.get("language") or ""),
        str(body.get("change") or ""),
        datetime.fromisoformat(body["at"]),
    )


def _hit(body: Mapping[str, Any]) -> Hit:
    page = body.get("page")
    return Hit(
        str(body.get("document_id") or ""),
        str(body.get("title") or body.get("filename") or body.get("source_id") or ""),
        str(body.get("text") or ""),
        int(body.get("start") or 0),
        str(body.get("source") or ""),
        str(body.get("media_type") or ""),
        str(body.get("language") or ""),
        None if page is None else int(page),
        body.get("uri") or None,
        moment(body.get("updated_at")),
        body.get("valid_from") or None,
        body.get("valid_until") or None,
        bool(body.get("picture")),
        _spans(body.get("highlights")),
        _spans(body.get("marks")),
        body.get("metadata") or {},
    )


def _facet(body: Mapping[str, Any]) -> Facet:
    if body.get("kind") == "range":
        return Facet(str(body["field"]), (), _bound(body.get("min")), _bound(body.get("max")))
    values = tuple((each["value"], int(each["count"])) for each in body.get("values") or ())
    return Facet(str(body["field"]), values)


def _bound(value: Any) -> float | date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _spans(value: Any) -> tuple[Span, ...]:
    return tuple((int(start), int(end)) for start, end in value or ())
