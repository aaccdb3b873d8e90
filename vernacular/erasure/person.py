"""Erasing a person: her account, what she asked, kept and was told, what she used, and what the audit log holds of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vernacular.access import users
from vernacular.audit.events import Actor, Event
from vernacular.db.models import (
    ApiKeyRow,
    AuditEntryRow,
    AuditSubjectRow,
    ConversationRow,
    MessageRow,
    PromptVersionRow,
    UserRow,
)
from vernacular.erasure.report import Erased
from vernacular.erasure.stores import Stores, clean_files, destroy_keys
from vernacular.erasure.traces import Needles
from vernacular.erasure.wordings import forget_editor, forget_wordings, write_anew
from vernacular.errors import UnknownUser
from vernacular.quotas.limits import kept_quotas, with_quotas
from vernacular.quotas.usage import forget_usage
from vernacular.saved_searches import forget_searches, of_owner
from vernacular.tenancy import Platform, Tenant, TenantScope

_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class _Found:
    account: UserRow | None
    conversations: Sequence[str]
    subjects: Sequence[str]
    texts: Sequence[str]


def erase_person(stores: Stores, tenant: Tenant, person: str, by: Actor) -> Erased:
    """Erase whoever `person` names: an account's id or name, what callers give as `user`, a conversation's id, or a pseudonym.

    The audit log keeps that something was asked and when, under a pseudonym; nobody can read what. It verifies as before.

    Raises:
        UnknownUser: nothing is known of such a person.
    """
    stores.audit.flush()
    with stores.database.write() as session:
        scope = TenantScope(session, tenant)
        found = _find(stores, scope, person)
        counts = _remove(scope, found)
        forgotten = forget_wordings(scope, found.subjects)
        counts["wordings"] = forgotten.wordings
        counts["audit_keys"] = destroy_keys(scope, found.subjects)
        facts = {"subjects": list(found.subjects), **counts}
        stores.audit.record(scope, Event("person.erased", by, facts=facts))
    write_anew(stores, tenant, forgotten)
    files, left = clean_files(stores, Needles.of(found.texts))
    return Erased("person", counts, tuple(files), tuple(left))


def _find(stores: Stores, scope: TenantScope, person: str) -> _Found:
    subjects, tenant = stores.audit.subjects, scope.tenant
    account = scope.get(UserRow, person) or users.by_name(scope, person) or _of_pseudonym(stores, scope, person)
    wanted = subjects.candidates(tenant, person)
    theirs = ConversationRow.subject.in_(wanted) | (ConversationRow.id == person)
    if account is not None:
        wanted.append(subjects.account(tenant, account.id))
        theirs = theirs | ConversationRow.subject.in_(wanted) | (ConversationRow.owner_id == account.id)
    conversations = list(scope.execute(scope.select(ConversationRow.id).where(theirs)).scalars())
    wanted += [subjects.conversation(tenant, conversation) for conversation in conversations]
    known = account is not None or bool(conversations) or _is_logged(scope, wanted)
    if not known:
        raise UnknownUser(
            "Nothing is known of such a person.",
            "Give an account's name, what callers send as `user`, or a conversation's id.",
        )
    texts = _texts(scope, conversations)
    if account is not None:
        texts += [account.username, account.email, account.display_name]
        texts += [text for row in of_owner(scope, account.id) for text in (row.name, str(row.query.get("query", "")))]
    return _Found(account, conversations, list(dict.fromkeys(wanted)), texts)


def _of_pseudonym(stores: Stores, scope: TenantScope, person: str) -> UserRow | None:
    """The account that goes by that pseudonym in the audit log."""
    subjects, tenant = stores.audit.subjects, scope.tenant
    ids = scope.execute(scope.select(UserRow.id)).scalars()
    found = next((each for each in ids if subjects.account(tenant, each) == person), None)
    return None if found is None else scope.get(UserRow, found)


def _is_logged(scope: TenantScope, subjects: Sequence[str]) -> bool:
    return bool(
        scope.count(AuditSubjectRow, AuditSubjectRow.subject.in_(subjects))
        or scope.count(AuditEntryRow, AuditEntryRow.subject.in_(subjects))
    )


def _texts(scope: TenantScope, conversations: Sequence[str]) -> list[str]:
    """What she wrote."""
    found: list[str] = []
    for start in range(0, len(conversations), _BATCH):
        wanted = MessageRow.conversation_id.in_(conversations[start : start + _BATCH])
        statement = scope.select(MessageRow.content).where(wanted, MessageRow.role == "user")
        found += scope.execute(statement).scalars()
    return found


def _remove(scope: TenantScope, found: _Found) -> dict[str, int]:
    counts = {"conversations": len(found.conversations), "accounts": 0, "usage": 0, "saved_searches": 0}
    for start in range(0, len(found.conversations), _BATCH):
        batch = found.conversations[start : start + _BATCH]
        scope.execute(scope.delete(ConversationRow).where(ConversationRow.id.in_(batch)))
    if found.account is not None:
        account = found.account.id
        counts["accounts"] = 1
        counts["usage"] = forget_usage(scope, account)
        counts["saved_searches"] = forget_searches(scope, [account])
        _forget_quota(scope, account)
        forget_editor(scope, account)
        made = ApiKeyRow.created_by.in_((account, f"user:{account}"))
        scope.execute(scope.update(ApiKeyRow).where(made).values(created_by=""))
        wrote = PromptVersionRow.created_by == account
        scope.execute(scope.update(PromptVersionRow).where(wrote).values(created_by=""))
        scope.session.expunge(found.account)
        scope.execute(scope.delete(UserRow).where(UserRow.id == account))
    return counts


def _forget_quota(scope: TenantScope, account: str) -> None:
    """What she alone was allowed, which is kept under her account's id."""
    row = Platform(scope.session).tenant_row(scope.tenant.slug, lock=True)
    quotas = kept_quotas(row.profile)
    if account in quotas.principals:
        others = {name: limits for name, limits in quotas.principals.items() if name != account}
        row.profile = with_quotas(row.profile, quotas.model_copy(update={"principals": others}))
