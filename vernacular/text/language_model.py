"""py3langid's model, for many texts at once: its automaton walks all of them in step, a byte at a time."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from py3langid.langid import MODEL_FILE, LanguageIdentifier

Floats = npt.NDArray[np.float64]
_END: Final = -1


@dataclass(frozen=True, slots=True)
class _Among:
    """The model's columns of some languages, by code. A language in two scripts has two columns: `first` is each one's first."""

    codes: list[str]
    first: list[int]
    table: npt.NDArray[np.float32]
    prior: Floats


class LanguageModel:
    """Naive Bayes over byte n-grams, among `codes`."""

    def __init__(self, codes: Sequence[str]) -> None:
        model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        model.set_languages(codes)
        self._next = np.frombuffer(model.tk_nextmove, dtype=np.int32)
        self._rows = np.array(model.tk_row, dtype=np.int64) << 8
        self._features = np.array(model.tk_output, dtype=np.int64)
        self._table = np.asarray(model.nb_ptc, dtype=np.float32)
        self._prior = np.asarray(model.nb_pc, dtype=np.float64)
        self._codes = list(model.nb_classes)
        self._among: dict[tuple[str, ...], _Among] = {}

    def best(self, texts: Sequence[str], codes: Sequence[str], weights: Mapping[str, float]) -> list[tuple[str, float]]:
        """The most likely of `codes` for each text, and its likelihood among them, 0 to 1; `weights` favour some."""
        among = self._columns(tuple(codes))
        encoded = [_encoded(text) for text in texts]
        scores = self._scores(encoded, among)
        scores /= np.sqrt(np.maximum([len(each) for each in encoded], 1))[:, None]  # calibrates across lengths
        likely = np.exp(scores - scores.max(axis=1, keepdims=True))
        likely = np.add.reduceat(likely, among.first, axis=1)
        likely *= [weights.get(code, 1.0) for code in among.codes]
        found = likely.argmax(axis=1)
        shares = likely[np.arange(len(texts)), found] / likely.sum(axis=1)
        return [(among.codes[column], share) for column, share in zip(found.tolist(), shares.tolist(), strict=True)]

    def _columns(self, codes: tuple[str, ...]) -> _Among:
        if codes not in self._among:
            columns = sorted(
                (column for column, code in enumerate(self._codes) if code in codes), key=lambda each: self._codes[each]
            )
            named = [self._codes[column] for column in columns]
            found = sorted(set(named))
            table = np.ascontiguousarray(self._table[:, columns])
            self._among[codes] = _Among(found, [named.index(code) for code in found], table, self._prior[columns])
        return self._among[codes]

    def _scores(self, encoded: Sequence[bytes], among: _Among) -> Floats:
        owners, features = self._visits(encoded)
        scores = np.zeros((len(encoded), among.table.shape[1]))
        if not len(features):
            return scores
        size = len(self._table)
        keys, counts = np.unique(owners * size + features, return_counts=True)
        owners, features = np.divmod(keys, size)
        weighted = among.table.take(features, axis=0)
        weighted *= np.log1p(counts).astype(np.float32)[:, None]
        present, first = np.unique(owners, return_index=True)
        scores[present] = np.add.reduceat(weighted, first, axis=0) + among.prior
        return scores

    def _visits(self, encoded: Sequence[bytes]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """(text, feature) of every n-gram seen."""
        order = np.argsort([-len(each) for each in encoded], kind="stable")
        lengths = np.array([len(encoded[number]) for number in order])
        longest = int(lengths[0]) if len(lengths) else 0
        letters = np.zeros((longest, len(encoded)), dtype=np.int64)
        for column, number in enumerate(order.tolist()):
            letters[: len(encoded[number]), column] = np.frombuffer(encoded[number], dtype=np.uint8)
        # Longest first: at each place the texts that still go on are the first ones.
        going = np.searchsorted(-lengths, -np.arange(longest), side="left").tolist()
        state = np.zeros(len(encoded), dtype=np.int64)
        seen = np.full((longest, len(encoded)), _END, dtype=np.int64)
        for place, count in enumerate(going):
            state = self._next[self._rows[state[:count]] + letters[place, :count]]
            seen[place, :count] = self._features[state]
        places, columns = np.nonzero(seen != _END)
        return order[columns], seen[places, columns]


def _encoded(text: str) -> bytes:
    if text.isupper():
        text = text.lower()
    return unicodedata.normalize("NFC", text).encode("utf-8", "surrogatepass")
