"""The universal lexical analyzer: text in any language → sparse vectors for BM25, the same at index and query time.

A document's weights are BM25's term part, tf·(k1+1) / (tf + k1·(1 − b + b·length/average)), with the length
counted per token family and constant averages, so that a vector never depends on other documents. Query weights
are 1 for each distinct token. The index multiplies by IDF, ln((N − df + 0.5)/(df + 0.5) + 1).

A change that moves any id or weight must change `ANALYZER_VERSION`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Final, cast

import numpy as np
import numpy.typing as npt

from vernacular.text.highlight import highlights
from vernacular.text.ids import FAMILIES, FAMILY_BITS, Keys, ids_by_family
from vernacular.text.normalise import folded_points
from vernacular.text.segment import BREAK, Segments, break_points, canonical_numbers, segment
from vernacular.types import SparseVector

__all__ = [
    "ANALYZER_VERSION",
    "encode_document",
    "encode_documents",
    "encode_query",
    "encode_weighted",
    "highlights",
    "tokens",
]

ANALYZER_VERSION: Final = "1"
K1: Final = 0.7
B: Final = 0.75
AVERAGE_LENGTH: Final = {"w": 110.0, "g": 420.0, "c": 320.0}
"""Tokens per family in a typical chunk. Too low costs recall; too high costs nothing."""
BATCH_CHARACTERS: Final = 1 << 15


_EMPTY: Final = SparseVector((), ())


def encode_document(text: str, title: str = "") -> SparseVector:
    """BM25 weights of `text` and `title` together, as numpy arrays (uint32 ids, ascending; float32 weights)."""
    return encode_documents([f"{title}\n{text}" if title else text])[0]


def encode_documents(texts: Sequence[str]) -> list[SparseVector]:
    """`encode_document` of each text: several times faster than one by one when texts are short."""
    return [vector for batch in _batches(texts) for vector in _encode_batch(batch)]


def encode_query(text: str) -> SparseVector:
    """Weight 1 for each distinct token of `text`, as numpy arrays."""
    found = ids_by_family(_segments(text))
    if not found:
        return _EMPTY
    ids, _ = _counted(np.concatenate([ids for _, ids, _ in found]))
    return _vector(ids.astype(np.uint32), np.ones(len(ids), dtype=np.float32))


def encode_weighted(parts: Sequence[tuple[str, float]]) -> SparseVector:
    """The tokens of several (text, weight), each with the greatest weight of the texts it is in; arrays as above."""
    found = [(encode_query(text), weight) for text, weight in parts]
    found = [(vector, weight) for vector, weight in found if len(vector.indices)]
    if not found:
        return _EMPTY
    ids = np.concatenate([np.asarray(vector.indices, dtype=np.uint32) for vector, _ in found])
    weights = np.concatenate([np.full(len(vector.indices), weight, dtype=np.float32) for vector, weight in found])
    order = np.lexsort((-weights, ids))
    distinct, first = np.unique(ids[order], return_index=True)
    return _vector(distinct, weights[order][first])


def tokens(text: str) -> dict[str, list[str]]:
    """The tokens of each family (`w`, `g`, `c`) as text, in order and with repetitions."""
    found = _segments(text)
    return {
        "w": found.words.texts() + found.codes.texts(),
        "g": found.padded.texts(),
        "c": found.unigrams.texts() + found.grams.texts(),
    }


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    characters = 0
    for text in texts:
        if batch and characters + len(text) > BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
        batch.append(text)
        characters += len(text)
    if batch:
        yield batch


def _segments(text: str) -> Segments:
    return segment(canonical_numbers(folded_points(text))[0])


def _encode_batch(texts: list[str]) -> list[SparseVector]:
    joined = BREAK.join(texts)
    if joined.count(BREAK) >= len(texts):
        joined = BREAK.join(text.replace(BREAK, " ") for text in texts)
    segments = _segments(joined)
    found = ids_by_family(segments)
    if not found:
        return [_EMPTY] * len(texts)
    ends = np.append(break_points(segments.points), len(segments.points))
    documents = np.arange(len(texts), dtype=np.uint64) << np.uint64(32)
    lengths = np.zeros((len(FAMILIES), len(texts)))
    parts: list[Keys] = []
    for family, ids, runs in found:
        counts = np.searchsorted(runs.origins, ends)
        counts[1:] -= counts[:-1].copy()
        lengths[FAMILIES.index(family)] += counts
        parts.append(ids | np.repeat(documents, counts))
    keys, frequency = _counted(np.concatenate(parts))
    weights = _weights(frequency, keys, lengths).astype(np.float32)
    indices = keys.astype(np.uint32)
    bounds = [0, *np.searchsorted(keys, documents[1:]).tolist(), len(keys)]
    return [_vector(indices[start:end], weights[start:end]) for start, end in itertools.pairwise(bounds)]


def _counted(keys: Keys) -> tuple[Keys, npt.NDArray[np.intp]]:
    """Distinct keys, ascending, and how often each occurs. Sorts `keys` in place."""
    keys.sort()
    new = np.empty(len(keys) + 1, dtype=np.bool_)
    new[0] = new[-1] = True
    np.not_equal(keys[1:], keys[:-1], out=new[1:-1])
    bounds = np.flatnonzero(new)
    return keys[bounds[:-1]], bounds[1:] - bounds[:-1]


def _weights(frequency: npt.NDArray[np.intp], keys: Keys, lengths: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """BM25's term part; `lengths[family, document]` counts the tokens."""
    averages = np.array([[AVERAGE_LENGTH[family]] for family in FAMILIES])
    saturation = K1 * (1 - B + B * lengths / averages)
    group = (keys >> np.uint64(FAMILY_BITS)).astype(np.intp)
    weights: npt.NDArray[np.float64] = frequency * (K1 + 1) / (frequency + saturation[group & 3, group >> 2])
    return weights


def _vector(ids: npt.NDArray[np.uint32], weights: npt.NDArray[np.float32]) -> SparseVector:
    # Arrays do all that readers of a vector do with a sequence, and cross into the index without a copy.
    return SparseVector(cast("Sequence[int]", ids), cast("Sequence[float]", weights))
