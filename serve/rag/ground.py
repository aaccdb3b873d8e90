"""A sentence of a model's → the verbatim quotes that bear it out, or why there are none.

No model judges another here: a sentence stands where its words are those of the passage (folded, and in parts for related
forms), where each of its figures, currencies and names stands in the quote, and where both deny or both do not. In another
language than the passage's only figures and names can be compared; what rests on that alone is marked as translated.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import regex

from serve.rag.claims import Claim
from serve.rag.evidence import Column, Quote
from serve.rag.facts import family, missing_figures
from serve.rag.matching import Matrix
from serve.rag.reading import ENOUGH, Read
from serve.rag.words import Lexicon, lexicon
from vernacular.types import Hit

FEW: Final = 0.3
"""Share of its words that must be there even where its figures agree."""
_LOOKED_AT: Final = 3
"""Passages that a sentence may rest on without having named them."""
_ADDS: Final = 0.12
"""Share of a sentence's content that a further quote must add."""
_MOST_QUOTES: Final = 3
_FIGURE: Final = 1.2
"""What a figure weighs beside a word, in choosing a quote."""
_STATES: Final = regex.compile(r"[.!?。！？؟।]\s*$")
_TITLE: Final = 6
"""Words of content that a heading may have."""
_OWN_WORDS: Final = ("yue", "nan")
"""Varieties that have little words of their own beside their family's."""

WORDS, FIGURES, CURRENCY, NAMES, NEGATION, UNCITED = "words", "figures", "currency", "names", "negation", "uncited"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`quotes` bear the sentence out, each with the number of its passage from 0; none: it is not borne out, for `why`.

    `connects`: it says nothing that could be true or false, but leads over to what does.
    """

    quotes: tuple[tuple[int, Quote], ...] = ()
    translated: bool = False
    connects: bool = False
    why: str = ""

    @property
    def holds(self) -> bool:
        return bool(self.quotes)


class Grounds:
    """The passages that an answer was made from, read once for all its sentences.

    Each hit's text must have been found verbatim in its document, so that any part of it is a verbatim quote.
    `language`: that of the answer, as far as it is known.
    """

    def __init__(self, hits: Sequence[Hit], language: str) -> None:
        self._hits = tuple(hits)
        self._language = language
        self._lexicon: Lexicon = lexicon(language if language.startswith(_OWN_WORDS) else family(language))
        self._all = range(len(hits))

    @cached_property
    def _read(self) -> Read:
        return Read(self._hits)

    def judge(self, sentence: str, cited: Sequence[int], heading: bool = False) -> Verdict:
        """`sentence` without markers and decoration; `cited`: the passages it names, from 0. None cited: any one may bear it out.

        `heading`: it has no verb to be true or false by; it may stand if the passages speak of its subject.
        """
        claim = Claim(sentence, self._language, self._lexicon)
        if not (claim.units.names or claim.facts.figures):
            return Verdict(connects=True, why=WORDS)
        held, heads = self._read.held(claim)
        if heading and self._is_subject(claim, held):
            return Verdict(connects=True)
        verdict = self._among(claim, cited, held, heads, FEW) if cited else Verdict(why=UNCITED)
        if not verdict.holds and (elsewhere := self._elsewhere(claim, held, heads)).holds:
            return elsewhere
        if not verdict.holds and cited and verdict.why == WORDS:
            verdict = self._translated(claim, cited) or verdict
        if not verdict.holds and claim.says_little:
            return Verdict(connects=True, why=verdict.why)
        return verdict

    @staticmethod
    def _is_subject(claim: Claim, held: Matrix) -> bool:
        worth = claim.units.worth
        spoken_of = len(held) > 0 and float(held.max(axis=0) @ worth) >= ENOUGH * float(worth.sum())
        return spoken_of and claim.states_nothing and claim.size <= _TITLE and not _STATES.search(claim.text)

    def code_lines(self, lines: Iterable[str]) -> list[tuple[int, int, int] | None]:
        """Where each line of code stands: (passage, start, end) of its text, or None."""
        return [self._read.line(line) for line in lines]

    def quote(self, passage: int, start: int, end: int) -> Quote:
        return Quote(self._hits[passage], start, end)

    def _elsewhere(self, claim: Claim, held: Matrix, heads: Matrix) -> Verdict:
        """The one passage that bears the claim out best, if any: a mosaic of several may say what none of them does."""
        shares = [
            float(held[self._read.owner == each].max(axis=0, initial=0) @ claim.units.worth) for each in self._all
        ]
        for passage in sorted(self._all, key=lambda each: -shares[each])[:_LOOKED_AT]:
            if shares[passage] and (verdict := self._among(claim, [passage], held, heads, ENOUGH)).holds:
                return verdict
        return Verdict(why=UNCITED)

    def _among(self, claim: Claim, passages: Sequence[int], held: Matrix, heads: Matrix, words: float) -> Verdict:
        """`words`: the share of the claim's words that must be there whatever figures agree."""
        read, worth = self._read, claim.units.worth
        chosen = _choose(claim, held, heads, read, np.flatnonzero(np.isin(read.owner, passages)))
        if not chosen:
            return Verdict(why=WORDS)
        owners = sorted({int(read.owner[row]) for row in chosen})
        covered = float(np.maximum(held[chosen].max(axis=0), heads[owners].max(axis=0)) @ worth)
        figures = len(claim.facts.figures) - len(missing_figures(claim.facts.figures, read.figures(chosen)))
        if covered < words * float(worth.sum()) or covered + figures < ENOUGH * (float(worth.sum()) + figures):
            return Verdict(why=WORDS)
        if len(claim.units.names) == 1 and not figures and not read.has_word_like_it(claim, chosen, owners):
            return Verdict(why=WORDS)
        why = self._contradicts(claim, chosen, owners)
        return Verdict(why=why) if why else Verdict(tuple(read.quotes(chosen)))

    def _contradicts(self, claim: Claim, chosen: list[int], owners: list[int]) -> str:
        read = self._read
        if missing_figures(claim.facts.figures, [*read.figures(chosen), *read.figures_of_heads(owners)]):
            return FIGURES
        if claim.facts.currencies and not read.tells_money_of(claim, owners):
            return CURRENCY
        if not read.has_names(claim.names, owners):
            return NAMES
        return NEGATION if read.denies_otherwise(claim, chosen) else ""

    def _translated(self, claim: Claim, cited: Sequence[int]) -> Verdict | None:
        """A sentence in another language than the passages it cites: by figures and names, and on its marker's word."""
        read = self._read
        foreign = [each for each in dict.fromkeys(cited) if read.family(each) != claim.family]
        if not foreign or not (claim.units.names or claim.facts.figures):
            return None
        rows = np.flatnonzero(np.isin(read.owner, foreign)).tolist()
        told = {row: read.facts(row) for row in rows}
        ranked = sorted(rows, key=lambda row: len(missing_figures(claim.facts.figures, told[row].figures)))
        if not ranked:
            return None
        chosen, missing = [ranked[0]], missing_figures(claim.facts.figures, told[ranked[0]].figures)
        for row in ranked[1:_MOST_QUOTES]:
            if missing and len(rest := missing_figures(missing, told[row].figures)) < len(missing):
                chosen, missing = [*chosen, row], rest
        if missing:
            return Verdict(why=FIGURES)
        if claim.facts.currencies and not read.tells_money_of(claim, foreign):
            return Verdict(why=CURRENCY)
        latin = [each for each in foreign if read.is_latin(each)]
        if latin and not read.has_names(claim.names, latin):
            return Verdict(why=NAMES)
        denied = [told[row].denies or told[row].soft for row in chosen]
        if claim.facts.figures and claim.facts.denies and not claim.facts.soft and not any(denied):
            return Verdict(why=NEGATION)
        return Verdict(tuple(read.quotes(sorted(chosen))), translated=True)


def _choose(claim: Claim, held: Matrix, heads: Matrix, read: Read, rows: npt.NDArray[np.intp]) -> list[int]:
    """The sentences that together hold most of the claim, the best first; a further one must add to those before it."""
    worth = claim.units.worth
    figures = claim.facts.figures
    total = max(float(worth.sum()) + _FIGURE * len(figures), 1e-9)
    candidates = [row for row in rows.tolist() if held[row].any()]
    told = {row: [not missing_figures([each], read.facts(row).figures) for each in figures] for row in candidates}
    # A figure counts where it stands with the claim's words: most numbers stand somewhere in a long passage.
    near = {row for row in candidates if read.speaks_of(claim, held, heads, row)}
    covered: Column = np.zeros(len(worth))
    known = np.zeros(len(figures), dtype=np.bool_)
    chosen: list[int] = []
    while candidates and len(chosen) < _MOST_QUOTES:
        gains = {
            row: float((np.maximum(held[row], covered) - covered) @ worth)
            + _FIGURE * float((np.array(told[row], dtype=np.bool_) & ~known).sum()) * (row in near)
            for row in candidates
        }
        best = max(candidates, key=lambda row: (gains[row], -row))
        if gains[best] < _ADDS * total:
            break
        chosen.append(best)
        candidates.remove(best)
        covered = np.maximum(covered, held[best])
        known |= np.array(told[best], dtype=np.bool_)
    return chosen
