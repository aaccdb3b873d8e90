from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from serve.rag.browse import Order
from serve.validation import RequestModel

MAX_FILTERS = 20
MAX_VALUES = 100
MAX_NAME_CHARS, MAX_VALUE_CHARS = 200, 1000
MAX_INTEGER = 2**63 - 1
RANGE_BOUNDS = frozenset({"gte", "lte", "gt", "lt"})
Scalar = str | int | float | bool


def check_filters(filters: Any) -> Any:
    """Metadata filters: field → a value, a list of values (any of them), or an object of bounds."""
    if filters is None:
        return {}
    if not isinstance(filters, dict) or len(filters) > MAX_FILTERS:
        raise ValueError(f"must be an object of at most {MAX_FILTERS} fields")
    for field, wanted in filters.items():
        if len(field) > MAX_NAME_CHARS:
            raise ValueError(f"takes names of at most {MAX_NAME_CHARS} characters, and `{field[:40]}…` is longer")
        values = _values(field, wanted)
        if not all(isinstance(value, str | int | float | bool) for value in values):
            raise ValueError(f"must hold strings, numbers or booleans, and `{field}` does not")
        if any(isinstance(value, str) and len(value) > MAX_VALUE_CHARS for value in values):
            raise ValueError(f"takes texts of at most {MAX_VALUE_CHARS} characters, and `{field}` has a longer one")
        if any(isinstance(value, int) and not -MAX_INTEGER <= value <= MAX_INTEGER for value in values):
            raise ValueError(f"takes whole numbers of 64 bits at most, and `{field}` has a larger one")
    return filters


def _values(field: str, wanted: Any) -> list[Any]:
    if isinstance(wanted, dict):
        if not wanted or not wanted.keys() <= RANGE_BOUNDS:
            raise ValueError(f"knows the bounds gte, lte, gt and lt, and `{field}` has others or none")
        return list(wanted.values())
    if isinstance(wanted, list):
        if not 0 < len(wanted) <= MAX_VALUES:
            raise ValueError(f"takes 1 to {MAX_VALUES} values a field, and `{field}` has {len(wanted)}")
        return wanted
    return [wanted]


def check_dialect(tag: str) -> str:
    parts = tag.split("-")
    if len(tag) > 35 or not all(part.isascii() and part.isalnum() for part in parts):
        raise ValueError("must be a BCP 47 tag such as yue-Hant-HK")
    return tag


Filters = Annotated[dict[str, Any], BeforeValidator(check_filters)]
Dialect = Annotated[str, AfterValidator(check_dialect)]
DocumentId = Annotated[str, StringConstraints(min_length=1, max_length=36)]
DocumentIds = Annotated[list[DocumentId], Field(min_length=1, max_length=1000)]
Term = Annotated[str, StringConstraints(min_length=1, max_length=200)]


Name = Annotated[str, StringConstraints(min_length=1, max_length=400)]
Names = Annotated[list[Name], Field(min_length=1, max_length=MAX_VALUES)]


class SearchWish(RequestModel):
    """What to look for, and where: what a saved search keeps."""

    query: str
    filters: Filters = Field(
        default_factory=dict,
        description='Metadata field → value, list of values (any of them), or bounds such as `{"gte": 10}`.',
        examples=[{"category": "fees", "price": {"lte": 100}}],
    )
    dialect: Dialect | None = None
    documents: DocumentIds | None = Field(default=None, description="Look in these documents only.")
    sources: Names | None = Field(default=None, description="In documents of these sources only.")
    types: Names | None = Field(default=None, description="Of these media types only.")
    languages: Names | None = Field(default=None, description="In these languages only, as documents have them.")
    updated_from: date | None = Field(default=None, description="Taken in or changed on that day (UTC) or later.")
    updated_until: date | None = Field(default=None, description="Taken in or changed on that day (UTC) or before.")
    sort: Order = Field(
        default="relevance",
        description="By date: those that match at least half as well as the best, by when they were taken in or changed.",
    )
    expand: bool = Field(default=True, description="Look also for what documents may call it.")
    without: list[Term] = Field(
        default_factory=list, max_length=MAX_VALUES, description="Do not look for these of the expansions."
    )


class SearchRequest(SearchWish):
    top_k: int = Field(default=10, ge=1, le=100)
    on: date | None = Field(default=None, description="Find what is valid on that day; today, if not given.")
    user: str | None = Field(default=None, max_length=512, description="Who asks; as in `/v1/chat/completions`.")
    facets: bool = Field(default=False, description="Count what there is to choose from among what was found.")
    marks: bool = Field(default=False, description="Tell where each hit has the words that were looked for.")


class Understood(BaseModel):
    """A part of the query (empty: the whole of it) and what was looked for beside it, and what says so."""

    text: str
    terms: list[str]
    kind: str


class QueryView(BaseModel):
    """`detected`: the variety that the query is in; `dialect`: the one that an answer would be in."""

    language: str
    dialect: str | None
    detected: str | None
    normalized: str
    expansions: list[str]
    understood: list[Understood]


class HitView(BaseModel):
    rank: int
    document_id: str
    source_id: str
    chunk_id: str
    title: str
    text: str
    uri: str | None
    filename: str | None
    page: int | None
    language: str | None
    headings: list[str]
    start: int = Field(description="Where `text` begins in the document's text, in code points.")
    highlights: list[tuple[int, int]] = Field(
        description="The sentences that say most: ranges of `text`, half open, in code points."
    )
    marks: list[tuple[int, int]] = Field(
        description="The words that were looked for, likewise; if `marks` was asked for."
    )
    metadata: dict[str, Any]
    valid_from: date | None
    valid_until: date | None
    source: str
    media_type: str
    updated_at: datetime | None
    picture: bool = Field(description="Whether `GET /v1/documents/{document_id}/picture` has one.")


class SearchPolicyView(BaseModel):
    """What the tenant's safety policy (its `version`) made of the query. `decline`: nothing was searched for."""

    version: str
    action: str
    category: str | None = None


class FacetValue(BaseModel):
    value: str | bool
    count: int


class Facet(BaseModel):
    """What documents among those found have as `field`: `source`, `type`, `language`, `updated`, or `metadata.` and a field's name.

    `values`: each with the number of documents, most first. `range`: from `min` to `max`, numbers or days.
    """

    field: str
    kind: Literal["values", "range"]
    values: list[FacetValue] = []
    min: float | date | None = None
    max: float | date | None = None


class SearchResponse(BaseModel):
    model_config = ConfigDict(json_schema_extra={"description": "Hits in order; scores never leave the gateway."})

    query: QueryView
    hits: list[HitView]
    facets: list[Facet] = Field(default=[], description="If `facets` was asked for.")
    took_ms: float
    policy: SearchPolicyView
