"""What an entry of the audit log says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, TypedDict

from vernacular.db.base import now

ALLOWED: Final = "allowed"
PROMOTED: Final = ("policy_version", "model", "retrieved")
"""Facts that are fields of their own in an entry: a policy's version, a model's name, a list of ids of what was found."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it; `id` of an account, a key or a widget, "" for the system and for people unknown."""

    kind: Literal["key", "user", "widget", "operator", "system", "anonymous"]
    id: str = ""
    role: str = ""


SYSTEM: Final = Actor("system")
COMMAND_LINE: Final = Actor("operator", "", "command line")
"""Whoever runs commands on the machine."""


class EventDetails(TypedDict, total=False):
    """What may be told of an `Event` beside its name and who did it."""

    decision: str
    subject: str
    facts: Mapping[str, Any]
    content: Mapping[str, Any]
    documents: Sequence[str]


@dataclass(frozen=True, slots=True)
class Event:
    """`name` is dotted, what it is about first: `chat.answered`, `document.deleted`, `key.revoked`, `login.refused`.

    `facts` are kept in clear: ids, counts, versions, names of settings, never what a person wrote. `content` is kept encrypted
    under the key of `subject`, the pseudonym of the person whom it is about (see `audit.subjects`; "": who did it, if there is
    content). `documents`: ids of those that the content quotes; once one of them is erased, nobody can read it either.
    """

    name: str
    actor: Actor
    decision: str = ALLOWED
    subject: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    content: Mapping[str, Any] = field(default_factory=dict)
    documents: Sequence[str] = ()
    at: datetime = field(default_factory=now)
