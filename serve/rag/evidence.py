"""The passages found for a question, read against it once: what reranking, quoting and declining all look at."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from operator import add
from typing import Final, Generic, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from serve.rag.matching import Matrix, Terms, pad, terms
from serve.rag.words import Lexicon
from vernacular.dialects.documents import Gloss, Glosses, terms_of
from vernacular.text import sentences
from vernacular.types import Expansion, Hit, Span

READ_CLOSELY: Final = 16
"""Passages whose sentences are looked at; those below keep the order the index gave them."""
Column: TypeAlias = npt.NDArray[np.float64]

OTHERS: Final = 10
_REMEMBERED: Final = 2048
_NEAR: Final = frozenset({"spelling", "model"})
"""Expansions with words that are only near to those of the question: they help to find, and are no evidence."""
_MEANS: Final = 0.35
"""Weight from which an expansion means what the question says, as far as evidence goes."""

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Sentences:
    """The sentences of the passages that were read closely, in order. `owner[i]` is the hit of sentence i."""

    owner: npt.NDArray[np.intp]
    spans: tuple[Span, ...]
    padded: tuple[str, ...]
    found: npt.NDArray[np.bool_]
    words: Matrix

    def within(self, hit: int, start: int, end: int) -> npt.NDArray[np.bool_]:
        """What is found in each sentence of a hit that lies between start and end of its text."""
        rows = [row for row in np.flatnonzero(self.owner == hit).tolist() if start <= self.spans[row].start < end]
        return self.found[rows]


@dataclass(frozen=True, slots=True)
class Evidence:
    """`hits` as the index ranked them, and what of the question stands in each.

    `padded` holds title and headings too. `found` is (hits, patterns); `words` (hits, words of the question), 0 to 1. The weights are IDFs among these hits:
    what all of them share says little about which of them answers.
    """

    terms: Terms
    hits: tuple[Hit, ...]
    padded: tuple[str, ...]
    found: npt.NDArray[np.bool_]
    words: Matrix
    pattern_weights: Column
    word_weights: Column
    sentences: Sentences
    closely: int = READ_CLOSELY
    """The first so many hits are those whose sentences were read."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """`order` are indices of `evidence.hits`, best first; `scores` and `pairs` belong to the hits, not to the order.

    `pairs` is the share of the question's neighbouring words that stand together in the passage. `scores` are lexical
    also where a model had a say in the order; then the first `meant` of the order are there for what they mean, and that
    they share few words with the question says nothing against them.
    """

    evidence: Evidence
    order: tuple[int, ...]
    scores: Column
    pairs: Column
    meant: int = 0


@dataclass(frozen=True, slots=True)
class Quote:
    """`hit.text[start:end]`, and what the person must see with it to understand it (a table's header, a title)."""

    hit: Hit
    start: int
    end: int
    context: str = ""

    @property
    def text(self) -> str:
        return self.hit.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class _Passage:
    """A text of `length`, padded with the terms of its glosses after it."""

    length: int
    padded: str
    glosses: Glosses


@dataclass(frozen=True, slots=True)
class _Split:
    """The sentences of a passage: where they stand in its text, padded, and padded with the glosses that are of them."""

    spans: tuple[Span, ...]
    padded: tuple[str, ...]
    glossed: tuple[str, ...]


class Reader:
    """Reads passages, and remembers the padded form of those it read last. Safe to share between threads."""

    def __init__(self, gloss: Gloss | None = None, remembered: int = _REMEMBERED) -> None:
        """`gloss`: as the passages were indexed with."""
        self._gloss = gloss
        self._passages: _Memory[_Passage] = _Memory(remembered)
        self._sentences: _Memory[_Split] = _Memory(remembered)

    def read(
        self, query: str, hits: Sequence[Hit], closely: int = READ_CLOSELY, expansions: Sequence[Expansion] = ()
    ) -> Evidence:
        """What of the question, in its own words or in those it was expanded with, stands in the hits."""
        asked = terms(pad([query])[0], _alternatives(query, expansions))
        texts = ["\n".join((hit.title, *hit.headings, hit.text)) for hit in hits]
        passages = list(zip(texts, self._read_passages(texts), strict=True))
        padded = [passage.padded for _, passage in passages]
        found = asked.matches(padded)
        words = asked.word_matches(found)
        return Evidence(
            asked,
            tuple(hits),
            tuple(padded),
            found,
            words,
            idf(found.astype(np.float64), OTHERS),
            idf(words, OTHERS),
            self._read_closely(asked, hits[:closely], passages[:closely]),
            closely,
        )

    def _read_passages(self, texts: list[str]) -> list[_Passage]:
        known = self._passages.get(texts)
        missing = list(dict.fromkeys(text for text in texts if text not in known))
        if missing:
            glosses = self._gloss(missing) if self._gloss is not None else [()] * len(missing)
            read = pad(["\n".join((text, *terms_of(own))) for text, own in zip(missing, glosses, strict=True)])
            fresh = {
                text: _Passage(len(text), padded, own) for text, padded, own in zip(missing, read, glosses, strict=True)
            }
            self._passages.put(fresh)
            known.update(fresh)
        return [known[text] for text in texts]

    def _read_closely(self, asked: Terms, hits: Sequence[Hit], passages: Sequence[tuple[str, _Passage]]) -> Sentences:
        known = self._sentences.get([text for text, _ in passages])
        missing = {text: (hit.text, own) for hit, (text, own) in zip(hits, passages, strict=True) if text not in known}
        if missing:
            fresh = dict(zip(missing, _split(list(missing.values())), strict=True))
            self._sentences.put(fresh)
            known.update(fresh)
        read = [known[text] for text, _ in passages]
        owner = np.repeat(np.arange(len(read)), [len(own.spans) for own in read]).astype(np.intp)
        found = asked.matches([glossed for own in read for glossed in own.glossed])
        return Sentences(
            owner,
            tuple(span for own in read for span in own.spans),
            tuple(padded for own in read for padded in own.padded),
            found,
            asked.word_matches(found),
        )


def idf(matches: Matrix, others: int = 0) -> Column:
    """BM25's ln((N − df + 0.5)/(df + 0.5) + 1) of each column among the rows; partial matches count in part.

    `others`: rows thought of as having nothing, so that a word that few rows leave undecided weighs neither all nor nothing.
    """
    count, frequency = len(matches) + others, matches.sum(axis=0)
    weights: Column = np.log((count - frequency + 0.5) / (frequency + 0.5) + 1)
    return weights


def share(matches: Matrix, weights: Column) -> Column:
    """The weighted share of the columns that each row holds."""
    held: Column = matches @ weights / max(float(weights.sum()), 1e-9)
    return held


def content_weights(evidence: Evidence, words: Lexicon) -> Column:
    """The IDF of each word of the question, 0 for those that say nothing about its subject.

    These are function words and those that ask for a number, such as `cost`: the answer may well say `fee`.
    """
    weights: Column = evidence.word_weights * _subject(evidence, words)
    return weights


def _subject(evidence: Evidence, words: Lexicon) -> npt.NDArray[np.bool_]:
    content = "_".join(("", *words.content(evidence.terms.padded), ""))
    kept = [word.text in content and not words.names_quantity(word.text) for word in evidence.terms.words]
    return np.array(kept, dtype=np.bool_)


def _alternatives(query: str, expansions: Sequence[Expansion]) -> list[tuple[str, list[str]]]:
    """The parts of the question that were expanded with words that mean the same, and these, padded."""
    meant = [each for each in expansions if each.kind not in _NEAR and each.weight >= _MEANS and each.end > each.start]
    texts = [text for each in meant for text in (query[each.start : each.end], *each.terms)]
    padded = iter(pad(texts) if texts else [])
    return [(next(padded), [next(padded) for _term in each.terms]) for each in meant]


def _split(passages: list[tuple[str, _Passage]]) -> list[_Split]:
    """The sentences of each (text, the passage that ends in it)."""
    spans = [tuple(sentences.split(text)) for text, _ in passages]
    pieces = [text[span.start : span.end] for (text, _), own in zip(passages, spans, strict=True) for span in own]
    padded = iter(pad(pieces))
    read = [tuple(next(padded) for _ in own) for own in spans]
    return [
        _Split(own, plain, _with_glosses(own, plain, text, passage))
        for own, plain, (text, passage) in zip(spans, read, passages, strict=True)
    ]


def _with_glosses(spans: Sequence[Span], padded: tuple[str, ...], text: str, passage: _Passage) -> tuple[str, ...]:
    if not passage.glosses:
        return padded
    above = passage.length - len(text)
    terms_within = [
        terms_of(each for each in passage.glosses if span.start <= each.start - above < span.end) for span in spans
    ]
    return tuple(map(add, padded, pad(["\n".join(terms) for terms in terms_within])))


class _Memory(Generic[Value]):
    """The entries used last, by text."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: OrderedDict[str, Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, texts: Sequence[str]) -> dict[str, Value]:
        with self._lock:
            found = {text: self._entries[text] for text in texts if text in self._entries}
            for text in found:
                self._entries.move_to_end(text)
        return found

    def put(self, entries: dict[str, Value]) -> None:
        with self._lock:
            self._entries.update(entries)
            while len(self._entries) > self._size:
                self._entries.popitem(last=False)
