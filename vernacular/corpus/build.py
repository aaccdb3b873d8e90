"""Passages → what can be learned from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import regex

from vernacular.corpus.abbreviations import abbreviations
from vernacular.corpus.model import ABBREVIATED, DEFINED, CorpusModel, ShortForm, in_capitals
from vernacular.corpus.short_forms import defined
from vernacular.corpus.words import words_of
from vernacular.text.normalise import normalise

MOST_WORDS: Final = 60_000
MOST_SHORT_FORMS: Final = 5000
LOOKED_THROUGH: Final = 100_000
"""Characters of titles and texts in which it is looked up how a term is written."""
_HAN: Final = regex.compile(r"\p{Han}")


@dataclass(frozen=True, slots=True)
class Passage:
    text: str
    title: str = ""
    headings: tuple[str, ...] = ()


def build(passages: Sequence[Passage]) -> CorpusModel:
    """A model of these passages; the same passages make the same model."""
    texts = ["\n".join((passage.title, *passage.headings, passage.text)) for passage in passages]
    words, terms = words_of(texts)
    names = {name for passage in passages for name in (passage.title, *passage.headings) if name}
    told = defined(texts)
    made = abbreviations(terms, sorted(names), words, len(texts))
    known = {normalise(form) for form in told}
    made = {form: terms for form, terms in made.items() if form not in known}
    short_forms = [*_defined(told, texts), *_abbreviated(made, [*sorted(names), *texts])]
    return CorpusModel(len(passages), _commonest(words), tuple(short_forms[:MOST_SHORT_FORMS]))


def _commonest(words: dict[str, int]) -> dict[str, int]:
    if len(words) <= MOST_WORDS:
        return words
    return dict(sorted(words.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_WORDS])


def _defined(told: Mapping[str, tuple[str, ...]], texts: Sequence[str]) -> Iterator[ShortForm]:
    small = _in_small_letters([form for form in told if not _HAN.search(form)], texts)
    return (ShortForm(form, terms, DEFINED, form.casefold() in small) for form, terms in told.items())


def _in_small_letters(forms: Iterable[str], texts: Sequence[str]) -> set[str]:
    """Those that the texts also have as a word of small letters, such as `who`, and those too short to tell."""
    small = {form.casefold() for form in forms}
    short = {form for form in small if len(form) < 3}
    if not small - short:
        return short
    pattern = regex.compile(rf"\b(?:{'|'.join(map(regex.escape, sorted(small - short)))})\b", regex.IGNORECASE)
    words = {word for text in texts for word in pattern.findall(text)}
    return short.union(word.casefold() for word in words if not in_capitals(word))


def _abbreviated(made: Mapping[str, tuple[str, ...]], texts: Sequence[str]) -> Iterator[ShortForm]:
    """With the terms as the texts write them: in Traditional characters, if they do."""
    written, folded = _aligned(texts)
    for form, terms in made.items():
        places = [folded.find(term) for term in terms]
        shown = tuple(
            term if place < 0 else written[place : place + len(term)] for term, place in zip(terms, places, strict=True)
        )
        yield ShortForm(form, shown, ABBREVIATED, _HAN.search(form) is None)


def _aligned(texts: Sequence[str]) -> tuple[str, str]:
    """The first texts as they are and in normalised form, character by character."""
    pieces: list[tuple[str, str]] = []
    size = 0
    for text in texts:
        if size > LOOKED_THROUGH:
            break
        folded = normalise(text)
        if len(folded) == len(text):
            pieces.append((text, folded))
            size += len(text)
    return "\n".join(text for text, _ in pieces), "\n".join(folded for _, folded in pieces)
