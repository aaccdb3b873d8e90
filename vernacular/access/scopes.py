"""The parts of the API that a credential can be limited to. A role says how much a principal may do, its scopes where."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from vernacular.errors import BadRequest


class Scope(StrEnum):
    """Every route belongs to one; see `serve.deps.require`."""

    tenant = "tenant"
    """What a front end must know: the tenant, the names of its assistants."""
    account = "account"
    """The caller's own account: who it is, its password, its sign-out."""
    chat = "chat"
    conversations = "conversations"
    """Conversations that the caller led."""
    search = "search"
    documents_read = "documents:read"
    documents_write = "documents:write"
    """Sending and deleting documents, and the jobs that take them in."""
    usage = "usage"
    audit = "audit"
    """Reading and exporting the audit log."""
    quality = "quality"
    """What people think of answers, what was not answered, approved answers, and the figures of it."""
    admin = "admin"
    """The tenant's settings: dialects, adapters, safety, quotas, evaluations, red team, erasure."""
    access = "access"
    """Accounts, groups, API keys and widgets."""
    scim = "scim"
    """Accounts and groups, by an identity provider."""


IMPLIED: Final = frozenset({Scope.tenant, Scope.account})
"""What every credential may call, except a widget."""
WIDGET: Final = frozenset({Scope.tenant, Scope.chat, Scope.conversations})
"""All that the token of a widget may call: it can be read by whoever opens the page."""
GRANTED: Final = tuple(scope for scope in Scope if scope not in IMPLIED)
"""What a key can be limited to."""


def parse_scopes(names: Iterable[str]) -> tuple[Scope, ...]:
    """The scopes of those names, in their own order, each once; none: a key that is not limited.

    Raises:
        BadRequest: there is no such scope, or it is not one that keys are given.
    """
    wanted = set(names)
    if unknown := sorted(wanted - set(GRANTED)):
        raise BadRequest(f"There is no scope {unknown[0][:80]!r}.", f"Scopes are {', '.join(GRANTED)}.")
    return tuple(scope for scope in GRANTED if scope in wanted)
