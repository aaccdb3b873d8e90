"""Outcomes → figures by variety, and how far each variety stays behind the same questions in standard wording."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from vernacular.dialects.registry import Registry
from vernacular.evaluation.outcomes import TOP_K, Outcome

RECALLS: Final = {"recall@1": 1, "recall@5": 5, "recall@10": 10}
MRR: Final = f"mrr@{TOP_K}"
GAPS: Final = (*RECALLS, MRR, "answered", "right")
Figures = dict[str, Any]


def figures_of(outcomes: Sequence[Outcome], registry: Registry, standard: str = "") -> Figures:
    """`all`, `varieties` (by `lang`), and `gaps`: what standard wording has more than the variety, over questions in both.

    `standard`: the `lang` that is standard wording; not given: that of each variety's pack.
    """
    by_variety: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        by_variety.setdefault(outcome.lang, []).append(outcome)
    gaps = {lang: gap for lang in sorted(by_variety) if (gap := _gap(lang, by_variety, registry, standard))}
    return {
        "all": _figures(outcomes),
        "varieties": {lang: _figures(by_variety[lang]) for lang in sorted(by_variety)},
        "gaps": gaps,
    }


def is_told(lang: str, detected: str | None, registry: Registry) -> bool | None:
    """Whether the variety told is that of the question; None: there is no pack for it. Standard forms count as one another."""
    wanted = registry.find(lang)
    if wanted is None:
        return None
    found = registry.find(detected) if detected else None
    if not wanted.manifest.standard:
        return found is None or (not found.manifest.standard and found.manifest.family == wanted.manifest.family)
    return found is not None and found.tag == wanted.tag


def compare(now: Mapping[str, Any], before: Mapping[str, Any]) -> Figures:
    """By variety and in all, what each figure has more now than before; and the same of the gaps."""
    then = before.get("varieties", {})
    return {
        "all": _difference(now["all"], before.get("all", {})),
        "varieties": {lang: _difference(found, then[lang]) for lang, found in now["varieties"].items() if lang in then},
        "gaps": {
            lang: _difference(found, before["gaps"][lang])
            for lang, found in now["gaps"].items()
            if lang in before.get("gaps", {})
        },
    }


def moved(now: Iterable[Outcome], before: Iterable[Outcome]) -> dict[str, list[dict[str, Any]]]:
    """The questions whose document left the first five or came among them, by qid and variety."""
    then = {(each.group, each.qid, each.lang): each for each in before}
    worse: list[dict[str, Any]] = []
    better: list[dict[str, Any]] = []
    for each in now:
        old = then.get((each.group, each.qid, each.lang))
        if old is None or not each.answerable or _within(each, 5) == _within(old, 5):
            continue
        (better if _within(each, 5) else worse).append(
            {"qid": each.qid, "lang": each.lang, "rank": each.rank, "before": old.rank}
        )
    return {"worse": worse, "better": better}


def _figures(outcomes: Sequence[Outcome]) -> Figures:
    answerable = [each for each in outcomes if each.answerable]
    others = [each for each in outcomes if not each.answerable]
    found: Figures = {"questions": len(outcomes), "answerable": len(answerable)}
    found |= {name: _mean([float(_within(each, k)) for each in answerable]) for name, k in RECALLS.items()}
    found[MRR] = _mean([1 / each.rank if each.rank else 0.0 for each in answerable])
    found["detected"] = _mean([float(each.told) for each in outcomes if each.told is not None])
    asked = [each for each in answerable if each.answered is not None]
    found["answered"] = _mean([float(each.answered is True) for each in asked])
    found["right"] = _mean([float(each.right is True) for each in asked])
    found["declined"] = _mean([float(each.answered is False) for each in asked])
    found["false_answers"] = _mean([float(each.answered) for each in others if each.answered is not None])
    return found


def _gap(lang: str, by_variety: Mapping[str, Sequence[Outcome]], registry: Registry, given: str) -> Figures | None:
    """Over the questions that are asked in the variety and in standard wording; None: there are none."""
    own = {(each.group, each.qid): each for each in by_variety[lang] if each.answerable}
    for standard in _standards(lang, by_variety, registry, given):
        plain = {(each.group, each.qid): each for each in by_variety[standard]}
        pairs = [key for key in own if key in plain]
        if pairs:
            theirs, its = _figures([plain[key] for key in pairs]), _figures([own[key] for key in pairs])
            differences = {name: round(theirs[name] - its[name], 4) for name in GAPS if its[name] is not None}
            return {"standard": standard, "questions": len(pairs), **differences}
    return None


def _standards(lang: str, there: Iterable[str], registry: Registry, given: str) -> list[str]:
    """Of the varieties that are there, those that can be the standard wording of `lang`, the likeliest first."""
    pack = registry.find(lang)
    if given:
        return [given] if given in set(there) and given != lang else []
    if pack is None or not pack.manifest.standard:
        return []
    kin: dict[str, tuple[bool, bool]] = {}
    for other in sorted(there):
        found = registry.find(other)
        if found is None and other in {pack.manifest.standard, pack.manifest.family}:
            kin[other] = (False, other != pack.manifest.standard)
        elif found and not found.manifest.standard and found.manifest.family == pack.manifest.family:
            meant = other.casefold() in {tag.casefold() for tag in (found.tag, *found.manifest.aliases)}
            kin[other] = (not meant, found.tag != pack.manifest.standard)
    return sorted(kin, key=lambda other: kin[other])


def _within(outcome: Outcome, k: int) -> bool:
    return outcome.rank is not None and outcome.rank <= k


def _difference(now: Mapping[str, Any], before: Mapping[str, Any]) -> Figures:
    return {
        name: round(value - before[name], 4)
        for name, value in now.items()
        if isinstance(value, float) and isinstance(before.get(name), float)
    }


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None
