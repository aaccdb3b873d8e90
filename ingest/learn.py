"""What is learned from a tenant's documents (`vernacular.corpus`), built anew once enough of them has changed.

A job that brings much in ends with a build; what was deleted or replaced is forgotten soon after, by the worker. Only
documents that everyone in the tenant may read, today, are learned from: no word of another can come to light in a search.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from vernacular.corpus import Passage, build
from vernacular.corpus.store import begin, save
from vernacular.db.base import now
from vernacular.db.models import ChunkRow, CorpusRow, DocumentRow
from vernacular.db.session import Database
from vernacular.errors import UnknownTenant
from vernacular.tenancy import Platform, Tenant, TenantScope

log = logging.getLogger(__name__)

ENOUGH: Final = 0.05
"""New passages, as a share of those that a corpus was built from, that make another build worth it."""
SMALL: Final = 2000
"""Passages up to which a build takes so little that it is made after every change."""
REST: Final = timedelta(minutes=10)
"""How old the corpus of a larger tenant is before it is built anew because documents were deleted or replaced."""
MOST_PASSAGES, MOST_CHARACTERS = 20_000, 2_000_000
"""What is read of a tenant that has more: the documents whose ids come first, which is as good as drawn by lot."""
_AT_ONCE: Final = 400


class Learner:
    """Builds the corpora of tenants. A failure costs no job: what is there goes on being used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def after_job(self, tenant: Tenant) -> bool:
        """Build if the job that ends has changed enough; returns whether it did."""
        try:
            return self._is_due(tenant) and self._learn(tenant)
        except SQLAlchemyError:
            log.warning("nothing was learned from the documents of tenant %s", tenant.slug, exc_info=True)
            return False

    def catch_up(self, stopped: Callable[[], bool] = lambda: False) -> list[str]:
        """Build for the tenants that have no corpus yet, or one with words of what is gone; returns their names.

        `stopped` is asked between them.
        """
        with self._database.read() as session:
            waiting = Platform(session).tenants_to_learn_from()
        return [tenant.slug for tenant in waiting if not stopped() and self._has_rested(tenant) and self._learn(tenant)]

    def _is_due(self, tenant: Tenant) -> bool:
        with self._database.read() as session:
            scope = TenantScope(session, tenant)
            row = scope.get(CorpusRow, tenant.id)
            if row is None or row.began_at is None:
                return True
            fresh = scope.execute(
                scope.select(DocumentRow.chunk_count).where(DocumentRow.created_at >= row.began_at)
            ).scalars()
            new, gone = sum(fresh), row.deletions > row.forgotten
            return new >= ENOUGH * row.passages if row.passages > SMALL else bool(new or gone)

    def _has_rested(self, tenant: Tenant) -> bool:
        with self._database.read() as session:
            row = TenantScope(session, tenant).get(CorpusRow, tenant.id)
            return row is None or row.began_at is None or row.passages <= SMALL or row.began_at < now() - REST

    def _learn(self, tenant: Tenant) -> bool:
        try:
            with self._database.write() as session:
                begun = begin(TenantScope(session, tenant))
            with self._database.read() as session:
                scope = TenantScope(session, tenant)
                count = scope.count(ChunkRow)
                passages = list(_open_passages(scope))
            corpus = build(passages)
            with self._database.write() as session:
                Platform(session).tenant_by_id(tenant.id)
                save(TenantScope(session, tenant), corpus, begun, count)
        except UnknownTenant:
            return False
        return True


def _open_passages(scope: TenantScope) -> Iterator[Passage]:
    """A sample of the passages that everyone may read."""
    count = characters = 0
    documents = _open_documents(scope)
    for start in range(0, len(documents), _AT_ONCE):
        for text, headings, title in _chunks(scope, documents[start : start + _AT_ONCE]):
            count += 1
            characters += len(text)
            yield Passage(text, title, tuple(headings))
        if count >= MOST_PASSAGES or characters >= MOST_CHARACTERS:
            return


def _open_documents(scope: TenantScope) -> list[str]:
    """Ids of those without groups, but for what is not to be read before a day to come."""
    begun = DocumentRow.valid_from.is_(None) | (DocumentRow.valid_from <= now().date())
    statement = scope.select(DocumentRow.id, DocumentRow.groups).where(begun)
    found = scope.execute(statement.order_by(DocumentRow.id).limit(MOST_PASSAGES))
    return [row.id for row in found if not row.groups]


def _chunks(scope: TenantScope, ids: Sequence[str]) -> Sequence[Any]:
    statement = scope.select(ChunkRow.text, ChunkRow.headings, DocumentRow.title)
    statement = statement.where(ChunkRow.document_id == DocumentRow.id, DocumentRow.id.in_(ids))
    return scope.execute(statement.order_by(ChunkRow.id)).all()
