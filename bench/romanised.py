"""Questions typed in Latin letters against passages in Arabic script: recall with and without `from_latin`.

    python -m bench.romanised --questions FILE --contexts FILE [--lang TAG] [--show]

`FILE`s are JSONL: questions with `question`, `lang`, `cid`; contexts with `cid`, `text`. Questions of even and of odd lines
are counted apart: tune on the first, believe the second.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from vernacular.dialects.pack import Manifest, Pack
from vernacular.dialects.registry import built_in
from vernacular.dialects.romanised import RomanIndex, from_latin
from vernacular.text.analyze import encode_documents, encode_query, encode_weighted, tokens
from vernacular.types import Expansion, SparseVector

Row = dict[str, Any]
_BARE = Pack(Manifest(tag="ar", version="1.0.0", name="Arabic", native="العربية", family="ar", scripts=["Arab"]))
"""A pack without words: what the sounds alone find."""


class Passages:
    """Plain BM25 over passages, in memory."""

    def __init__(self, texts: list[str]) -> None:
        self._postings: dict[int, list[tuple[int, float]]] = {}
        for number, vector in enumerate(encode_documents(texts)):
            for index, value in zip(vector.indices, vector.values, strict=True):
                self._postings.setdefault(int(index), []).append((number, float(value)))
        self._size = len(texts)

    def best(self, query: SparseVector) -> list[int]:
        """Numbers of the passages, best first; those that have nothing in common with the query are left out."""
        scores = np.zeros(self._size)
        for index, weight in zip(query.indices, query.values, strict=True):
            found = self._postings.get(int(index), ())
            idf = math.log((self._size - len(found) + 0.5) / (len(found) + 0.5) + 1)
            for number, value in found:
                scores[number] += idf * weight * value
        return [number for number in np.argsort(-scores, kind="stable").tolist() if scores[number] > 0]


def expanded(text: str, expansions: Iterable[Expansion]) -> SparseVector:
    parts = [(text, 1.0)]
    parts += [(term, each.weight / (1 + 0.3 * place)) for each in expansions for place, term in enumerate(each.terms)]
    return encode_weighted(parts)


def rank(found: list[int], gold: int) -> int:
    return found.index(gold) + 1 if gold in found else 10**6


def measure(
    rows: list[Row], numbers: dict[str, int], passages: Passages, index: RomanIndex, packs: list[Pack], show: bool
) -> None:
    before, after, spent = [], [], 0.0
    for row in rows:
        gold = numbers[row["cid"]]
        before.append(rank(passages.best(encode_query(row["question"])), gold))
        start = time.perf_counter()
        expansions = from_latin(row["question"], packs, index)
        spent += time.perf_counter() - start
        after.append(rank(passages.best(expanded(row["question"], expansions)), gold))
        if show:
            print(after[-1], row["question"])
            for each in expansions:
                print(
                    f"     {row['question'][each.start : each.end]:14} {each.weight:.2f} {each.source:12}", *each.terms
                )
    for name, ranks in (("without", before), ("with", after)):
        recall = [sum(place <= k for place in ranks) / len(ranks) for k in (1, 5, 10)]
        print(f"  {name:8} recall@1/5/10", *(f"{value:.3f}" for value in recall))
    print(f"  {1000 * spent / len(rows):.2f} ms a question")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--contexts", type=Path, required=True)
    parser.add_argument("--lang", default="ary-Latn")
    parser.add_argument("--bare", action="store_true", help="without the words of packs")
    parser.add_argument("--show", action="store_true")
    chosen = parser.parse_args()
    contexts: list[Row] = [json.loads(line) for line in chosen.contexts.open(encoding="utf-8")]
    numbers = {row["cid"]: number for number, row in enumerate(contexts)}
    questions: list[Row] = [json.loads(line) for line in chosen.questions.open(encoding="utf-8")]
    asked = [row for row in questions if row["lang"] == chosen.lang and row["cid"] in numbers]
    words: Counter[str] = Counter()
    for row in contexts:
        words.update(set(tokens(row["text"])["w"]))
    start = time.perf_counter()
    index = RomanIndex(words)
    print(f"{len(words)} words indexed in {time.perf_counter() - start:.2f} s")
    passages = Passages([row["text"] for row in contexts])
    packs = [_BARE] if chosen.bare else built_in().of_family("ar") or [_BARE]
    for name, half in (("even", asked[::2]), ("odd", asked[1::2])):
        print(name, len(half))
        measure(half, numbers, passages, index, packs, chosen.show)


if __name__ == "__main__":
    main()
