"""Varieties of languages: which there are, which a tenant declares, and what becomes of a question in one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ui.api import Api

PATH: Final = "/v1/admin/dialects"


@dataclass(frozen=True, slots=True)
class Pack:
    """What is known of a variety: `tag`, its name in itself, how many words, in which domains."""

    tag: str
    native: str
    entries: int
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Varieties:
    """A tenant's: those it declares, those of them that nothing is known of, and its preferences as the gateway keeps them."""

    dialects: tuple[str, ...]
    without_pack: tuple[str, ...]
    preferences: Mapping[str, Any]
    in_force: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sign:
    """Words at `start:end` of the question that speak for a variety, or against it where `weight` is below 0."""

    text: str
    start: int
    end: int
    tag: str
    weight: float


@dataclass(frozen=True, slots=True)
class Expansion:
    """`terms` were searched for beside `text`; with all of the question, where that is empty."""

    text: str
    terms: tuple[str, ...]
    weight: float
    kind: str
    source: str


@dataclass(frozen=True, slots=True)
class TrialHit:
    """`other_rank`: where it stands in the other search; None: not among its hits."""

    rank: int
    other_rank: int | None
    chunk_id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Trial:
    """`tag` None: no variety that anything is known of. `dialect`: what an answer would be in."""

    question: str
    language: str
    dialect: str | None
    tag: str | None
    script: str
    confidence: float
    decided_by: str
    candidates: tuple[tuple[str, float], ...]
    signs: tuple[Sign, ...]
    expansions: tuple[Expansion, ...]
    hits_with: tuple[TrialHit, ...]
    hits_without: tuple[TrialHit, ...]
    took_ms: float


def packs(api: Api) -> tuple[Pack, ...]:
    return tuple(
        Pack(
            tag=str(body.get("tag") or ""),
            native=str(body.get("native") or body.get("tag") or ""),
            entries=int(body.get("entries") or 0) + int(body.get("inherited") or 0) + int(body.get("imported") or 0),
            domains=tuple(map(str, body.get("domains") or ())),
        )
        for body in api.get(PATH).get("data") or ()
    )


def varieties(api: Api) -> Varieties:
    return _varieties(api.get(f"{PATH}/settings"))


def change_varieties(api: Api, **fields: Any) -> Varieties:
    """`dialects`, `preferences`: each that is given is replaced as a whole."""
    return _varieties(api.put(f"{PATH}/settings", fields))


def try_out(api: Api, question: str, dialect: str | None = None, top_k: int = 10) -> Trial:
    asked = {"question": question, "top_k": top_k, **({"dialect": dialect} if dialect else {})}
    body = api.post(f"{PATH}/test", asked)
    detection = body.get("detection") or {}
    return Trial(
        question=str(body.get("question") or question),
        language=str(body.get("language") or ""),
        dialect=body.get("dialect") or None,
        tag=detection.get("tag") or None,
        script=str(body.get("script") or ""),
        confidence=float(detection.get("confidence") or 0),
        decided_by=str(detection.get("decided_by") or ""),
        candidates=tuple((str(tag), float(share)) for tag, share in detection.get("candidates") or ()),
        signs=tuple(_sign(each) for each in detection.get("signs") or ()),
        expansions=tuple(_expansion(each) for each in body.get("expansions") or ()),
        hits_with=tuple(_hit(each) for each in body.get("hits_with") or ()),
        hits_without=tuple(_hit(each) for each in body.get("hits_without") or ()),
        took_ms=float(body.get("took_ms") or 0),
    )


def _varieties(body: Mapping[str, Any]) -> Varieties:
    return Varieties(
        dialects=tuple(map(str, body.get("dialects") or ())),
        without_pack=tuple(map(str, body.get("without_pack") or ())),
        preferences=dict(body.get("preferences") or {}),
        in_force=dict(body.get("in_force") or {}),
    )


def _sign(body: Mapping[str, Any]) -> Sign:
    where = (int(body.get("start") or 0), int(body.get("end") or 0))
    return Sign(str(body.get("text") or ""), *where, str(body.get("tag") or ""), float(body.get("weight") or 0))


def _expansion(body: Mapping[str, Any]) -> Expansion:
    return Expansion(
        text=str(body.get("text") or ""),
        terms=tuple(map(str, body.get("terms") or ())),
        weight=float(body.get("weight") or 0),
        kind=str(body.get("kind") or ""),
        source=str(body.get("source") or ""),
    )


def _hit(body: Mapping[str, Any]) -> TrialHit:
    other = body.get("other_rank")
    return TrialHit(
        rank=int(body.get("rank") or 0),
        other_rank=other if isinstance(other, int) else None,
        chunk_id=str(body.get("chunk_id") or ""),
        title=str(body.get("title") or ""),
        text=str(body.get("text") or ""),
    )
