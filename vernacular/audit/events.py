"""What an entry of the audit log says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

ALLOWED: Final = "allowed"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it; `id` of an account, a key or a widget, "" for the system and for people unknown."""

    kind: Literal["key", "user", "widget", "operator", "system", "anonymous"]
    id: str = ""
    role: str = ""


SYSTEM: Final = Actor("system")


@dataclass(frozen=True, slots=True)
class Event:
    """`name` is dotted, what it is about first: `chat.answered`, `document.deleted`, `key.revoked`, `login.refused`.

    `facts` are kept in clear: ids, counts, versions, names of settings, never what a person wrote. `content` is kept encrypted
    under the key of `subject`, the pseudonym of the person whom it is about ("": nobody; then there may be no content).
    """

    name: str
    actor: Actor
    decision: str = ALLOWED
    subject: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    content: Mapping[str, Any] = field(default_factory=dict)
