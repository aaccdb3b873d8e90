"""Passages → what can be learned from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vernacular.corpus.model import CorpusModel
from vernacular.corpus.words import words_of

MOST_WORDS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Passage:
    text: str
    title: str = ""
    headings: tuple[str, ...] = ()


def build(passages: Sequence[Passage]) -> CorpusModel:
    """A model of these passages; the same passages make the same model."""
    texts = ["\n".join((passage.title, *passage.headings, passage.text)) for passage in passages]
    words = words_of(texts)
    if len(words) > MOST_WORDS:
        words = dict(sorted(words.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_WORDS])
    return CorpusModel(len(passages), words)
