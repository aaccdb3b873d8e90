"""What is known of a tenant's documents as a whole."""

from __future__ import annotations

import functools
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import orjson

from vernacular.dialects.lookup import Lookup
from vernacular.types import Expansion

KIND: Final = "corpus"
DEFINED, ABBREVIATED = "defined", "abbreviated"
WEIGHTS: Final = {DEFINED: 0.8, ABBREVIATED: 0.6}
"""What a term counts in a search, beside 1 for a word of the question: a document says so itself; it follows from its names."""


@dataclass(frozen=True, slots=True)
class ShortForm:
    """`terms`: what it stands for, likeliest first, as documents write it.

    `capitals`: written otherwise it is another word. `source`: `DEFINED` or `ABBREVIATED`.
    """

    form: str
    terms: tuple[str, ...]
    source: str
    capitals: bool = False


@dataclass(frozen=True)
class CorpusModel:
    """Learned from passages that everyone in the tenant may read; never written to.

    `words`: word → number of passages that hold it, in the form of `vernacular.text.normalise`: whole words of scripts
    with spaces, and terms of two to four Han characters. `passages`: how many there were.
    """

    passages: int
    words: Mapping[str, int]
    short_forms: tuple[ShortForm, ...] = field(default=())

    def expansions(self, query: str) -> tuple[Expansion, ...]:
        """What the short forms in `query` stand for, and the short forms of the names in it: they mean the same."""
        found = []
        for match in self._lookup.scan(query):
            written = query[match.start : match.end]
            meant = [each for each in match.values if not each.capitals or in_capitals(written)]
            if meant:
                terms = tuple(dict.fromkeys(term for each in meant for term in each.terms))
                weight = max(WEIGHTS[each.source] for each in meant)
                found.append(Expansion(match.start, match.end, terms, weight, KIND, meant[0].source))
        return tuple(found)

    @functools.cached_property
    def _lookup(self) -> Lookup[ShortForm]:
        return Lookup(self._entries())

    def _entries(self) -> Iterator[tuple[str, ShortForm]]:
        for each in self.short_forms:
            yield each.form, each
            if each.source == DEFINED:
                yield from ((term, ShortForm(term, (each.form,), DEFINED)) for term in each.terms)

    def to_bytes(self) -> bytes:
        told = {
            "passages": self.passages,
            "words": list(self.words),
            "counts": list(self.words.values()),
            "short_forms": [[each.form, each.terms, each.source, each.capitals] for each in self.short_forms],
        }
        return zlib.compress(orjson.dumps(told))

    @classmethod
    def from_bytes(cls, payload: bytes) -> CorpusModel:
        told = orjson.loads(zlib.decompress(payload))
        words = dict(zip(told["words"], told["counts"], strict=True))
        short_forms = (
            ShortForm(form, tuple(terms), source, capitals) for form, terms, source, capitals in told["short_forms"]
        )
        return cls(told["passages"], words, tuple(short_forms))


def in_capitals(written: str) -> bool:
    """Whether it is written as initials are: `GPhC`, and not as a word at the beginning of a sentence."""
    return sum(char.isupper() for char in written) > 1
