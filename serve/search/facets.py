"""What there is to choose from among the documents that a search finds, counted over those that its caller may read."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from serve.rag.browse import Within
from serve.rag.pipeline import RagPipeline
from serve.search.narrowing import Narrowing, heads, holds, narrowed
from vernacular.db.models import DocumentRow
from vernacular.tenancy import TenantScope
from vernacular.types import Understanding

MOST_VALUES: Final = 20
MOST_FIELDS: Final = 8
"""Metadata fields that are counted: those that most of the documents have."""
LEAST_SHARE: Final = 0.1
"""Share of the documents that must have a field for it to be one of them."""
LONGEST_VALUE: Final = 60
"""Characters; what is longer is text, and nothing to choose from."""
METADATA: Final = "metadata."
_COLUMNS: Final = (
    DocumentRow.source,
    DocumentRow.media_type,
    DocumentRow.language,
    DocumentRow.updated_at,
    DocumentRow.attributes,
)
FacetView = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Head:
    source: str
    type: str
    language: str | None
    updated: date
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Facets:
    """Counts over the documents of the best passages, `browse.WIDELY` of them.

    Of a field that the search is narrowed by it counts what there would be without that, so that another value can be chosen.
    """

    scope: TenantScope
    rag: RagPipeline
    understanding: Understanding
    within: Within
    narrowing: Narrowing

    def count(self) -> list[FacetView]:
        """In the shape of `schemas.Facet`; a field in which there is nothing to choose is left out."""
        heads = self._heads(self.within, self.narrowing)
        facets = [self._of_head(field, heads) for field in ("source", "type", "language", "updated")]
        filters = self.within.filters or {}
        # In an order that stays as it is while someone chooses.
        names = sorted({*filters, *_common(heads)}, key=lambda name: (name.casefold(), name))
        facets += [self._of_metadata(name, heads) for name in names]
        return [facet for facet in facets if facet is not None]

    def _of_head(self, field: str, found: Sequence[_Head]) -> FacetView | None:
        chosen = field in self.narrowing.fields
        heads = self._heads(self.within, self.narrowing.but(field)) if chosen else found
        if field == "updated":
            return _range(field, [head.updated for head in heads], keep=chosen)
        return _values(field, ([getattr(head, field)] for head in heads), keep=chosen)

    def _of_metadata(self, name: str, found: Sequence[_Head]) -> FacetView | None:
        filters = self.within.filters or {}
        heads = found
        if name in filters:
            others = {field: wanted for field, wanted in filters.items() if field != name}
            heads = self._heads(Within(others, None, self.within.on), self.narrowing)
        held = [head.metadata[name] for head in heads if head.metadata.get(name) is not None]
        field = METADATA + name
        numbers = [value for value in held if _is_number(value)]
        if numbers and len(numbers) == len(held):
            return _range(field, numbers, keep=name in filters)
        return _values(field, (_choices(value) for value in held), keep=name in filters)

    def _heads(self, within: Within, narrowing: Narrowing) -> list[_Head]:
        within = narrowed(self.scope, self.rag, self.understanding, within, narrowing)
        ids = self.rag.documents_found(self.scope, self.understanding, within)
        rows = (row for row in heads(self.scope, ids, *_COLUMNS) if self.scope.may_read(row) and holds(row, within.on))
        return [_Head(row.source, row.media_type, row.language, row.updated_at.date(), row.attributes) for row in rows]


def _common(heads: Sequence[_Head]) -> list[str]:
    """The metadata fields that most of the documents have."""
    held = Counter(name for head in heads for name, value in head.metadata.items() if value is not None)
    often = [name for name, n in held.most_common() if n >= LEAST_SHARE * len(heads) and _may_be_named(name)]
    return often[:MOST_FIELDS]


def _may_be_named(name: str) -> bool:
    """Whether the index can filter on it."""
    return bool(name) and len(name) <= 200 and not set(name) & set('\\"')


def _choices(value: Any) -> list[Any]:
    parts = value if isinstance(value, list) else [value]
    return [part for part in parts if isinstance(part, str | bool) and 0 < len(str(part)) <= LONGEST_VALUE]


def _values(field: str, held: Iterable[Iterable[Any]], *, keep: bool) -> FacetView | None:
    """None: every document has a value of its own, or all have the same, so that choosing one tells nothing."""
    lists = [[value for value in dict.fromkeys(values) if value is not None] for values in held]
    counts = Counter(value for values in lists for value in values)
    documents = sum(1 for values in lists if values)
    if not counts or (not keep and (len(counts) < 2 or (len(counts) > MOST_VALUES and max(counts.values()) < 2))):
        return None
    if not keep and len(counts) == documents and documents > 2:
        return None
    chosen = sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))[:MOST_VALUES]
    return {"field": field, "kind": "values", "values": [{"value": value, "count": n} for value, n in chosen]}


def _range(field: str, held: Sequence[Any], *, keep: bool) -> FacetView | None:
    if not held or (min(held) == max(held) and not keep):
        return None
    return {"field": field, "kind": "range", "values": [], "min": min(held), "max": max(held)}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
