"""A tenant's audit log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ui.api import Api


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries; what is empty or None is not looked at. `event`: a name, or what names begin with, ending in a dot. `content`: what people wrote, and
    whose the pseudonyms are."""

    event: str = ""
    actor: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None
    content: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """`actor`: a pseudonym; `name`: whose, where that was asked for and is known."""

    number: int
    at: datetime
    event: str
    decision: str
    kind: str
    role: str
    actor: str
    name: str
    facts: Mapping[str, Any]
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    entries: tuple[Entry, ...]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    at: datetime
    size: int
    root: str
    key: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`findings`: what is wrong, in the gateway's words; `witnesses`: copies of checkpoints on another disk that were held against it."""

    whole: bool
    first: int
    entries: int
    signed: int
    checkpoints: int
    witnesses: int
    findings: tuple[str, ...]
    notes: tuple[str, ...]


def entries(api: Api, wanted: Wanted, limit: int, before: int | None) -> Page:
    body = api.get(
        "/v1/audit",
        limit=limit,
        before=before,
        event=wanted.event or None,
        actor=wanted.actor or None,
        subject=wanted.subject or None,
        since=wanted.since.isoformat() if wanted.since else None,
        until=wanted.until.isoformat() if wanted.until else None,
        content="true" if wanted.content else None,
    )
    return Page(tuple(_entry(each) for each in body["entries"]), body.get("next_before"))


def checkpoints(api: Api, limit: int) -> tuple[Checkpoint, ...]:
    """The last one first."""
    found = api.get("/v1/audit/checkpoints", limit=limit)["checkpoints"]
    return tuple(
        Checkpoint(datetime.fromisoformat(each["at"]), int(each["size"]), str(each["root"]), str(each["key"]))
        for each in found
    )


def verify(api: Api) -> Verdict:
    body = api.get("/v1/audit/verify")
    counts = {name: int(body[name]) for name in ("first", "entries", "signed", "checkpoints", "witnesses")}
    return Verdict(bool(body["whole"]), **counts, findings=tuple(body["findings"]), notes=tuple(body["notes"]))


def export(api: Api) -> bytes:
    """A zip file with the program that verifies it."""
    return api.content("/v1/audit/export")[0]


def _entry(told: Mapping[str, Any]) -> Entry:
    actor = told["actor"]
    return Entry(
        number=int(told["seq"]),
        at=datetime.fromisoformat(told["ts"]),
        event=str(told["event"]),
        decision=str(told["decision"]),
        kind=str(actor["kind"]),
        role=str(actor["role"]),
        actor=str(actor["id"]),
        name=str(actor.get("name") or ""),
        facts=told.get("facts") or {},
        content=told.get("content") or {},
    )
