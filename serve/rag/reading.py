"""The passages that an answer is made from, read sentence by sentence; what is worked out is kept for the next claim."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import regex

from serve.rag.claims import Claim, share_of
from serve.rag.evidence import Quote
from serve.rag.facts import Facts, Figure, clauses, currencies_agree, facts, family
from serve.rag.matching import Matrix, pad
from vernacular.text import sentences
from vernacular.text.language import identify
from vernacular.types import Hit, Span

ENOUGH: Final = 0.5
"""Share of a sentence's content that its quotes must hold."""
NEAR: Final = 0.3
"""Share of a claim's words that stand where its figures do."""
ROW: Final = 0.12
"""Share of them that must stand there themselves, where a title or a table's header holds the others."""
_APART: Final = 0.5
"""What two Han characters of a word count that stand in the quote, but apart."""
_HAN: Final = regex.compile(r"\p{Han}")
_SCRIPT: Final = 1000
"""Characters by which a passage's language is told where its document does not say."""
_REMEMBERED: Final = 1024
"""Passages, and twenty times as many sentences, that are kept as they were read: the same ones answer many questions."""


@dataclass(frozen=True, slots=True)
class _Sentences:
    spans: tuple[Span, ...]
    padded: tuple[str, ...]


class Read:
    """The passages' sentences, and what is known of each; worked out when first asked for."""

    def __init__(self, hits: tuple[Hit, ...]) -> None:
        self.hits = hits
        read = [_sentences(hit.text) for hit in hits]
        self.owner: npt.NDArray[np.intp] = np.repeat(np.arange(len(hits)), [len(own.spans) for own in read]).astype(
            np.intp
        )
        self.spans = [span for own in read for span in own.spans]
        self.texts = [hits[at].text[span.start : span.end] for at, span in zip(self.owner, self.spans, strict=True)]
        self.padded = [padded for own in read for padded in own.padded]
        self.heads = pad(["\n".join((hit.title, *hit.headings)) for hit in hits]) if hits else []
        self._heads: dict[int, tuple[Figure, ...]] = {}
        self._families: dict[int, str] = {}
        self._lines: list[dict[str, tuple[int, int]]] | None = None

    def held(self, claim: Claim) -> tuple[Matrix, Matrix]:
        """How much of each unit of the claim each sentence holds, and each passage's title with its headings."""
        found = claim.terms.matches([*self.padded, *self.heads])
        held = claim.units.held(claim.terms, found)
        for column, name in enumerate(claim.units.names):
            if len(name) > 1 and _HAN.match(name):
                apart = [
                    _APART * sum(char in text for char in name) / len(name) for text in (*self.padded, *self.heads)
                ]
                held[:, column] = np.maximum(held[:, column], apart)
        return held[: len(self.padded)], held[len(self.padded) :]

    def family(self, passage: int) -> str:
        if passage not in self._families:
            hit = self.hits[passage]
            self._families[passage] = family(hit.language or identify(hit.text[:_SCRIPT]).code)
        return self._families[passage]

    def facts(self, row: int) -> Facts:
        return _facts(self.texts[row], self.family(int(self.owner[row])), self.padded[row])

    def tells_money_of(self, claim: Claim, passages: Sequence[int]) -> bool:
        """Whether the claim's amounts are in a currency that the passages, as a whole, speak of."""
        told = [_facts(f"{self.hits[each].title}\n{self.hits[each].text}", self.family(each)) for each in passages]
        return currencies_agree(claim.facts, told)

    def figures(self, rows: Iterable[int]) -> list[Figure]:
        return [figure for row in rows for figure in self.facts(row).figures]

    def figures_of_heads(self, passages: Sequence[int]) -> list[Figure]:
        """Figures in titles, headings and dates of validity, which a reader is shown with the quote."""
        for each in passages:
            if each not in self._heads:
                hit = self.hits[each]
                dates = " ".join(day.isoformat() for day in (hit.valid_from, hit.valid_until) if day)
                self._heads[each] = facts(f"{' '.join((hit.title, *hit.headings))} {dates}", self.family(each)).figures
        return [figure for each in passages for figure in self._heads[each]]

    def speaks_of(self, claim: Claim, held: Matrix, heads: Matrix, row: int) -> bool:
        """Whether the sentence holds so many of the claim's words that its figures are those of the claim.

        Its title's and headings' words, and those of its table's header, are its own too, if it has some of the claim's itself.
        """
        worth = claim.units.worth
        total = float(worth.sum())
        if float(held[row] @ worth) < ROW * total:
            return False
        header = row
        while header and self.owner[header - 1] == self.owner[row] and self._are_rows(header):
            header -= 1
        around = np.maximum(held[header], heads[int(self.owner[row])])
        return float(np.maximum(held[row], around) @ worth) >= NEAR * total

    def _are_rows(self, row: int) -> bool:
        return self.texts[row].startswith("|") and self.texts[row - 1].startswith("|")

    def has_names(self, wanted: Sequence[str], passages: Sequence[int]) -> bool:
        """Whether each name, or all but its ending, stands in one of the passages."""
        if not wanted:
            return True
        told = "".join([self.heads[each] for each in passages])
        told += "".join(padded for padded, owner in zip(self.padded, self.owner, strict=True) if owner in passages)
        stems = [name.strip("_")[: max(4, len(name) - 4)] for name in pad(list(wanted))]
        return all(f"_{stem}" in told for stem in stems)

    def has_word_like_it(self, claim: Claim, rows: Sequence[int], passages: Sequence[int]) -> bool:
        """Whether one word there holds enough of the claim's only word: parts of several may be put together to any word."""
        told = [*(self.padded[row] for row in rows), *(self.heads[each] for each in passages)]
        parts = [f"_{part}_" for part in dict.fromkeys("_".join(told).split("_")) if part]
        return bool(parts) and float(share_of(claim, parts).max()) >= ENOUGH

    def is_latin(self, passage: int) -> bool:
        letters = [char for char in self.hits[passage].text[:_SCRIPT] if char.isalpha()]
        return 2 * sum(char.isascii() for char in letters) > len(letters)

    def denies_otherwise(self, claim: Claim, rows: Sequence[int]) -> bool:
        """Whether a clause of the claim denies what the quotes' clause about the same says, or the other way round."""
        told = [self.facts(row) for row in rows]
        if not claim.facts.denies and not any(each.denies for each in told):
            return False
        language = self.family(int(self.owner[rows[0]]))
        parts = [part for row in rows for part in clauses(self.texts[row], language)]
        quoted = [facts(part, language) for part in parts]
        if any(each.denies for each in told) and any(self.texts[row].startswith("|") for row in rows):
            # A cell that denies does so for what its header and the row's first cell say.
            quoted = [replace(each, denies=True, soft=True) for each in quoted]
        soft = any(each.soft for each in told)
        for clause in clauses(claim.text, claim.language):
            own = Claim(clause, claim.language, claim.lexicon)
            if not own.units.names:
                continue
            scores = share_of(own, parts)
            near = [
                each for each, score in zip(quoted, scores, strict=True) if score >= max(ENOUGH, scores.max() - 0.1)
            ]
            if not near and own.facts.denies and not (soft or own.facts.soft or any(each.denies for each in told)):
                return True
            if near and all(_contradict(own.facts, each) for each in near):
                return True
        return False

    def quotes(self, rows: Sequence[int]) -> list[tuple[int, Quote]]:
        """The sentences as quotes, neighbours as one, in the order they were chosen."""
        taken: dict[int, list[int]] = {}
        for row in rows:
            run = next((first for first, members in taken.items() if self._beside(row, members)), row)
            taken.setdefault(run, []).append(row)
        found = []
        for members in taken.values():
            passage = int(self.owner[members[0]])
            start, end = min(self.spans[at].start for at in members), max(self.spans[at].end for at in members)
            found.append((passage, Quote(self.hits[passage], start, end)))
        return found

    def line(self, code: str) -> tuple[int, int, int] | None:
        wanted = " ".join(code.split())
        if self._lines is None:
            self._lines = [_lines_of(hit.text) for hit in self.hits]
        for passage, lines in enumerate(self._lines):
            if wanted in lines:
                return (passage, *lines[wanted])
        return None

    def _beside(self, row: int, members: list[int]) -> bool:
        return any(abs(row - each) == 1 and self.owner[row] == self.owner[each] for each in members)


def _contradict(one: Facts, other: Facts) -> bool:
    """`free` and `need not pay` agree, `free` and `not free` do not."""
    return one.denies != other.denies and one.soft == other.soft


def _lines_of(text: str) -> dict[str, tuple[int, int]]:
    """Where each line stands, by its content without the space around and within it."""
    found: dict[str, tuple[int, int]] = {}
    at = 0
    for line in text.splitlines(keepends=True):
        if folded := " ".join(line.split()):
            start = at + len(line) - len(line.lstrip())
            found.setdefault(folded, (start, at + len(line.rstrip())))
        at += len(line)
    return found


@functools.lru_cache(_REMEMBERED)
def _sentences(text: str) -> _Sentences:
    spans = tuple(sentences.split(text)) or (Span(0, len(text)),)
    return _Sentences(spans, tuple(pad([text[span.start : span.end] for span in spans])))


@functools.lru_cache(20 * _REMEMBERED)
def _facts(text: str, language: str, padded: str | None = None) -> Facts:
    return facts(text, language, padded)
