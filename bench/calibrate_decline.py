"""Fit when to decline, on public question sets, and write `serve/rag/decline_weights.json`.

    python -m bench.calibrate_decline --data FOLDER [--write]

A logistic model over a few features, with weights shared by all scripts and a small correction for each, held by L2;
what is found of a question may not speak against the answer. The tables printed are cross-validated by article (every
question is judged by a model that saw none of its article), with every set left out in turn, and with every language.
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bench.decline_cases import EVERYTHING, Case, cases
from serve.rag import decline

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

OUT: Final = Path(__file__).parent.parent / "serve/rag/decline_weights.json"
SCRIPTS: Final = ("Hani", "Arab", "Latn", "vi", "other")
FOLDS: Final = 10
SHARED_L2, BIAS_L2, SCRIPT_L2, MASS, STEPS = 1.0, 0.5, 40.0, 1000.0, 40
# How much each kind of question weighs, whatever their number. Standard questions weigh most: declining one of them
# fails a person whom a plain search would have served.
WEIGHTS: Final = {
    "answerable": 3000.0,
    "dialect": 1800.0,
    "none": 1200.0,
    "gone": 60.0,
    "near": 20.0,
    "dialect gone": 40.0,
    "clapnq": 60.0,
    "rules": 30.0,
}
FULL_TENANT: Final = 3.0
"""How much more a tenant with every passage weighs than one of each smaller size."""


@dataclass(frozen=True)
class Table:
    """The cases as arrays."""

    values: Array
    scripts: npt.NDArray[np.intp]
    answerable: Array
    weights: Array

    @classmethod
    def of(cls, found: list[Case]) -> Table:
        groups = [_group(case) for case in found]
        size, alike = Counter(groups), Counter(group[2:] for group in set(groups))
        return cls(
            np.array([case.features for case in found]),
            np.array([SCRIPTS.index(case.script) for case in found], dtype=np.intp),
            np.array([case.answerable for case in found], dtype=np.float64),
            np.array(
                [
                    WEIGHTS[group[2]]
                    * (FULL_TENANT if group[1] == EVERYTHING else 1.0)
                    / size[group]
                    / alike[group[2:]]
                    for group in groups
                ]
            ),
        )

    def rows(self, chosen: Mask) -> Table:
        return Table(self.values[chosen], self.scripts[chosen], self.answerable[chosen], self.weights[chosen])


def _group(case: Case) -> tuple[str, int, str, bool]:
    """Cases that share one weight: of a set in dialect, or of one size of tenant."""
    dialect = case.kind.startswith("dialect") or case.kind == "none"
    return case.label if dialect else case.kind, case.size, case.kind.rstrip("~"), case.answerable


@dataclass(frozen=True)
class Model:
    """`weights` are (scripts, features), on standardised features."""

    mean: Array
    deviation: Array
    weights: Array
    biases: Array

    def judge(self, table: Table) -> Array:
        """The confidence in each case."""
        values = (table.values - self.mean) / self.deviation
        return _sigmoid((values * self.weights[table.scripts]).sum(axis=1) + self.biases[table.scripts])


def fit(table: Table) -> Model:
    """The most likely weights, by Newton's method on the weighted log loss; those pressing against a sign stay 0."""
    share = table.weights / table.weights.sum()
    mean = share @ table.values
    deviation = np.sqrt(share @ (table.values - mean) ** 2) + 1e-9
    values = (table.values - mean) / deviation
    count, scripts, weights = values.shape[1], len(SCRIPTS), share * MASS
    own = np.eye(scripts)[table.scripts]
    of_script = (own[:, :, None] * values[:, None, :]).reshape(len(values), -1)
    columns = np.concatenate([values, np.ones((len(values), 1)), own, of_script], axis=1)
    penalty = np.array(
        [SHARED_L2] * count + [1e-6] + [BIAS_L2] * scripts + [SCRIPT_L2] * (count * scripts), dtype=np.float64
    )
    signs = np.concatenate([_signs(), np.zeros(columns.shape[1] - count)])
    found = np.zeros(columns.shape[1])
    for _ in range(STEPS):
        confidence = _sigmoid(columns @ found)
        slope = columns.T @ (weights * (confidence - table.answerable)) + penalty * found
        free = ~((signs != 0) & (found == 0) & (slope * signs >= 0))
        curvature = (columns * (weights * confidence * (1 - confidence))[:, None]).T @ columns + np.diag(penalty)
        step = np.zeros_like(found)
        step[free] = np.linalg.solve(curvature[np.ix_(free, free)], slope[free])
        found -= step
        found[found * signs < 0] = 0
        if np.abs(step).max() < 1e-5:
            break
    of_each = found[:count] + found[count + 1 + scripts :].reshape(scripts, count)
    of_each = np.where(of_each * _signs() < 0, 0.0, of_each)
    return Model(mean, deviation, of_each, found[count] + found[count + 1 : count + 1 + scripts])


def _signs() -> Array:
    """1 for features that may only raise confidence, -1 for those that may only lower it, 0 for either."""
    names = decline.FEATURES
    return np.array([0.0 if name in decline.EITHER_WAY else -1.0 if name in decline.LOWERS else 1.0 for name in names])


def _sigmoid(values: Array) -> Array:
    found: Array = 1 / (1 + np.exp(-np.clip(values, -30, 30)))
    return found


def cross_validated(found: list[Case], table: Table, part: Callable[[Case], str]) -> Array:
    """Each case judged by a model that saw none of its part."""
    parts = np.array([part(case) for case in found])
    confidence = np.zeros(len(found))
    for name in sorted(set(parts.tolist())):
        confidence[parts == name] = fit(table.rows(parts != name)).judge(table.rows(parts == name))
    return confidence


def _fold(case: Case) -> str:
    return str(zlib.crc32(case.article.encode()) % FOLDS)


def _set(case: Case) -> str:
    return case.label.partition(".")[0]


def report(found: list[Case], confidence: Array, title: str) -> None:
    print(f"{title}: share answered")
    given = confidence >= 0.5
    for label in dict.fromkeys(_row(case) for case in found):
        cells: list[str] = []
        for kind in dict.fromkeys(case.kind for case in found):
            for answerable in (True, False):
                chosen = [
                    yes
                    for case, yes in zip(found, given, strict=True)
                    if (_row(case), case.kind, case.answerable) == (label, kind, answerable)
                ]
                if chosen:
                    cells.append(f"{kind}{'' if answerable else ' (no)'} {np.mean(chosen):.3f}")
        print(f"  {label:16s}", "  ".join(cells))


def _row(case: Case) -> str:
    if case.kind in ("none", "dialect", "dialect gone"):
        return f"{case.label} {case.language}" + (f" {case.size}" if case.size != EVERYTHING else "")
    return case.label if case.size == EVERYTHING else f"{case.size} passages"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--write", action="store_true", help=f"write {OUT.name}")
    args = parser.parse_args()
    found = list(cases(args.data))
    table = Table.of(found)
    report(found, cross_validated(found, table, _fold), "cross-validated by article")
    report(found, cross_validated(found, table, _set), "each set left out")
    report(found, cross_validated(found, table, lambda case: case.language), "each language left out")
    model = fit(table)
    report(found, model.judge(table), "on all that it was fitted on")
    if args.write:
        OUT.write_text(json.dumps(_stored(model), indent=1) + "\n", encoding="utf-8")


def _stored(model: Model) -> dict[str, Any]:
    raw = model.weights / model.deviation
    offsets = model.biases - raw @ model.mean
    return {
        script: {"bias": round(float(offsets[at]), 4)}
        | {name: round(float(raw[at, index]), 4) for index, name in enumerate(decline.FEATURES)}
        for at, script in enumerate(SCRIPTS)
    }


if __name__ == "__main__":
    main()
