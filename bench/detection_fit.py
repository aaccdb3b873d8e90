"""Fits the weights of the packs' markers and the temperatures to questions of known variety.

    python -m bench.detection_fit --data FOLDER [--family zh ar es] [--write]

Multinomial logistic regression over the markers found, drawn towards the weights that the packs have (a normal prior), so
that a marker seldom or never seen keeps what its author gave it, and none changes its sign. Only questions to develop
(`bench.detection`) and sentences that it does not measure are read. Folds give what to expect of unseen questions, and the
temperature. `--write` changes `markers.tsv` of the packs and `detection.json`.
"""

from __future__ import annotations

import argparse
import json
import math
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Final

from bench.detection import CLASSES, SENTENCES, STANDARD, Question, in_dialect, in_standard, rows
from vernacular.dialects.detect import Detector
from vernacular.dialects.family import Family, counted
from vernacular.dialects.registry import Registry, built_in
from vernacular.dialects.signs import key_of
from vernacular.text.language import identify
from vernacular.text.normalise import normalise

EPOCHS: Final = 60
RATE: Final = 0.15
PULL: Final = 0.5
"""How strongly weights are drawn to what they were: the inverse of the variance that the normal prior has."""
FURTHEST: Final = 0.8
"""How far a weight may move: a few questions do not know better than that what a word says."""
STANDARD_WEIGHT: Final = 2.0
"""What the standard language counts beside a variety: what is taken for a variety wrongly is answered in it."""
FOLDS: Final = 4
SENTENCES_OF_EACH: Final = 120
SENTENCE_WEIGHT: Final = 0.3
"""What a sentence counts beside a question: news and chat are not what people ask."""
TEMPERATURES: Final = tuple(0.8 + 0.05 * step for step in range(30))
"""None below 0.8: who wrote the markers had read the questions to develop, so that even folds flatter them."""

Key = tuple[int, str]
"""A marker (the identity of its votes in the index) and a tag."""


@dataclass(frozen=True, slots=True)
class Example:
    """`base`: scores without markers; `counts`: how often a marker is counted; `gold`: the tags that are right."""

    base: dict[str, float]
    counts: dict[Key, float]
    gold: frozenset[str]
    weight: float
    fold: int


def training(data: Path, family: str) -> list[tuple[Question, float]]:
    """Questions to develop with, and what each counts: all varieties count alike, sentences less."""
    asked = in_dialect(data / "dialect_questions", family) + in_standard(data, family)
    found = [question for question in asked if question.half == 0]
    if family == "es":
        found += [Question(_otherwise_typed(each.text), each.gold, each.identifier) for each in found]
    sizes = Counter(question.gold for question in found)
    mean = len(in_dialect(data / "dialect_questions", family)) / (2 * len(sizes))
    plain = {gold for _, gold in STANDARD[family]}
    weighted = [(each, mean * (STANDARD_WEIGHT if each.gold in plain else 1) / sizes[each.gold]) for each in found]
    texts = [(data / "ntrex" / "dev" / f"{name}.jsonl", gold) for name, gold in SENTENCES[family]]
    if family == "ar":
        texts += [(data / "arabic_shami" / f"{name}.jsonl", "apc") for name in ("jor", "leb", "pal")]
    for file, gold in texts:
        every = [row["text"] for number, row in enumerate(rows(file)) if number % 4 == 2][:SENTENCES_OF_EACH]
        weighted += [(Question(text, gold, text), SENTENCE_WEIGHT * mean / sizes[gold]) for text in every]
    return weighted


def _otherwise_typed(text: str) -> str:
    """A Spanish question with the marks and capitals that it lacks, or without those that it has: neither is a variety's."""
    bare = text.strip(" ¿?")
    return bare.lower() if "¿" in text else f"¿{bare[:1].upper()}{bare[1:]}?"


def examples(family: Family, asked: Sequence[tuple[Question, float]]) -> tuple[list[Example], dict[Key, float]]:
    """What was found in each question that is in the script of its language, and the weights of all that was found."""
    found, weights, classes = [], dict[Key, float](), CLASSES[family.name]
    for question, share_of_all in asked:
        language = identify(question.text)
        if language.script == "Latn" and family.name != "es":
            continue
        counts: dict[Key, float] = {}
        for votes, tag, share in counted(family.find(normalise(question.text))):
            key = (id(votes), tag)
            weights[key] = votes[tag]
            counts[key] = counts.get(key, 0.0) + share
        gold = frozenset(tag for tag in family.scripts if classes.get(tag) == question.gold)
        base = {tag: family.priors[tag] + told for tag, told in family.by_script(language).items()}
        fold = zlib.crc32(question.identifier.encode()) // 2 % FOLDS
        found.append(Example(base, counts, gold, share_of_all, fold))
    return found, weights


def own_markers(registry: Registry, family: Family) -> frozenset[Key]:
    """The markers that stand in a pack's own `markers.tsv`, which a fit can change."""
    written = {
        (*key_of(marker.form, marker.kind), pack.tag)
        for pack in registry.of_family(family.name)
        for marker in pack.markers
    }
    return frozenset(
        (id(votes), tag)
        for form, kind, votes in family.markers.entries()
        for tag in votes
        if (form, kind, tag) in written
    )


def scores(example: Example, weights: dict[Key, float]) -> dict[str, float]:
    total = dict(example.base)
    for (mark, tag), share in example.counts.items():
        total[tag] += share * weights[mark, tag]
    return total


def shares(total: dict[str, float], temperature: float = 1.0) -> dict[str, float]:
    most = max(total.values())
    powers = {tag: math.exp((score - most) / temperature) for tag, score in total.items()}
    whole = sum(powers.values())
    return {tag: power / whole for tag, power in powers.items()}


def fit(given: Sequence[Example], start: dict[Key, float], free: frozenset[Key]) -> dict[Key, float]:
    """Weights by gradient descent, a step an epoch for each, scaled by how often it is seen."""
    weights = dict(start)
    seen = Counter(key for example in given for key in example.counts)
    for _ in range(EPOCHS):
        slope: dict[Key, float] = {}
        for example in given:
            told = shares(scores(example, weights))
            right = sum(told[tag] for tag in example.gold) or 1e-9
            error = {
                tag: example.weight * (share - (share / right if tag in example.gold else 0.0))
                for tag, share in told.items()
            }
            for key, count in example.counts.items():
                slope[key] = slope.get(key, 0.0) + count * error[key[1]]
        for key, amount in ((key, amount) for key, amount in slope.items() if key in free):
            moved = weights[key] - RATE * (amount + PULL * (weights[key] - start[key])) / math.sqrt(seen[key])
            near = min(max(moved, start[key] - FURTHEST), start[key] + FURTHEST)
            weights[key] = max(near, 0.1) if start[key] > 0 else min(near, -0.1)
    return weights


def likelihood(told: Sequence[tuple[Example, dict[str, float]]], temperature: float) -> float:
    return sum(
        example.weight * math.log(max(sum(shares(total, temperature)[tag] for tag in example.gold), 1e-6))
        for example, total in told
    )


def held_out(
    given: Sequence[Example], weights: dict[Key, float], free: frozenset[Key]
) -> list[tuple[Example, dict[str, float]]]:
    """Each example with the scores that a fit to the other folds gives it."""
    found = []
    for fold in range(FOLDS):
        fitted = fit([each for each in given if each.fold != fold], weights, free)
        found += [(each, scores(each, fitted)) for each in given if each.fold == fold]
    return found


def right(told: Sequence[tuple[Example, dict[str, float]]]) -> float:
    return sum(max(total, key=lambda tag: total[tag]) in example.gold for example, total in told) / len(told)


def write(family: Family, weights: dict[Key, float], temperature: float) -> None:
    by_votes = {id(votes): (form, kind) for form, kind, votes in family.markers.entries()}
    root = Path(str(resources.files("vernacular.dialects")))
    for tag in family.scripts:
        fitted = {by_votes[mark]: weight for (mark, of), weight in weights.items() if of == tag and mark in by_votes}
        write_markers(root / "packs" / tag / "markers.tsv", fitted)
    file = root / "detection.json"
    scales = json.loads(file.read_text(encoding="utf-8"))
    scales[family.name]["temperature"] = round(temperature, 2)
    file.write_text(json.dumps(scales, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_markers(file: Path, fitted: dict[tuple[str, str], float]) -> None:
    def lines() -> Iterator[str]:
        for line in file.read_text(encoding="utf-8").splitlines():
            cells = line.split("\t")
            known = fitted.get(key_of(cells[0], cells[2])) if len(cells) == 3 else None
            yield line if known is None else f"{cells[0]}\t{known:.2g}\t{cells[2]}"

    file.write_text("\n".join(lines()) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--family", nargs="+", choices=sorted(CLASSES), default=list(CLASSES))
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    registry = built_in()
    detector = Detector(registry)
    figures: dict[str, Any] = {}
    for name in options.family:
        family = detector.family(name)
        given, weights = examples(family, training(options.data, name))
        free = own_markers(registry, family)
        told = held_out(given, weights, free)
        temperature = max(TEMPERATURES, key=lambda each: likelihood(told, each))
        fitted = fit(given, weights, free)
        figures[name] = {
            "before": right([(each, scores(each, weights)) for each in given]),
            "after": right([(each, scores(each, fitted)) for each in given]),
            "held_out": right(told),
            "temperature": temperature,
        }
        print(f"{name}: {len(given)} texts, right {figures[name]}")
        if options.write:
            write(family, fitted, temperature)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
