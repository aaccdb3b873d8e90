"""Whom an entry of the log is about: pseudonyms that this installation alone can make, and under which it erases."""

from __future__ import annotations

from vernacular.access.principal import Principal
from vernacular.audit.events import Actor
from vernacular.audit.keys import AuditKeys
from vernacular.db.models import UserRow
from vernacular.tenancy import Tenant, TenantScope

DOCUMENT = "doc-"
"""Begins the names of the keys that quotes from a document are encrypted with."""


class Subjects:
    """Makes pseudonyms. Cheap: nothing is read but a secret, once. Thread-safe."""

    def __init__(self, keys: AuditKeys) -> None:
        self._keys = keys

    def of(self, principal: Principal, user: str | None = None, conversation_id: str = "") -> str:
        """The person behind a request: the account that is signed in; else `user`, whom the caller names (as OpenAI's field
        of that name does); else the conversation, for of its person no more is known; else the key itself."""
        tenant = principal.tenant
        if principal.kind == "user":
            return self.account(tenant, principal.id)
        if user:
            return self.named(tenant, user)
        if conversation_id:
            return self.conversation(tenant, conversation_id)
        return self.actor(tenant, Actor(principal.kind, principal.id))

    def account(self, tenant: Tenant, user_id: str) -> str:
        return self._keys.pseudonym(tenant.id, "user", user_id)

    def principal(self, scope: TenantScope, principal: str) -> str:
        """What facts may call an account, by its pseudonym, or a key, by its id."""
        return principal if scope.get(UserRow, principal) is None else self.account(scope.tenant, principal)

    def named(self, tenant: Tenant, user: str) -> str:
        """A person by the name that a caller gave in the field `user`."""
        return self._keys.pseudonym(tenant.id, "named", user)

    def conversation(self, tenant: Tenant, conversation_id: str) -> str:
        return self._keys.pseudonym(tenant.id, "conversation", conversation_id)

    def actor(self, tenant: Tenant, actor: Actor) -> str:
        """An account as who acts has the pseudonym that it has as whom an entry is about. "" for the system."""
        return self._keys.pseudonym(tenant.id, actor.kind, actor.id) if actor.id else ""

    def candidates(self, tenant: Tenant, person: str) -> list[str]:
        """Every pseudonym that `person` may have: she may be given by an account's id, by the name that a caller gave, by a
        conversation's id or by a pseudonym."""
        found = [self.account(tenant, person), self.named(tenant, person), self.conversation(tenant, person)]
        return [*found, person] if len(person) == 32 and set(person) <= set("0123456789abcdef") else found


def document_key(document_id: str) -> str:
    """The name of the key that quotes from a document are encrypted with, beside the person's own."""
    return f"{DOCUMENT}{document_id}"
