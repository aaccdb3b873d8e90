"""Fit when to decline, on public question sets, and write `serve/rag/decline_weights.json`.

    python -m bench.calibrate_decline --data FOLDER [--write]

Answerable: the questions of xquad, cmrc2018, drcd, arcd, clapnq and those in dialect. Unanswerable: the same questions with
the gold article removed, or only the gold passage (a near miss), and questions written or collected as unanswerable.
A logistic model with weights shared by all scripts and a correction for each, held small by L2. The table printed first
is cross-validated: every question is judged by a model that saw none of its article.
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bench.offline import XQUAD, as_records, dialect_corpus, load, question_set, rows
from serve.rag import decline
from serve.rag.compose import compose
from serve.rag.evidence import Reader
from serve.rag.generate import generate
from serve.rag.rerank import rerank
from serve.rag.retrieve import retrieve
from serve.rag.understand import understand
from serve.rag.words import lexicon
from vernacular.settings import AnswerSettings
from vernacular.tenancy import TenantScope

Array = npt.NDArray[np.float64]

OUT: Final = Path(__file__).parent.parent / "serve/rag/decline_weights.json"
SCRIPTS: Final = ("Hani", "Arab", "Latn", "vi", "other")
QUESTIONS_A_SET: Final = 150
SMALL_TENANT: Final = 12
SHARED_L2, SCRIPT_L2, STEPS, RATE = 0.0003, 0.003, 900, 0.03
# How much each kind of question weighs, whatever their number. Standard questions weigh most: declining one of them
# fails a person whom a plain search would have served.
WEIGHTS: Final = {"answerable": 500.0, "gone": 40.0, "near": 10.0, "dialect": 420.0, "none": 640.0, "clapnq": 40.0}


# The dialects of the two sets are not equally far from what the documents say, nor their unanswerable questions equally near.
LABEL_WEIGHTS: Final = {("zh", "dialect"): 2.0, ("ar_es", "dialect"): 1.4, ("ar_es", "none"): 1.25}


@dataclass(frozen=True)
class Case:
    label: str
    kind: str
    article: str
    script: str
    features: tuple[float, ...]
    answerable: bool


class Asker:
    """Asks one tenant, as the pipeline would, and keeps what confidence is judged by."""

    def __init__(self, scope: TenantScope) -> None:
        self._scope = scope
        self._reader = Reader()
        self._settings = AnswerSettings()

    def case(
        self,
        label: str,
        kind: str,
        article: str,
        question: str,
        answerable: bool,
        without: frozenset[str] = frozenset(),
    ) -> Iterator[Case]:
        understanding = understand(question)
        found = retrieve(self._scope, understanding, limit=self._settings.candidates)
        hits = [hit for hit in found if hit.source_id not in without]
        if not hits:
            return
        words = lexicon(understanding.language)
        ranking = rerank(self._reader.read(understanding.query, hits), words)
        quotes = generate(ranking, compose(ranking, self._settings.passages), words, self._settings.quotes)
        values = decline.features(ranking, quotes, words)
        script = decline.calibration(understanding)
        yield Case(label, kind, article, script, tuple(values[name] for name in decline.FEATURES), answerable)


def cases(data: Path) -> Iterator[Case]:
    for name, language in [("xquad", each) for each in XQUAD] + [(each, "") for each in ("cmrc2018", "drcd", "arcd")]:
        yield from _reading_set(data, name, language)
    for language in XQUAD:
        yield from _small_tenant(data, language)
    for name in ("zh", "ar_es"):
        yield from _dialects(data, name)
    yield from _clapnq(data)


def _reading_set(data: Path, name: str, language: str) -> Iterator[Case]:
    contexts, questions = question_set(data, name, language)
    asker, label = Asker(load(as_records(contexts))), f"{name}.{language}".strip(".")
    article = {each["cid"]: str(each["article"]) for each in contexts}
    for each in questions[:: max(1, len(questions) // QUESTIONS_A_SET)]:
        own = article[each["cid"]]
        siblings = frozenset(cid for cid, other in article.items() if other == own)
        text = each["question"]
        yield from asker.case(label, "answerable", own, text, True)
        yield from asker.case(label, "gone", own, text, False, siblings)
        yield from asker.case(label, "near", own, text, False, frozenset({each["cid"]}))


def _small_tenant(data: Path, language: str) -> Iterator[Case]:
    """A dozen passages, each on something else: what a tenant has who has just begun."""
    contexts, questions = question_set(data, "xquad", language)
    held = contexts[:: len(contexts) // SMALL_TENANT]
    asker, label = Asker(load(as_records(held))), f"small.{language}"
    passages, articles = {each["cid"] for each in held}, {each["article"] for each in held}
    article = {each["cid"]: each["article"] for each in contexts}
    for each in questions[::2]:
        own = article[each["cid"]]
        answerable = each["cid"] in passages
        kind = "answerable" if answerable else "near" if own in articles else "gone"
        yield from asker.case(label, kind, str(own), each["question"], answerable)


def _dialects(data: Path, name: str) -> Iterator[Case]:
    records = dialect_corpus(data, arabic=name != "zh")
    asker, known = Asker(load(records)), {record["id"] for record in records}
    for each in rows(data / f"dialect_questions/{name}/dev.jsonl"):
        if each["cid"] is None:
            yield from asker.case(name, "none", each["question"], each["question"], False)
        elif each["set"] in ("xquad", "shop") and str(each["cid"]) in known and each.get("answers"):
            article = str(each["cid"]).rpartition("-")[0].rpartition("-")[2] or str(each["cid"])
            yield from asker.case(name, "dialect", article, each["question"], True)


def _clapnq(data: Path) -> Iterator[Case]:
    answerable, not_answerable = (rows(data / f"clapnq/dev_{name}.jsonl") for name in ("answerable", "unanswerable"))
    everything = answerable + not_answerable
    asker = Asker(load({"id": each["qid"], "title": each["title"], "text": each["passage"]} for each in everything))
    for each in everything:
        yield from asker.case("clapnq", "clapnq", each["title"], each["question"], bool(each["answerable"]))


@dataclass(frozen=True)
class Table:
    """The cases as arrays, features standardised."""

    values: Array
    scripts: npt.NDArray[np.intp]
    answerable: Array
    weights: Array

    @classmethod
    def of(cls, found: list[Case], mean: Array, deviation: Array) -> Table:
        groups = [(case.label, case.kind, case.answerable) for case in found]
        size = {group: groups.count(group) for group in set(groups)}
        return cls(
            (np.array([case.features for case in found]) - mean) / deviation,
            np.array([SCRIPTS.index(case.script) for case in found], dtype=np.intp),
            np.array([case.answerable for case in found], dtype=np.float64),
            np.array(
                [
                    WEIGHTS[kind] * LABEL_WEIGHTS.get((label, kind), 1) / size[label, kind, yes]
                    for label, kind, yes in groups
                ]
            ),
        )

    def rows(self, chosen: npt.NDArray[np.bool_]) -> Table:
        return Table(self.values[chosen], self.scripts[chosen], self.answerable[chosen], self.weights[chosen])


def fit(table: Table) -> tuple[Array, Array]:
    """(weights, biases) by script, by Adam on the weighted log loss."""
    count = table.values.shape[1]
    parameters = [np.zeros(count), np.zeros((len(SCRIPTS), count)), np.zeros(len(SCRIPTS))]
    first = [np.zeros_like(each) for each in parameters]
    second = [np.zeros_like(each) for each in parameters]
    share = table.weights / table.weights.sum()
    for step in range(1, STEPS + 1):
        shared, own, bias = parameters
        error = (judge(table, shared + own, bias) - table.answerable) * share
        of_script = [error * (table.scripts == at) for at in range(len(SCRIPTS))]
        gradients = [
            table.values.T @ error + SHARED_L2 * shared,
            np.array([table.values.T @ each for each in of_script]) + SCRIPT_L2 * own,
            np.array([each.sum() for each in of_script]),
        ]
        for at, gradient in enumerate(gradients):
            first[at] = 0.9 * first[at] + 0.1 * gradient
            second[at] = 0.99 * second[at] + 0.01 * gradient**2
            pace = np.sqrt(second[at] / (1 - 0.99**step)) + 1e-9
            parameters[at] = parameters[at] - RATE * first[at] / (1 - 0.9**step) / pace
        parameters[0] = _signed(parameters[0])
        parameters[1] = _signed(parameters[0] + parameters[1]) - parameters[0]
    return parameters[0] + parameters[1], parameters[2]


def _signed(weights: Array) -> Array:
    """Weights that point the wrong way become 0: what is found of a question never speaks against the answer."""
    lower = [name not in decline.LOWERS | decline.EITHER_WAY for name in decline.FEATURES]
    upper = [name in decline.LOWERS for name in decline.FEATURES]
    return np.clip(weights, np.where(lower, 0.0, -np.inf), np.where(upper, 0.0, np.inf))


def judge(table: Table, weights: Array, bias: Array) -> Array:
    """The confidence in each case."""
    confidence: Array = 1 / (1 + np.exp(-((table.values * weights[table.scripts]).sum(axis=1) + bias[table.scripts])))
    return confidence


def cross_validated(found: list[Case], table: Table) -> Array:
    fold = np.array([zlib.crc32(case.article.encode()) % 2 for case in found])
    confidence = np.zeros(len(found))
    for at in (0, 1):
        confidence[fold == at] = judge(table.rows(fold == at), *fit(table.rows(fold != at)))
    return confidence


def report(found: list[Case], confidence: Array, title: str) -> None:
    print(f"{title}: share answered")
    for label in dict.fromkeys(case.label for case in found):
        cells: list[str] = []
        for kind in WEIGHTS:
            for answerable in (True, False):
                chosen = [
                    value >= 0.5
                    for case, value in zip(found, confidence, strict=True)
                    if (case.label, case.kind, case.answerable) == (label, kind, answerable)
                ]
                if chosen:
                    cells.append(f"{kind}{'' if answerable else ' (no)'} {np.mean(chosen):.3f}")
        print(f"  {label:12s}", "  ".join(cells))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--write", action="store_true", help=f"write {OUT.name}")
    args = parser.parse_args()
    found = list(cases(args.data))
    values = np.array([case.features for case in found])
    mean, deviation = values.mean(axis=0), values.std(axis=0) + 1e-9
    table = Table.of(found, mean, deviation)
    report(found, cross_validated(found, table), "cross-validated")
    weights, bias = fit(table)
    report(found, judge(table, weights, bias), "on all that it was fitted on")
    if args.write:
        OUT.write_text(json.dumps(_stored(weights, bias, mean, deviation), indent=1) + "\n", encoding="utf-8")


def _stored(weights: Array, bias: Array, mean: Array, deviation: Array) -> dict[str, Any]:
    raw = weights / deviation
    offsets = bias - raw @ mean
    return {
        script: {"bias": round(float(offsets[at]), 4)}
        | {name: round(float(raw[at, index]), 4) for index, name in enumerate(decline.FEATURES)}
        for at, script in enumerate(SCRIPTS)
    }


if __name__ == "__main__":
    main()
