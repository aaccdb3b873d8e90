"""Searches that a person keeps, and how many documents are new in each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy.exc import IntegrityError

from serve.deps import Access
from serve.questions import check_question
from serve.rag.browse import Within
from serve.saved_searches.schemas import SavedSearchChange, SavedSearchForm, SavedSearchList, SavedSearchView
from serve.search.narrowing import Narrowing, heads, holds, narrowed
from serve.search.schemas import SearchWish
from serve.search.service import understood
from vernacular.db.base import now
from vernacular.db.models import DocumentRow, SavedSearchRow
from vernacular.errors import BadRequest, Conflict, UnknownSearch
from vernacular.safety.overrides import policy_of
from vernacular.safety.prompts import check_prompt
from vernacular.saved_searches import of_owner
from vernacular.tenancy import TenantScope

MOST: Final = 200
"""Searches that a person can keep."""
COUNTED: Final = 50
"""Searches that are made at once to count what is new in them."""


def show_all(access: Access) -> SavedSearchList:
    with access.read() as scope:
        latest = _Latest.of(scope)
        rows = of_owner(scope, access.principal.id)
        searched = sorted((row for row in rows if latest.is_new(row.seen_at)), key=lambda row: row.seen_at)
        left_out = {row.id for row in searched[:-COUNTED]}
        views = [_view(access, scope, row, None if row.id in left_out else latest) for row in rows]
    return SavedSearchList(data=views)


def create(access: Access, asked: SavedSearchForm) -> SavedSearchView:
    """
    Raises:
        Conflict: there is one of that name, or there are as many as can be.
        EmptyQuestion, TooLong: what it looks for is no query.
    """
    query = _kept(access, asked.query)
    owner = access.principal.id
    with access.write() as scope:
        if scope.count(SavedSearchRow, SavedSearchRow.owner_id == owner) >= MOST:
            raise Conflict(f"You keep {MOST} searches already.", "Delete one that you no longer need.")
        row = SavedSearchRow(owner_id=owner, name=asked.name, query=query)
        scope.add(row)
        _flush(scope, asked.name)
        access.record(scope, "search.saved", facts={"search": row.id}, content={"name": row.name, "query": query})
    with access.read() as scope:
        return _view(access, scope, row, _Latest.of(scope))


def change(access: Access, search_id: str, asked: SavedSearchChange) -> SavedSearchView:
    """
    Raises:
        UnknownSearch: there is none of that id, or it is someone else's.
        Conflict: there is another of that name.
        BadRequest: nothing is to be changed.
    """
    if asked.name is None and asked.query is None and not asked.seen:
        raise BadRequest("Nothing is to be changed.", "Give a `name`, a `query`, or `seen`.")
    query = None if asked.query is None else _kept(access, asked.query)
    with access.write() as scope:
        row = _find(access, scope, search_id)
        content: dict[str, Any] = {}
        if asked.name is not None:
            row.name = content["name"] = asked.name
        if query is not None:
            row.query = content["query"] = query
        if asked.seen:
            row.seen_at = now()
        _flush(scope, row.name)
        facts = {"search": row.id, "fields": sorted(asked.model_fields_set), "seen": asked.seen}
        access.record(scope, "search.changed", facts=facts, content=content)
    with access.read() as scope:
        return _view(access, scope, row, _Latest.of(scope))


def delete(access: Access, search_id: str) -> str:
    """
    Raises:
        UnknownSearch: there is none of that id, or it is someone else's.
    """
    with access.write() as scope:
        row = _find(access, scope, search_id)
        access.record(scope, "search.deleted", facts={"search": row.id})
        scope.session.delete(row)
    return search_id


def _find(access: Access, scope: TenantScope, search_id: str) -> SavedSearchRow:
    row = scope.get(SavedSearchRow, search_id, lock=True)
    if row is None or row.owner_id != access.principal.id:
        raise UnknownSearch("There is no such saved search.")
    return row


def _flush(scope: TenantScope, name: str) -> None:
    try:
        scope.session.flush()
    except IntegrityError:
        raise Conflict(f"You keep a search named {name!r} already.", "Choose another name.") from None


def _kept(access: Access, wish: SearchWish) -> dict[str, Any]:
    """What is kept of it: what is not as usual."""
    query = check_question(wish.query, access.services.settings)
    return {**wish.model_dump(mode="json", exclude_defaults=True), "query": query}


@dataclass(frozen=True, slots=True)
class _Latest:
    """When the tenant's documents changed last, and the last day up to `today` on which one came into force."""

    updated_at: datetime | None
    began: date | None
    today: date

    @classmethod
    def of(cls, scope: TenantScope) -> _Latest:
        today = datetime.now().astimezone().date()
        row = DocumentRow
        updated = scope.select(row.updated_at).order_by(row.updated_at.desc()).limit(1)
        began = scope.select(row.valid_from).where(row.valid_from <= today).order_by(row.valid_from.desc()).limit(1)
        return cls(scope.execute(updated).scalar_one_or_none(), scope.execute(began).scalar_one_or_none(), today)

    def is_new(self, since: datetime) -> bool:
        """Whether anything at all is."""
        return (self.updated_at is not None and self.updated_at > since) or _came(self.began, since)


def _view(access: Access, scope: TenantScope, row: SavedSearchRow, latest: _Latest | None) -> SavedSearchView:
    """`latest` None: what is new in it is not counted."""
    return SavedSearchView(
        id=row.id,
        name=row.name,
        query=row.query,
        created_at=row.created_at,
        seen_at=row.seen_at,
        new=None if latest is None else _new(access, scope, row, latest),
    )


def _new(access: Access, scope: TenantScope, row: SavedSearchRow, latest: _Latest) -> int:
    """Documents that match it well and are new since its owner looked; see `RagPipeline.documents_matching`."""
    since = row.seen_at
    if not latest.is_new(since):
        return 0
    wish, rag = SearchWish.model_validate(dict(row.query)), access.services.rag
    policy = policy_of(access.principal.tenant, access.services.settings)
    verdict = check_prompt(wish.query, policy)
    if verdict.refuses and policy.search == "decline":
        return 0
    understanding = understood(scope, rag, verdict.redacted, wish)
    within = Within(wish.filters, None, latest.today)
    within = narrowed(scope, rag, understanding, within, Narrowing.of(wish))
    found = heads(scope, rag.documents_matching(scope, understanding, within), DocumentRow.updated_at)
    held = (each for each in found if scope.may_read(each) and holds(each, latest.today))
    return sum(1 for each in held if each.updated_at > since or _came(each.valid_from, since))


def _came(valid_from: date | None, since: datetime) -> bool:
    """Whether what holds today came into force after the day of `since`: the gateway's day, as `today` is, and not that of UTC."""
    return valid_from is not None and valid_from > since.astimezone().date()
