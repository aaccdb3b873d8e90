from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from serve.search.schemas import Dialect
from serve.validation import RequestModel
from vernacular.dialects.preferences import DialectPreferences

MAX_DIALECTS = 100


class PackLine(BaseModel):
    """`entries` are the pack's own, `inherited` those of what it builds on, `imported` an operator's; `domains`: entries of each."""

    tag: str
    name: str
    native: str
    version: str
    family: str
    standard: str
    entries: int
    inherited: int
    imported: int
    markers: int
    domains: dict[str, int]


class PackView(PackLine):
    """A pack in full, counted. `builds_on`: the packs whose data count for it too, nearest first."""

    extends: str
    builds_on: list[str]
    scripts: list[str]
    aliases: list[str]
    romanisations: list[str]
    variants: int
    licence: str
    parts_of_speech: dict[str, int]
    ambiguous: int
    romanised: int
    words: dict[str, int]
    phrases: int
    style: str
    registers: list[str]
    examples: int
    questions: int
    found: list[dict[str, Any]] = Field(default=[], description="What is known of `word`, if one was asked for.")


class PackList(BaseModel):
    data: list[PackLine]


class TrialRequest(RequestModel):
    """`dialect`: what a person would have chosen, instead of detecting it."""

    question: str
    dialect: Dialect | None = None
    top_k: int = Field(default=10, ge=1, le=50)


class SignView(BaseModel):
    """Words that speak for `tag` (`weight` > 0, log odds) or against it."""

    text: str
    start: int
    end: int
    tag: str
    weight: float


class DetectionView(BaseModel):
    """`tag` null: no variety that there is a pack for. `decided_by`: text, tenant (its declared varieties) or person."""

    tag: str | None
    script: str
    confidence: float
    candidates: list[tuple[str, float]]
    decided_by: str
    signs: list[SignView]


class ExpansionView(BaseModel):
    """`text` stands at start:end of `query`; empty: the terms go with all of it. `weight`: beside 1 for the person's words."""

    text: str
    start: int
    end: int
    terms: list[str]
    weight: float
    kind: str
    source: str


class TrialHit(BaseModel):
    """`other_rank`: where the same passage is in the other search; null: not among its hits."""

    rank: int
    other_rank: int | None
    document_id: str
    source_id: str
    chunk_id: str
    title: str
    text: str


class Trial(BaseModel):
    """What becomes of a question, and what it would find as it stands. `dialect`: what an answer would be in."""

    question: str
    query: str
    language: str
    script: str
    dialect: str | None
    detection: DetectionView | None
    expansions: list[ExpansionView]
    hits_with: list[TrialHit]
    hits_without: list[TrialHit]
    took_ms: float


class SettingsView(BaseModel):
    """`preferences` and `assistants` hold what is set; `in_force`, what that comes to for the assistant `default`.

    `without_pack`: declared varieties that no pack is there for.
    """

    dialects: list[str]
    without_pack: list[str]
    preferences: dict[str, Any]
    assistants: dict[str, dict[str, Any]]
    in_force: DialectPreferences


class SettingsChange(RequestModel):
    """Each of the three that is given is replaced as a whole; a field of the preferences that it lacks is back at its default."""

    dialects: list[Dialect] | None = Field(default=None, max_length=MAX_DIALECTS)
    preferences: dict[str, Any] | None = Field(default=None, json_schema_extra=DialectPreferences.model_json_schema())
    assistants: dict[str, dict[str, Any]] | None = Field(
        default=None, max_length=100, description="The preferences of assistants, by name."
    )
