from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import tuple_

from serve.rag.sameness import folded
from vernacular.db.models import ApprovedAnswerRow
from vernacular.errors import NotFound
from vernacular.pace import breathe
from vernacular.tenancy import TenantScope
from vernacular.text.normalise import normalise

Position = tuple[datetime, str]
_BATCH: Final = 50


def find(scope: TenantScope, approved_id: str, *, lock: bool = False) -> ApprovedAnswerRow:
    """
    Raises:
        NotFound: the tenant has no such approved answer.
    """
    row = scope.get(ApprovedAnswerRow, approved_id, lock=lock)
    if row is None:
        raise NotFound("There is no such approved answer.", "GET /v1/approved-answers lists them.")
    return row


def matching(scope: TenantScope, words: str) -> list[str] | None:
    """The ids of those that hold all the words; None: no word was given."""
    wanted = normalise(words).split()
    if not wanted:
        return None
    columns = (
        ApprovedAnswerRow.id,
        ApprovedAnswerRow.question,
        ApprovedAnswerRow.variants,
        ApprovedAnswerRow.answer,
    )
    # Some at a time: all answers of a tenant can be a hundred megabytes.
    statement = scope.select(*columns).execution_options(yield_per=_BATCH)
    ids: list[str] = []
    row: Any
    with scope.execute(statement) as found:
        for row in found:
            breathe()
            if _holds("\n".join((row.question, *row.variants, row.answer)), wanted):
                ids.append(row.id)
    return ids


def page(scope: TenantScope, ids: Sequence[str] | None, limit: int, after: Position | None) -> list[ApprovedAnswerRow]:
    """The one changed last first, from behind `after`; of all, or of those ids."""
    row = ApprovedAnswerRow
    statement = scope.select(row).order_by(row.updated_at.desc(), row.id.desc()).limit(limit)
    if ids is not None:
        statement = statement.where(row.id.in_(ids))
    if after is not None:
        statement = statement.where(tuple_(row.updated_at, row.id) < after)
    return list(scope.execute(statement).scalars())


def asked_alike(scope: TenantScope, texts: Iterable[str], but: str) -> str | None:
    """One of the texts that another approved answer is asked by, letters and marks aside; None: there is none."""
    wanted = list(texts)
    columns = ApprovedAnswerRow.id, ApprovedAnswerRow.question, ApprovedAnswerRow.variants
    rows: Sequence[Any] = scope.execute(scope.select(*columns)).all()
    others = [text for row in rows if row.id != but for text in (row.question, *row.variants) if text]
    taken = set(folded(others))
    return next((text for text, plain in zip(wanted, folded(wanted), strict=True) if plain in taken), None)


def distinct(question: str, variants: Iterable[str]) -> list[str]:
    """The variants that say it otherwise than the question and those before them do."""
    texts = [question, *variants]
    kept: dict[str, str] = {}
    for text, plain in zip(texts, folded(texts), strict=True):
        kept.setdefault(plain, text)
    return list(kept.values())[1:]


def _holds(text: str, words: Sequence[str]) -> bool:
    folded = normalise(text)
    return all(word in folded for word in words)
