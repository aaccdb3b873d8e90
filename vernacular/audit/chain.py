"""A tenant's chain in SQL: entries at its end, checkpoints over them, and the keys of those whom they are about.

All within a transaction of the caller's, in which the head's row is locked first: writers in other processes take turns.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vernacular.audit.entries import Entry, make_entry
from vernacular.audit.events import Actor, Event
from vernacular.audit.keys import KEY_BYTES, AuditKeys
from vernacular.audit.subjects import Subjects, document_key
from vernacular.audit.verify_audit import Tree, genesis
from vernacular.db.base import now
from vernacular.db.models import AuditCheckpointRow, AuditEntryRow, AuditHeadRow, AuditSubjectRow
from vernacular.settings import AuditSettings
from vernacular.tenancy import TenantScope

_PARAMETERS = 500


@dataclass(slots=True)
class Head:
    """The end of the chain as it is now."""

    tree: Tree
    last_hash: str
    first: int
    checkpointed: int
    checkpointed_at: datetime


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed tree head. `body`: canonical JSON with the signature."""

    log: str
    size: int
    body: str


@dataclass(frozen=True, slots=True)
class _SubjectKey:
    key: bytes | None
    erased_at: datetime | None


class Chain:
    """Appends to tenants' logs. Without state of its own; thread-safe."""

    def __init__(self, keys: AuditKeys, settings: AuditSettings) -> None:
        self.keys = keys
        self.subjects = Subjects(keys)
        self._settings = settings

    def append(self, scope: TenantScope, events: Sequence[Event]) -> tuple[list[Entry], Checkpoint | None]:
        """Write `events` at the end, and sign a checkpoint if one is due."""
        log, head = scope.tenant.id, self.head(scope)
        whom = [self._whom(scope, event) for event in events]
        keys = self._subject_keys(scope, events, whom)
        entries: list[Entry] = []
        for event, subject in zip(events, whom, strict=True):
            actor = self.subjects.actor(scope.tenant, event.actor)
            seals = [keys[name] for name in _key_names(event, subject)] if event.content else []
            usable = _usable(seals, event.at)
            entry = make_entry(log, head.tree.size, head.last_hash, event, actor=actor, subject=subject, keys=usable)
            head.tree.append(entry.leaf)
            head.last_hash = entry.leaf.hex()
            entries.append(entry)
        scope.insert(AuditEntryRow, [_row(entry) for entry in entries])
        due = self._is_due(head)
        checkpoint = self._sign(scope, head) if due else None
        self._keep(scope, head)
        return entries, checkpoint

    def checkpoint(self, scope: TenantScope) -> Checkpoint | None:
        """Sign the tree as it is; None: the last checkpoint covers it, or the log is empty."""
        head = self.head(scope)
        if head.tree.size == head.checkpointed:
            return None
        made = self._sign(scope, head)
        self._keep(scope, head)
        return made

    def head(self, scope: TenantScope) -> Head:
        """The end of the chain, locked until the transaction ends; made with the first entry."""
        columns = (
            AuditHeadRow.next_seq,
            AuditHeadRow.first_seq,
            AuditHeadRow.last_hash,
            AuditHeadRow.nodes,
            AuditHeadRow.checkpointed,
            AuditHeadRow.checkpointed_at,
        )
        statement = scope.select(*columns).with_for_update()
        found = scope.execute(statement).one_or_none()
        if found is None:
            start = {"next_seq": 0, "first_seq": 0, "last_hash": genesis(scope.tenant.id), "nodes": []}
            scope.insert_if_absent(AuditHeadRow, {**start, "checkpointed": 0, "checkpointed_at": now()})
            found = scope.execute(statement).one()
        tree = Tree(found.next_seq, [bytes.fromhex(node) for node in found.nodes])
        return Head(tree, found.last_hash, found.first_seq, found.checkpointed, found.checkpointed_at)

    def keys_of(self, scope: TenantScope, names: Iterable[str]) -> dict[str, bytes | None]:
        """The keys of subjects and documents by name; None: destroyed, or there never was one."""
        found = self._kept_keys(scope, sorted(set(names)))
        return {name: found[name].key if name in found else None for name in names}

    def _keep(self, scope: TenantScope, head: Head) -> None:
        values = {
            "next_seq": head.tree.size,
            "last_hash": head.last_hash,
            "nodes": [node.hex() for node in head.tree.nodes],
            "checkpointed": head.checkpointed,
            "checkpointed_at": head.checkpointed_at,
        }
        scope.execute(scope.update(AuditHeadRow).values(**values))

    # -- checkpoints -----------------------------------------------------------------------------------------------

    def _is_due(self, head: Head) -> bool:
        fresh = head.tree.size - head.checkpointed
        old = now() - head.checkpointed_at >= timedelta(seconds=self._settings.checkpoint_s)
        return fresh >= self._settings.checkpoint_entries or (fresh > 0 and old)

    def _sign(self, scope: TenantScope, head: Head) -> Checkpoint:
        at, size = now(), head.tree.size
        body = checkpoint_body(
            self.keys, scope.tenant.id, scope.tenant.slug, tree=head.tree, head=head.last_hash, at=at
        )
        scope.insert(AuditCheckpointRow, [{"size": size, "at": at, "body": body}])
        head.checkpointed, head.checkpointed_at = size, at
        return Checkpoint(scope.tenant.id, size, body)

    # -- subjects --------------------------------------------------------------------------------------------------

    def _whom(self, scope: TenantScope, event: Event) -> str:
        if event.subject or not event.content:
            return event.subject
        actor = event.actor if event.actor.id else Actor(event.actor.kind, event.actor.kind)
        return self.subjects.actor(scope.tenant, actor)

    def _subject_keys(self, scope: TenantScope, events: Sequence[Event], whom: Sequence[str]) -> dict[str, _SubjectKey]:
        """The keys that these events need, made where there is none."""
        pairs = zip(events, whom, strict=True)
        names = sorted({name for event, subject in pairs if event.content for name in _key_names(event, subject)})
        found = self._kept_keys(scope, names)
        for name in names:
            held = found.get(name)
            if held is not None and held.key is not None:
                continue
            key = secrets.token_bytes(KEY_BYTES)
            wrapped = self.keys.wrap(key, f"{scope.tenant.id}:{name}")
            if held is None:
                scope.insert(AuditSubjectRow, [{"subject": name, "wrapped_key": wrapped, "created_at": now()}])
            else:  # someone who was erased, and came back
                again = scope.update(AuditSubjectRow).where(AuditSubjectRow.subject == name)
                scope.execute(again.values(wrapped_key=wrapped, created_at=now()))
            found[name] = _SubjectKey(key, held.erased_at if held else None)
        return found

    def _kept_keys(self, scope: TenantScope, names: Sequence[str]) -> dict[str, _SubjectKey]:
        found: dict[str, _SubjectKey] = {}
        columns = AuditSubjectRow.subject, AuditSubjectRow.wrapped_key, AuditSubjectRow.erased_at
        for start in range(0, len(names), _PARAMETERS):
            wanted = AuditSubjectRow.subject.in_(names[start : start + _PARAMETERS])
            for row in scope.execute(scope.select(*columns).where(wanted)):
                name, wrapped = row.subject, row.wrapped_key
                key = None if wrapped is None else self.keys.unwrap(wrapped, f"{scope.tenant.id}:{name}")
                found[name] = _SubjectKey(key, row.erased_at)
        return found


def checkpoint_body(keys: AuditKeys, log: str, name: str, *, tree: Tree, head: str, at: datetime) -> str:
    """A signed tree head. `nodes` are what `root` is made of: they stand for the entries once these are no longer kept."""
    return keys.signed(
        {
            "v": 1,
            "log": log,
            "name": name,
            "at": at.isoformat(timespec="milliseconds"),
            "size": tree.size,
            "root": tree.root().hex(),
            "head": head,
            "nodes": [node.hex() for node in tree.nodes],
        }
    )


def key_names(subject: str, documents: Iterable[str]) -> list[str]:
    """Whose keys the content of an entry needs, in the order in which they are joined."""
    return [subject, *sorted({document_key(document) for document in documents})]


def _key_names(event: Event, subject: str) -> list[str]:
    return key_names(subject, event.documents)


def _usable(held: Sequence[_SubjectKey], at: datetime) -> list[bytes] | None:
    """None: one of them was erased after the event, which had not been written yet."""
    if any(each.erased_at is not None and at <= each.erased_at for each in held):
        return None
    return [each.key for each in held if each.key is not None]


def _row(entry: Entry) -> dict[str, object]:
    return {
        "seq": entry.seq,
        "at": entry.at,
        "event": entry.event,
        "subject": entry.subject,
        "body": entry.body,
    }
