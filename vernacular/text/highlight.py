"""Where a text says what a query asks: spans for people to see, not for ranking."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Final

from vernacular.text.normalise import folded_points, folded_points_with_origins
from vernacular.text.segment import Runs, canonical_numbers, segment
from vernacular.text.tables import accent_table, code_points, to_text
from vernacular.types import Span

SHARED_GRAMS: Final = 0.6
SHORT_WORD: Final = 3
"""Words of so many letters are mostly function words."""
SHORTEST_UNSPACED: Final = 4
"""Characters: one 3-gram of Thai shared by chance is no match."""
_BETWEEN: Final = re.compile(r"[\s\-'’·,]{0,2}")


def highlights(text: str, query: str) -> tuple[Span, ...]:
    """Spans of `text`, ordered and apart, whose words or characters stand in `query`, in code points of `text`.

    Alphabetic scripts: whole words, also in another inflection or with other accents; words of up to three letters
    only beside the word that they stand beside in the query, or when the query has no longer word. Han, kana, Thai and their like: runs of shared grams, so that a
    single Han character counts only when it is the whole query.
    """
    asked = segment(canonical_numbers(folded_points(query))[0])
    points, origins = folded_points_with_origins(text)
    points, kept = canonical_numbers(points)
    origins = origins if kept is None else origins[kept]
    found = segment(points)
    pieces = list(_matching_words(found.words, asked.words.texts()))
    single = not asked.grams.texts() and not asked.words.texts()
    pieces += _matching_grams(found.unigrams if single else found.grams, (asked.unigrams if single else asked.grams))
    starts = origins.tolist()
    stops = [*starts, len(text)]
    spans = (Span(starts[start], max(stops[end], starts[end - 1] + 1)) for start, end in pieces)
    return tuple(_merged(text, sorted(spans, key=lambda span: span.start)))


def _matching_words(found: Runs, asked: list[str]) -> Iterator[tuple[int, int]]:
    wanted = [_bare(word) for word in asked]
    pairs = set(itertools.pairwise(wanted))
    content = {word for word in wanted if not _is_short(word)} or set(wanted)
    kin: dict[str, list[frozenset[str]]] = {}
    for word in content:
        if len(word) > SHORT_WORD and not word.isdecimal():
            kin.setdefault(word[:SHORT_WORD], []).append(_grams(word))
    words = [_bare(word) for word in found.texts()]
    matching = {word for word in set(words) if word in content or _has_kin(word, kin)}
    beside = ["", *words, ""]
    for place, (start, end) in enumerate(zip(found.starts.tolist(), found.ends.tolist(), strict=True)):
        before, word, after = beside[place : place + 3]
        if word in matching or (before, word) in pairs or (word, after) in pairs:
            yield start, end


def _matching_grams(found: Runs, asked: Runs) -> Iterator[tuple[int, int]]:
    wanted = set(asked.texts())
    begun = reach = -1
    for gram, start, end in zip(found.texts(), found.starts.tolist(), found.ends.tolist(), strict=True):
        if gram not in wanted:
            continue
        if len(gram) < SHORT_WORD or len(wanted) == 1:
            yield start, end
            continue
        begun = start if start >= reach else begun
        reach = end
        if reach - begun >= SHORTEST_UNSPACED:
            yield begun, reach


def _has_kin(word: str, kin: dict[str, list[frozenset[str]]]) -> bool:
    """Whether another form of `word` is asked for: the same beginning, and most of the grams."""
    if len(word) <= SHORT_WORD or word[:SHORT_WORD] not in kin:
        return False
    grams = _grams(word)
    return any(len(grams & other) >= SHARED_GRAMS * min(len(grams), len(other)) for other in kin[word[:SHORT_WORD]])


def _is_short(word: str) -> bool:
    return len(word) <= SHORT_WORD and not any(map(str.isdecimal, word))


def _bare(word: str) -> str:
    return word if word.isascii() else to_text(accent_table()[code_points(word)])


def _grams(word: str) -> frozenset[str]:
    """3-grams with the start marked: endings, which inflection changes, weigh less than in the index."""
    padded = f"_{word}"
    return frozenset(padded[place : place + 3] for place in range(len(padded) - 2))


def _merged(text: str, spans: list[Span]) -> Iterator[Span]:
    """Spans that touch, or have no more than a space or hyphen between them, become one."""
    current: Span | None = None
    for span in spans:
        if current is None:
            current = span
        elif span.start <= current.end or _BETWEEN.fullmatch(text, current.end, span.start):
            current = Span(current.start, max(current.end, span.end))
        else:
            yield current
            current = span
    if current is not None:
        yield current
