"""What was searched for, in words that a person can read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import regex

from serve.rag.hypothesis import KIND as SUPPOSED
from serve.rag.matching import pad
from serve.rag.words import Lexicon, words_of
from vernacular.types import Understanding

MOST: Final = 16
LONGEST: Final = 60
"""Characters of a term: what is longer is no word."""
_OF_EACH: Final = 2
_RUN: Final = regex.compile(r"[\p{L}\p{N}][\p{L}\p{M}\p{N}'’\-\u200c]*")
_LONE: Final = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")


def looked_for(understanding: Understanding) -> list[str]:
    """The words of the question that carry meaning, as they were written, then what documents may call them; each once."""
    words = words_of(understanding)
    own = [term for run in _RUN.findall(understanding.query) for term in _content(run, words)]
    own = [term for term in own if _LONE.fullmatch(term) is None] or own
    other = (
        term
        for expansion in understanding.expansions
        if expansion.kind != SUPPOSED  # a passage, not a word
        for term in expansion.terms[:_OF_EACH]
    )
    found: dict[str, str] = {}
    for term in (*own, *other):
        if len(term) <= LONGEST:
            found.setdefault(pad([term])[0], term)  # in another script or spelling it is the same word
    return list(found.values())[:MOST]


def _content(run: str, words: Lexicon) -> Iterator[str]:
    """The parts of a run of letters that carry meaning: of scripts without spaces it is a sentence, otherwise a word."""
    padded = pad([run])[0][1:-1]
    if len(padded) != len(run):
        if words.content(padded):
            yield run
        return
    at = 0
    for part in words.content(padded):
        at = padded.find(part, at)
        if at < 0:
            return
        yield run[at : at + len(part)]
        at += len(part)
