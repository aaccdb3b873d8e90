"""Where the corpora of tenants are kept: in SQL, and in the memory of whoever asks for one.

A build takes a while, and documents may be deleted meanwhile: `begin` notes the deletions that the build will know of,
`save` stores that number, and a corpus with fewer than have been counted since is stale.
"""

from __future__ import annotations

import functools
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select

from vernacular.corpus.model import CorpusModel
from vernacular.db.base import new_id, now
from vernacular.db.models import CorpusRow
from vernacular.tenancy import TenantScope, prepare

LOOK_EVERY_S: Final = 1.0
"""How long a process may go on with the corpus it has after another was built."""
_KEPT: Final = 32


@dataclass(frozen=True, slots=True)
class Begun:
    """What a build knows of: the deletions up to its beginning."""

    at: datetime
    deletions: int


def begin(scope: TenantScope) -> Begun:
    """Note, in a transaction that is committed before the documents are read, that a build begins."""
    row = scope.get(CorpusRow, scope.tenant.id)
    if row is None:
        scope.add(CorpusRow())
        return Begun(now(), 0)
    return Begun(now(), row.deletions)


def save(scope: TenantScope, corpus: CorpusModel, begun: Begun, passages: int) -> None:
    """`passages`: how many there are, of which the corpus may be a sample."""
    values = {
        "revision": new_id(),
        "passages": passages,
        "forgotten": begun.deletions,
        "began_at": begun.at,
        "payload": corpus.to_bytes(),
    }
    scope.execute(scope.update(CorpusRow).values(**values))


def note_deletion(scope: TenantScope) -> None:
    """Documents were deleted or replaced in this transaction: what is learned from them is to be forgotten."""
    scope.execute(scope.update(CorpusRow).values(deletions=CorpusRow.deletions + 1))


def load(scope: TenantScope) -> CorpusModel | None:
    """The corpus as SQL has it; None: none was built."""
    payload = scope.execute(scope.select(CorpusRow.payload)).scalar_one_or_none()
    return CorpusModel.from_bytes(payload) if payload else None


def corpus_of(scope: TenantScope) -> CorpusModel | None:
    """The tenant's corpus, from memory where it is there; None: none was built. Cheap enough for every search."""
    return _corpora().of(scope)


@dataclass(slots=True)
class _Kept:
    revision: str
    looked: float
    corpus: CorpusModel | None


class _Corpora:
    """The corpora used last. A process asks SQL at most every `LOOK_EVERY_S` whether one of them is still the newest."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, scope: TenantScope) -> CorpusModel | None:
        moment = time.monotonic()
        with self._lock:
            kept = self._kept.get(scope.tenant.id)
            if kept is not None and kept.corpus is not None and moment - kept.looked < LOOK_EVERY_S:
                self._kept.move_to_end(scope.tenant.id)
                return kept.corpus
        revision = scope.fetch(_revision()).scalar_one_or_none() or ""
        if kept is None or kept.revision != revision:
            kept = _Kept(revision, moment, load(scope) if revision else None)
        kept.looked = moment
        with self._lock:
            self._kept[scope.tenant.id] = kept
            self._kept.move_to_end(scope.tenant.id)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return kept.corpus


@functools.cache
def _corpora() -> _Corpora:
    return _Corpora()


@functools.cache
def _revision() -> Select[Any]:
    return prepare(CorpusRow.revision)
