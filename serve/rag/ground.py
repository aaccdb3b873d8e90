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

from serve.rag.evidence import Column, Quote
from serve.rag.facts import Facts, Figure, clauses, currencies_agree, facts, family, is_money, missing_figures, names
from serve.rag.matching import Matrix, pad, terms
from serve.rag.support import Units, units
from serve.rag.words import Lexicon, lexicon
from vernacular.text import sentences
from vernacular.text.language import identify
from vernacular.types import Hit, Span

ENOUGH: Final = 0.5
"""Share of a sentence's content that its quotes must hold."""
FEW: Final = 0.3
"""Share of its words that must be there even where its figures agree."""
_LOOKED_AT: Final = 3
"""Passages that a sentence may rest on without having named them."""
_ADDS: Final = 0.12
"""Share of a sentence's content that a further quote must add."""
_MOST_QUOTES: Final = 3
_FIGURE: Final = 1.2
"""What a figure weighs beside a word, in choosing a quote."""
_APART: Final = 0.5
"""What two Han characters of a word count that stand in the quote, but apart."""
_STATES: Final = regex.compile(r"[.!?。！？؟।]\s*$")
_LITTLE: Final = 3
"""Words of content that a sentence may have which only leads over to another."""
_HAN_WORD: Final = 0.5
"""What a pair of Han characters is beside a word, in telling how much a sentence says."""
_TITLE: Final = 6
"""Words of content that a heading may have."""
_OWN_WORDS: Final = ("yue", "nan")
"""Varieties that have little words of their own beside their family's."""
_HAN: Final = regex.compile(r"\p{Han}")
_SCRIPT: Final = 1000
"""Characters by which a passage's language is told where its document does not say."""

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
    def _read(self) -> _Read:
        return _Read(self._hits)

    def judge(self, sentence: str, cited: Sequence[int], heading: bool = False) -> Verdict:
        """`sentence` without markers and decoration; `cited`: the passages it names, from 0. None cited: any one may bear it out.

        `heading`: it has no verb to be true or false by; it may stand if the passages speak of its subject.
        """
        claim = _Claim(sentence, self._language, self._lexicon)
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
    def _is_subject(claim: _Claim, held: Matrix) -> bool:
        worth = claim.units.worth
        spoken_of = len(held) > 0 and float(held.max(axis=0) @ worth) >= ENOUGH * float(worth.sum())
        return spoken_of and claim.states_nothing and claim.size <= _TITLE and not _STATES.search(claim.text)

    def code_lines(self, lines: Iterable[str]) -> list[tuple[int, int, int] | None]:
        """Where each line of code stands: (passage, start, end) of its text, or None."""
        return [self._read.line(line) for line in lines]

    def quote(self, passage: int, start: int, end: int) -> Quote:
        return Quote(self._hits[passage], start, end)

    def _elsewhere(self, claim: _Claim, held: Matrix, heads: Matrix) -> Verdict:
        """The one passage that bears the claim out best, if any: a mosaic of several may say what none of them does."""
        shares = [
            float(held[self._read.owner == each].max(axis=0, initial=0) @ claim.units.worth) for each in self._all
        ]
        for passage in sorted(self._all, key=lambda each: -shares[each])[:_LOOKED_AT]:
            if shares[passage] and (verdict := self._among(claim, [passage], held, heads, ENOUGH)).holds:
                return verdict
        return Verdict(why=UNCITED)

    def _among(self, claim: _Claim, passages: Sequence[int], held: Matrix, heads: Matrix, words: float) -> Verdict:
        """`words`: the share of the claim's words that must be there whatever figures agree."""
        read, worth = self._read, claim.units.worth
        chosen = _choose(claim, held, read, np.flatnonzero(np.isin(read.owner, passages)))
        if not chosen:
            return Verdict(why=WORDS)
        owners = sorted({int(read.owner[row]) for row in chosen})
        covered = float(np.maximum(held[chosen].max(axis=0), heads[owners].max(axis=0)) @ worth)
        figures = len(claim.facts.figures) - len(missing_figures(claim.facts.figures, read.figures(chosen)))
        if covered < words * float(worth.sum()) or covered + figures < ENOUGH * (float(worth.sum()) + figures):
            return Verdict(why=WORDS)
        why = self._contradicts(claim, chosen, owners)
        return Verdict(why=why) if why else Verdict(tuple(read.quotes(chosen)))

    def _contradicts(self, claim: _Claim, chosen: list[int], owners: list[int]) -> str:
        read = self._read
        if missing_figures(claim.facts.figures, [*read.figures(chosen), *read.figures_of_heads(owners)]):
            return FIGURES
        if claim.facts.currencies and not read.tells_money_of(claim, owners):
            return CURRENCY
        if not read.has_names(claim.names, owners):
            return NAMES
        return NEGATION if read.denies_otherwise(claim, chosen) else ""

    def _translated(self, claim: _Claim, cited: Sequence[int]) -> Verdict | None:
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


class _Claim:
    """A sentence of the answer, taken apart."""

    def __init__(self, text: str, language: str, words: Lexicon) -> None:
        self.text, self.language, self.lexicon = text, language, words
        self.family = family(language)
        self.padded = pad([text])[0]
        self.terms = terms(self.padded)
        self.units = _without_figures(units(self.terms, words), words)
        self.facts = facts(text, language, self.padded)
        self.names = names(text, language)

    @property
    def says_little(self) -> bool:
        """A greeting or `Here is how:`: nothing that a quote would have to bear out."""
        limit = _LITTLE if self.text.rstrip().endswith((":", "：")) else 1
        return self.states_nothing and self.size <= limit

    @property
    def states_nothing(self) -> bool:
        return not (self.facts.figures or self.names or self.facts.denies or self.facts.soft)

    @property
    def size(self) -> float:
        """How much content there is, in words."""
        return sum(_HAN_WORD if _HAN.match(name) else 1.0 for name in self.units.names)


class _Read:
    """The passages' sentences, and what is known of each; worked out when first asked for."""

    def __init__(self, hits: tuple[Hit, ...]) -> None:
        self.hits = hits
        spans = [sentences.split(hit.text) or [Span(0, len(hit.text))] for hit in hits]
        self.owner: npt.NDArray[np.intp] = np.repeat(np.arange(len(hits)), [len(own) for own in spans]).astype(np.intp)
        self.spans = [span for own in spans for span in own]
        self.texts = [hits[at].text[span.start : span.end] for at, span in zip(self.owner, self.spans, strict=True)]
        heads = ["\n".join((hit.title, *hit.headings)) for hit in hits]
        padded = pad([*self.texts, *heads]) if hits else []
        self.padded, self.heads = padded[: len(self.texts)], padded[len(self.texts) :]
        self._facts: dict[int, Facts] = {}
        self._wholes: dict[int, Facts] = {}
        self._heads: dict[int, tuple[Figure, ...]] = {}
        self._families: dict[int, str] = {}
        self._lines: list[dict[str, tuple[int, int]]] | None = None

    def held(self, claim: _Claim) -> tuple[Matrix, Matrix]:
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
        if row not in self._facts:
            self._facts[row] = facts(self.texts[row], self.family(int(self.owner[row])), self.padded[row])
        return self._facts[row]

    def tells_money_of(self, claim: _Claim, passages: Sequence[int]) -> bool:
        """Whether the claim's amounts are in a currency that the passages, as a whole, speak of."""
        for each in passages:
            if each not in self._wholes:
                self._wholes[each] = facts(f"{self.hits[each].title}\n{self.hits[each].text}", self.family(each))
        return currencies_agree(claim.facts, [self._wholes[each] for each in passages])

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

    def has_names(self, wanted: Sequence[str], passages: Sequence[int]) -> bool:
        """Whether each name, or all but its ending, stands in one of the passages."""
        if not wanted:
            return True
        told = "".join([self.heads[each] for each in passages])
        told += "".join(padded for padded, owner in zip(self.padded, self.owner, strict=True) if owner in passages)
        stems = [name.strip("_")[: max(4, len(name) - 4)] for name in pad(list(wanted))]
        return all(f"_{stem}" in told for stem in stems)

    def is_latin(self, passage: int) -> bool:
        return any("a" <= char <= "z" for char in self.heads[passage]) or any(
            char.isascii() and char.isalpha() for char in self.hits[passage].text[:_SCRIPT]
        )

    def denies_otherwise(self, claim: _Claim, rows: Sequence[int]) -> bool:
        """Whether a clause of the claim denies what the quotes' clause about the same says, or the other way round."""
        told = [self.facts(row) for row in rows]
        if not claim.facts.denies and not any(each.denies for each in told):
            return False
        language = self.family(int(self.owner[rows[0]]))
        parts = [part for row in rows for part in clauses(self.texts[row], language)]
        quoted = [facts(part, language) for part in parts]
        soft = any(each.soft for each in told)
        for clause in clauses(claim.text, claim.language):
            own = _Claim(clause, claim.language, claim.lexicon)
            if not own.units.names:
                continue
            scores = _share(own, parts)
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


def _choose(claim: _Claim, held: Matrix, read: _Read, rows: npt.NDArray[np.intp]) -> list[int]:
    """The sentences that together hold most of the claim, the best first; a further one must add to those before it."""
    worth = claim.units.worth
    figures = claim.facts.figures
    total = max(float(worth.sum()) + _FIGURE * len(figures), 1e-9)
    candidates = [row for row in rows.tolist() if held[row].any()]
    told = {row: [not missing_figures([each], read.facts(row).figures) for each in figures] for row in candidates}
    covered: Column = np.zeros(len(worth))
    known = np.zeros(len(figures), dtype=np.bool_)
    chosen: list[int] = []
    while candidates and len(chosen) < _MOST_QUOTES:
        gains = {
            row: float((np.maximum(held[row], covered) - covered) @ worth)
            + _FIGURE * float((np.array(told[row], dtype=np.bool_) & ~known).sum())
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


def _contradict(one: Facts, other: Facts) -> bool:
    """`free` and `need not pay` agree, `free` and `not free` do not."""
    return one.denies != other.denies and one.soft == other.soft


def _share(claim: _Claim, texts: Sequence[str]) -> Column:
    """How much of the claim's content each text holds."""
    if not texts:
        return np.zeros(1)
    held = claim.units.held(claim.terms, claim.terms.matches(pad(list(texts))))
    shares: Column = held @ claim.units.worth / max(float(claim.units.worth.sum()), 1e-9)
    return shares


def _without_figures(asked: Units, words: Lexicon) -> Units:
    """The units that are words: numbers and money are compared as figures and currencies."""
    kept = [
        at
        for at, name in enumerate(asked.names)
        if not name[:1].isdecimal() and name not in words.numbers and not is_money(name)
    ]
    count = len(asked.words)
    return Units(
        tuple(asked.names[at] for at in kept),
        tuple(asked.words[at] for at in kept if at < count),
        tuple(asked.singles[at - count] for at in kept if at >= count),
        asked.worth[kept],
    )


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
