"""Reading a tenant's log: pages of entries, their content for those who may, checkpoints, and whether all of it is whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Select

from vernacular.audit.chain import Chain, key_names
from vernacular.audit.entries import content_of
from vernacular.audit.events import Actor
from vernacular.audit.export import checkpoints_of
from vernacular.audit.proofs import Prover
from vernacular.audit.verify_audit import Report, read_keys, verify, witness_texts
from vernacular.db.models import ApiKeyRow, AuditCheckpointRow, AuditEntryRow, AuditHeadRow, UserRow
from vernacular.errors import BadRequest, NotFound
from vernacular.tenancy import TenantScope

_AT_ONCE: Final = 2000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: all conditions hold. `event`: its name, or what names begin with, ending in a dot. `subject` and `actor`: a
    pseudonym, or what it was made of (an account's id, a caller's `user`, a conversation's id; an account's or a key's id)."""

    event: str = ""
    subject: str = ""
    actor: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


def entries(scope: TenantScope, chain: Chain, wanted: Wanted, limit: int, *, content: bool) -> list[dict[str, Any]]:
    """The newest first, as they stand in the log; `content`: decrypted, under `content`."""
    found: list[dict[str, Any]] = []
    before = wanted.before
    actors = _actors(scope, chain, wanted.actor)
    while len(found) < limit:
        statement = _statement(scope, chain, wanted, before).limit(_AT_ONCE if actors else limit - len(found))
        rows = scope.execute(statement).all()
        read = (json.loads(row.body) for row in rows)
        found += [entry for entry in read if not actors or entry["actor"]["id"] in actors]
        if not actors or len(rows) < _AT_ONCE:
            break
        before = rows[-1].seq
    found = found[:limit]
    return _with_content(scope, chain, found) if content else found


def names_of_actors(scope: TenantScope, chain: Chain) -> dict[str, str]:
    """Who stands behind the pseudonyms of those who act: the tenant's accounts and keys, as far as they are still there."""
    subjects, tenant = chain.subjects, scope.tenant
    users = scope.execute(scope.select(UserRow.id, UserRow.username)).all()
    keys = scope.execute(scope.select(ApiKeyRow.id, ApiKeyRow.kind, ApiKeyRow.name, ApiKeyRow.prefix)).all()
    named = {subjects.account(tenant, row.id): row.username for row in users}
    for row in keys:
        actor = Actor("widget" if row.kind == "widget" else "key", row.id)
        named[subjects.actor(tenant, actor)] = row.name or row.prefix
    return named


def _statement(scope: TenantScope, chain: Chain, wanted: Wanted, before: int | None) -> Select[Any]:
    statement = scope.select(AuditEntryRow.seq, AuditEntryRow.body).order_by(AuditEntryRow.seq.desc())
    if wanted.event.endswith("."):
        statement = statement.where(AuditEntryRow.event.startswith(wanted.event, autoescape=True))
    elif wanted.event:
        statement = statement.where(AuditEntryRow.event == wanted.event)
    if wanted.subject:
        statement = statement.where(AuditEntryRow.subject.in_(chain.subjects.candidates(scope.tenant, wanted.subject)))
    if wanted.since is not None:
        statement = statement.where(AuditEntryRow.at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(AuditEntryRow.at < wanted.until)
    if before is not None:
        statement = statement.where(AuditEntryRow.seq < before)
    return statement


def _actors(scope: TenantScope, chain: Chain, actor: str) -> frozenset[str]:
    if not actor:
        return frozenset()
    behind = Actor("key", actor), Actor("user", actor), Actor("widget", actor)
    return frozenset([actor, *(chain.subjects.actor(scope.tenant, each) for each in behind)])


def _with_content(scope: TenantScope, chain: Chain, found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    names = [key_names(entry["subject"], entry["quotes"]) for entry in found]
    keys = chain.keys_of(scope, {name for each in names for name in each})
    return [
        {**entry, "content": content_of(scope.tenant.id, entry, [keys[name] for name in each])}
        for entry, each in zip(found, names, strict=True)
    ]


def list_checkpoints(scope: TenantScope, limit: int, before: int | None = None) -> list[dict[str, Any]]:
    """Signed tree heads, the newest first, as they were signed."""
    statement = scope.select(AuditCheckpointRow.body).order_by(AuditCheckpointRow.size.desc()).limit(limit)
    if before is not None:
        statement = statement.where(AuditCheckpointRow.size < before)
    return [json.loads(body) for body in scope.execute(statement).scalars()]


def prover(scope: TenantScope, size: int) -> Prover:
    """Of the log's first `size` entries.

    Raises:
        NotFound: there are not so many.
    """
    first, end = first_and_end(scope)
    if not first < size <= end:
        raise NotFound(f"The log has no {size} entries.", f"It keeps numbers {first} to {end - 1}.")
    statement = scope.select(AuditEntryRow.body).where(AuditEntryRow.seq < size).order_by(AuditEntryRow.seq)
    leaves = [bytes.fromhex(json.loads(body)["h"]) for body in scope.execute(statement).scalars()]
    return Prover(leaves, first, [bytes.fromhex(node) for node in _nodes_at(scope, first)])


def first_and_end(scope: TenantScope) -> tuple[int, int]:
    """The number of the first entry kept, and of the next one to come."""
    row = scope.execute(scope.select(AuditHeadRow.first_seq, AuditHeadRow.next_seq)).one_or_none()
    return (0, 0) if row is None else (row.first_seq, row.next_seq)


def verify_log(scope: TenantScope, pem: bytes, witnesses: Path | None = None, *, unsigned: int = 0) -> Report:
    """Hold the tenant's log against its chain, its checkpoints and their copies, and its table against the entries.

    `pem`: the public keys to trust. `unsigned`: entries up to which there need not be a checkpoint yet.

    Raises:
        BadRequest: the public keys, or the copies, cannot be read.
    """
    try:
        keys = read_keys(pem)
        kept = witness_texts(witnesses, scope.tenant.id) if witnesses else []
    except (OSError, ValueError) as error:
        raise BadRequest(f"What the log is to be held against cannot be read: {error}.") from None
    first, end = first_and_end(scope)
    points, odd = checkpoints_of(scope), _Odd()
    report = verify(scope.tenant.id, odd.lines(scope), points, keys, first=first, witnesses=kept, unsigned=unsigned)
    if first + report.entries < end and report.whole:
        report.find(
            f"The log's head tells of {end} entries, and there are {first + report.entries}: the end is missing."
        )
    for sentence in odd.findings:
        report.find(sentence)
    return report


class _Odd:
    """Entries whose columns, by which they are searched, do not say what they say themselves."""

    def __init__(self) -> None:
        self.findings: list[str] = []

    def lines(self, scope: TenantScope) -> Iterator[str]:
        after = -1
        columns = AuditEntryRow.seq, AuditEntryRow.event, AuditEntryRow.subject, AuditEntryRow.body
        while True:
            statement = scope.select(*columns).where(AuditEntryRow.seq > after).order_by(AuditEntryRow.seq)
            rows = scope.execute(statement.limit(_AT_ONCE)).all()
            for row in rows:
                self._check(row)
                yield row.body
            if len(rows) < _AT_ONCE:
                return
            after = rows[-1].seq

    def _check(self, row: Any) -> None:
        try:
            entry: Mapping[str, Any] = json.loads(row.body)
            same = entry["seq"] == row.seq and entry["event"] == row.event and entry["subject"] == row.subject
        except (ValueError, KeyError, TypeError):
            return  # told by `verify`
        if not same:
            self.findings.append(f"Entry {row.seq} is listed under another event or person than it tells.")


def _nodes_at(scope: TenantScope, size: int) -> Iterable[str]:
    if size == 0:
        return []
    body = scope.execute(scope.select(AuditCheckpointRow.body).where(AuditCheckpointRow.size == size)).scalar_one()
    nodes: list[str] = json.loads(body)["nodes"]
    return nodes
