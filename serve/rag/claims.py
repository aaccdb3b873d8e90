"""A sentence of an answer, taken apart for comparison with what passages say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import regex

from serve.rag.evidence import Column
from serve.rag.facts import facts, family, is_money, names
from serve.rag.matching import pad, terms
from serve.rag.support import Units, units
from serve.rag.words import Lexicon

_LITTLE: Final = 3
"""Words of content that a sentence may have which only leads over to another."""
_HAN_WORD: Final = 0.5
"""What a pair of Han characters is beside a word, in telling how much a sentence says."""
_HAN: Final = regex.compile(r"\p{Han}")


class Claim:
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


def share_of(claim: Claim, texts: Sequence[str]) -> Column:
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
