"""What is known of a tenant's documents as a whole."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import orjson


@dataclass(frozen=True, slots=True)
class CorpusModel:
    """Learned from passages that everyone in the tenant may read; never written to.

    `words`: word → number of passages that hold it, in the form of `vernacular.text.normalise`: whole words of scripts
    with spaces, and terms of two to four Han characters. `passages`: how many there were.
    """

    passages: int
    words: Mapping[str, int]

    def to_bytes(self) -> bytes:
        told = {"passages": self.passages, "words": list(self.words), "counts": list(self.words.values())}
        return zlib.compress(orjson.dumps(told))

    @classmethod
    def from_bytes(cls, payload: bytes) -> CorpusModel:
        told = orjson.loads(zlib.decompress(payload))
        return cls(told["passages"], dict(zip(told["words"], told["counts"], strict=True)))
