"""A tenant's documents and sources, and what sends, lists and deletes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from ui.api import Api
from ui.gateway.values import day, moment, path_to

_DOCUMENTS = "/v1/documents"


@dataclass(frozen=True, slots=True)
class Document:
    """`groups` empty: everyone may read it."""

    id: str
    source: str
    source_id: str
    title: str
    filename: str
    uri: str
    media_type: str
    language: str
    groups: tuple[str, ...]
    valid_from: date | None
    valid_until: date | None
    characters: int
    bytes: int
    picture: bool
    updated_at: datetime

    @property
    def name(self) -> str:
        return self.title or self.filename or self.source_id


@dataclass(frozen=True, slots=True)
class Page:
    """`next_cursor` "": this was the last."""

    documents: tuple[Document, ...]
    next_cursor: str


@dataclass(frozen=True, slots=True)
class Source:
    """`last_state`: of its last job; "": none is known."""

    name: str
    documents: int
    bytes: int
    updated_at: datetime | None
    last_state: str
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sent:
    """What describes what is sent; empty values say nothing."""

    source: str
    sync: bool = False
    groups: tuple[str, ...] = ()
    language: str = ""
    valid_from: date | None = None
    valid_until: date | None = None

    def fields(self) -> dict[str, Any]:
        told: dict[str, Any] = {"groups": list(self.groups), "language": self.language}
        days = {"valid_from": self.valid_from, "valid_until": self.valid_until}
        told |= {name: each.isoformat() for name, each in days.items() if each is not None}
        return {"source": self.source, "sync": self.sync, **{name: value for name, value in told.items() if value}}


def page(api: Api, title: str, source: str, cursor: str, limit: int) -> Page:
    body = api.get(_DOCUMENTS, title=title or None, source=source or None, cursor=cursor or None, limit=limit)
    return Page(tuple(map(_document, body["documents"])), str(body.get("next_cursor") or ""))


def text(api: Api, document_id: str) -> str:
    return str(api.get(f"{path_to(_DOCUMENTS, document_id)}/content")["text"])


def delete(api: Api, document_id: str) -> None:
    api.delete(path_to(_DOCUMENTS, document_id))


def sources(api: Api) -> tuple[Source, ...]:
    return tuple(map(_source, api.get("/v1/sources")["data"]))


def send_files(
    api: Api, files: Sequence[tuple[str, bytes, str]], about: Sent, mapping: Mapping[str, Any] | None = None
) -> str:
    """The job's id. `files`: name, bytes, media type. `mapping`: they are feeds of products, and this is what their columns mean."""
    fields = about.fields() | ({"mapping": dict(mapping)} if mapping else {})
    form = {name: value if isinstance(value, str) else orjson.dumps(value).decode() for name, value in fields.items()}
    return str(api.post(_DOCUMENTS, files=[("file", each) for each in files], data=form)["job_id"])


def send_addresses(api: Api, uris: Sequence[str], about: Sent) -> str:
    """The job's id."""
    return str(api.post(_DOCUMENTS, {"uris": list(uris), **about.fields()})["job_id"])


def _document(told: Mapping[str, Any]) -> Document:
    return Document(
        id=str(told["document_id"]),
        source=str(told["source"]),
        source_id=str(told["source_id"]),
        title=str(told.get("title") or ""),
        filename=str(told.get("filename") or ""),
        uri=str(told.get("uri") or ""),
        media_type=str(told.get("media_type") or ""),
        language=str(told.get("language") or ""),
        groups=tuple(str(each) for each in told.get("groups") or ()),
        valid_from=day(told.get("valid_from")),
        valid_until=day(told.get("valid_until")),
        characters=int(told.get("characters") or 0),
        bytes=int(told.get("bytes") or 0),
        picture=bool(told.get("picture")),
        updated_at=datetime.fromisoformat(told["updated_at"]),
    )


def _source(told: Mapping[str, Any]) -> Source:
    last = told.get("last_job") or {}
    return Source(
        name=str(told["source"]),
        documents=int(told["documents"]),
        bytes=int(told["bytes"]),
        updated_at=moment(told.get("updated_at")),
        last_state=str(last.get("state") or ""),
        last_at=moment(last.get("created_at")),
    )
