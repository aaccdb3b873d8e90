"""The frozen dataclasses that travel between the steps of both pipelines.

Offsets are Python string indices (code points) into `Document.text`, half open, so that
`chunk.text == document.text[chunk.start:chunk.end]` and
`citation.quote == document.text[citation.start:citation.end]` always hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

JsonMap = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of a document's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Page:
    """Page, slide or sheet `number` (from 1) and where its text stands; `label` is a slide's or sheet's name."""

    number: int
    start: int
    end: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of `level` 1 to 6 whose text is `document.text[start:end]`."""

    level: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Document:
    """One document as a source gave it, parsed and cleaned: what chunking reads and SQL keeps.

    `source_id` is unique within its source. `groups` empty: everyone in the tenant may read it.
    `valid_from` / `valid_until` are inclusive days; None: unbounded. `tables` are spans that a
    chunk should not cut. `media_type` is that of the original.
    """

    source_id: str
    text: str
    title: str = ""
    uri: str | None = None
    filename: str | None = None
    media_type: str = "text/plain"
    language: str | None = None
    metadata: JsonMap = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    pages: tuple[Page, ...] = ()
    headings: tuple[Heading, ...] = ()
    tables: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of a document: `text` is `document.text[start:end]`; `headings` is the path above it, outermost first."""

    ordinal: int
    text: str
    start: int
    end: int
    page: int | None = None
    headings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Distinct uint32 token ids and their weights, in equal number; ids need not be sorted."""

    indices: Sequence[int]
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk found for a query. `start` is the chunk's offset in its document's text.

    `score` is the lexical one; it means nothing beyond its query and never leaves the gateway. `dense`: the cosine
    similarity of question and chunk; None where there is no dense search, or the chunk is not among the nearest. `source`,
    `media_type`, `updated_at` and `picture` (whether there is one to show) are the document's.
    """

    chunk_id: str
    document_id: str
    source_id: str
    title: str
    text: str
    score: float
    start: int = 0
    ordinal: int = 0
    uri: str | None = None
    filename: str | None = None
    page: int | None = None
    language: str | None = None
    headings: tuple[str, ...] = ()
    metadata: JsonMap = field(default_factory=dict)
    valid_from: date | None = None
    valid_until: date | None = None
    highlights: tuple[Span, ...] = ()
    dense: float | None = None
    source: str = ""
    media_type: str = ""
    updated_at: datetime | None = None
    picture: bool = False


@dataclass(frozen=True, slots=True)
class Citation:
    """What one `[index]` marker of an answer stands for. `quote` stands verbatim in the document at start:end.

    `described`: that part of the document is a model's description of an image in it, not the source's own words. `masked`:
    personal data in the quote were masked for this answer, so that it stands in the document but for those characters.
    """

    index: int
    document_id: str
    source_id: str
    title: str
    quote: str
    start: int
    end: int
    uri: str | None = None
    filename: str | None = None
    page: int | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    described: bool = False
    masked: bool = False


@dataclass(frozen=True, slots=True)
class Sign:
    """What in a question told its variety: `text` stands at start:end and speaks for `tag` with `weight` (log odds)."""

    text: str
    start: int
    end: int
    tag: str
    weight: float


@dataclass(frozen=True, slots=True)
class Detection:
    """The variety of a text: the tag of a pack, or None where it is of none that we have a pack for.

    `script`: ISO 15924 code of what was typed. `confidence`: calibrated, 0 to 1. `candidates`: (tag, confidence) of the
    likeliest varieties, best first. `decided_by`: `text`, `tenant` (its declared dialects tipped it), or `person`.
    """

    tag: str | None
    script: str
    confidence: float
    candidates: tuple[tuple[str, float], ...] = ()
    signs: tuple[Sign, ...] = ()
    decided_by: str = "text"


@dataclass(frozen=True, slots=True)
class Expansion:
    """A part of the query, `query[start:end]`, and what documents may call it: `terms`, best first, in the script of documents.

    `weight`: what a word of the terms counts in the search beside 1 for the person's own. `kind`: `lexicon`, `numeral`,
    `romanised`, `spelling`, `domain`, `glossary`, `corpus`, `model`. `source`: the pack or list that says so.
    `start == end`: the terms go with the question as a whole.
    """

    start: int
    end: int
    terms: tuple[str, ...]
    weight: float
    kind: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Understanding:
    """What the question was taken to mean.

    `query` is what retrieval searches for: the person's words, with terms carried over from the
    conversation (`carried`) when the question alone has no subject. `expansions` add to it and never take from it.
    `dialect` is the variety to answer in, as chosen or detected.
    """

    question: str
    query: str
    language: str
    script: str
    dialect: str | None = None
    expansions: tuple[Expansion, ...] = ()
    carried: tuple[str, ...] = ()
    detection: Detection | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer. `answered` False: a decline, whose `reason` is a machine-readable name.

    `retrieved`: ids of the passages that it could be made of, each with its document's. `approved_id`: the approved answer that it
    is, word for word.
    """

    text: str
    answered: bool
    reason: str
    understanding: Understanding
    citations: tuple[Citation, ...] = ()
    retrieved: tuple[tuple[str, str], ...] = ()
    approved_id: str | None = None
