"""Entries as they are written and read: an event, its place in the chain, and what only keys make readable."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, Final

from vernacular.audit.events import PROMOTED, Event
from vernacular.audit.keys import opened, sealed
from vernacular.audit.verify_audit import canonical, leaf_hash
from vernacular.errors import InvalidSetting

ERASED: Final = {"erased": True}
"""What is left of content whose key was destroyed."""
_CHARS, _ITEMS, _DEPTH = 500, 1000, 6
_EXACT = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Entry:
    """`body`: its canonical JSON, `leaf` its hash in the tree."""

    seq: int
    event: str
    subject: str
    at: datetime
    body: str
    leaf: bytes


def make_entry(
    log: str, seq: int, prev: str, event: Event, *, actor: str, subject: str, keys: Sequence[bytes] | None
) -> Entry:
    """The entry that says `event` at the place `seq`, after the one with the hash `prev`.

    `actor` and `subject` are pseudonyms. `keys`: what its content is encrypted with, None: it is left out, for the person was
    erased before it could be written.
    """
    facts = plain(event.facts)
    fields: dict[str, Any] = {
        "seq": seq,
        "ts": stamp(event.at),
        "actor": {"kind": event.actor.kind, "id": actor, "role": event.actor.role},
        "event": event.name,
        "decision": event.decision,
        **{name: facts.pop(name, None) for name in PROMOTED},
        "facts": facts,
        "subject": subject,
        "quotes": list(event.documents),
        "ciphertext": "",
        "prev": prev,
    }
    if event.content and keys:
        text = json.dumps(_content(event.content), ensure_ascii=False, separators=(",", ":"))
        fields["ciphertext"] = sealed(list(keys), text.encode(), _place(log, seq))
    leaf = leaf_hash(canonical(fields).encode())
    return Entry(seq, event.name, subject, event.at, canonical({**fields, "h": leaf.hex()}), leaf)


def content_of(log: str, entry: Mapping[str, Any], keys: Sequence[bytes | None]) -> dict[str, Any] | None:
    """The content of an entry, `ERASED` where a key is gone, None where there was none."""
    if not entry["ciphertext"]:
        return None
    there = [key for key in keys if key is not None]
    if len(there) < len(keys):
        return dict(ERASED)
    text = opened(there, entry["ciphertext"], _place(log, entry["seq"]))
    return dict(ERASED) if text is None else dict(json.loads(text))


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as canonical JSON can hold them: whole numbers and short texts; other values as texts."""
    return {_key(name): _plain(value, _CHARS, _DEPTH) for name, value in facts.items()}


def _content(content: Mapping[str, Any]) -> dict[str, Any]:
    return {_key(name): _plain(value, None, _DEPTH) for name, value in content.items()}


def _plain(value: Any, most: int | None, depth: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return _plain(value.name if isinstance(value, int) else value.value, most, depth)
    if isinstance(value, int) and abs(value) <= _EXACT:
        return value
    if isinstance(value, datetime):
        return stamp(value) if value.tzinfo else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping) and depth:
        return {_key(name): _plain(each, most, depth - 1) for name, each in list(value.items())[:_ITEMS]}
    if isinstance(value, list | tuple | set | frozenset) and depth:
        ordered = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [_plain(each, most, depth - 1) for each in list(ordered)[:_ITEMS]]
    text = str(value).encode("utf-8", "replace").decode()
    return text if most is None or len(text) <= most else f"{text[:most]}…"


def _key(name: Any) -> str:
    """ASCII, so that any order of keys is that of RFC 8785."""
    return str(name).encode("ascii", "backslashreplace").decode()[:_CHARS]


def _place(log: str, seq: int) -> str:
    """What ciphertext is bound to: it cannot be moved to another entry."""
    return f"{log}:{seq}"


def check_name(event: Event) -> None:
    """
    Raises:
        InvalidSetting: the name is not one that entries can have: a mistake in the program.
    """
    if not event.name.isascii() or not 0 < len(event.name) <= 60 or any(c.isspace() for c in event.name):
        raise InvalidSetting(f"{event.name!r} cannot be the name of an event.")
