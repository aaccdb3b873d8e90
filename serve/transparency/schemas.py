from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel


class SourceSheet(BaseModel):
    """What one source of documents holds. `languages` and `media_types`: documents by each. `restricted`: those of groups."""

    source: str
    documents: int
    characters: int
    chunks: int
    restricted: int
    expired: int
    languages: dict[str, int]
    media_types: dict[str, int]
    oldest: datetime
    newest: datetime
    valid_from: date | None
    valid_until: date | None


class DataSheet(BaseModel):
    """What is indexed, counted when asked. `generations`: of the vector index, with the analyzer and model of each."""

    tenant: str
    at: datetime
    documents: int
    characters: int
    chunks: int
    not_indexed: int
    sources: list[SourceSheet]
    generations: list[dict[str, Any]]


class ModelFacts(BaseModel):
    """A model that answers, searches or judges. `licence` and `origin` as its profile tells; "" where it has none."""

    name: str
    purpose: str
    licence: str
    origin: str
    languages: list[str]
    figures: str
    notes: list[str]


class AdapterFacts(BaseModel):
    """A LoRA adapter in use, with the data and the recipe it was made from."""

    name: str
    base_model: str
    dialect: str
    digest: str
    lineage: dict[str, Any]


class SystemCard(BaseModel):
    """What is to be known of a tenant's assistant, made from its state at the time.

    `answers`: `extractive` or `generative`. `evaluation` and `red_team`: the last run of each name, with its figures.
    `limits`: sentences, each of which follows from something in the card.
    """

    system: str
    version: str
    at: datetime
    tenant: str
    display_name: str
    purpose: str
    languages: list[str]
    varieties: list[dict[str, str]]
    ai_notice: dict[str, str]
    answers: str
    models: list[ModelFacts]
    adapters: list[AdapterFacts]
    data: dict[str, Any]
    evaluation: list[dict[str, Any]]
    red_team: list[dict[str, Any]]
    safety: dict[str, Any]
    oversight: dict[str, Any]
    limits: list[str]
