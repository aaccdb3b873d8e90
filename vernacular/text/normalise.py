"""One written form for what readers take to be the same text. For matching only: people see text as it was written.

NFKC, case folded, Traditional Chinese folded to Simplified, Arabic letter variants unified and diacritics
dropped, digits of every script as ASCII, katakana as hiragana, zero-width and direction marks dropped.
Accents stay: `vernacular.text.segment` folds them where it helps.
"""

from __future__ import annotations

import unicodedata
from typing import Final

import numpy as np
import regex

from vernacular.text.tables import (
    COMPOSES,
    DROP,
    EXPANDS,
    HALFWIDTH_MARKS,
    LIMIT,
    CodePoints,
    Positions,
    code_points,
    expansions,
    fold_table,
    kind_table,
    simplified,
    to_text,
)

_TAKEN_APART: Final = {
    point: unicodedata.normalize("NFC", chr(point)) for point in (*range(0x958, 0x960), 0x9DC, 0x9DD)
}
_CLUSTER: Final = regex.compile(r"[\x00-\x7f]+(?!\p{M})|.[\p{M}\u1160-\u11ff]*+", regex.DOTALL)


def normalise(text: str) -> str:
    """`text` in the form that the analyzer compares. Applying it twice changes nothing."""
    if text.isascii():
        return text.lower()
    return to_text(folded_points(text))


def normalise_with_offsets(text: str) -> tuple[str, list[int]]:
    """The normalised text, and for each of its characters the offset in `text` of the character it came from."""
    points, origins = folded_points_with_origins(text)
    return to_text(points), origins.tolist()


def fold_traditional(text: str) -> str:
    """`text` with each Traditional Chinese character replaced by its Simplified one; the length stays the same."""
    return text if text.isascii() else text.translate(simplified())


def folded_points(text: str) -> CodePoints:
    """`normalise(text)` as an array of code points."""
    if text.isascii():
        return np.frombuffer(text.lower().encode(), dtype=np.uint8).astype(np.uint32)
    return _fold(_composed(text))[0]


def folded_points_with_origins(text: str) -> tuple[CodePoints, Positions]:
    """`folded_points(text)`, and for each the offset in `text` of the character it came from."""
    composed = _composed(text)
    if composed is text:
        return _fold(text)
    pieces: list[CodePoints] = []
    origins: list[Positions] = []
    for match in _CLUSTER.finditer(text):
        points, origin = _fold(_composed(match.group()))
        # A cluster may compose to fewer characters or expand to more: stay within its own range.
        origins.append(np.minimum(origin + match.start(), match.end() - 1))
        pieces.append(points)
    return np.concatenate(pieces), np.concatenate(origins)


def _composed(text: str) -> str:
    """`text` itself if no character combines with another; else its composed form."""
    if not (kind_table()[_looked_up(text)] == COMPOSES).any():
        return text
    if any(mark in text for mark in HALFWIDTH_MARKS):
        composed = unicodedata.normalize("NFKC", text)
    elif (composed := unicodedata.normalize("NFC", text)) != text:
        # Letters that NFC takes apart are taken apart in `_fold` too: they are no reason to leave the original.
        apart = text.translate(_TAKEN_APART)
        composed = text if composed == apart else composed
    return text if composed == text else composed


def _fold(text: str) -> tuple[CodePoints, Positions]:
    points = _looked_up(text)
    origins: Positions = np.arange(len(points), dtype=np.intp)
    folded: CodePoints = fold_table()[points]
    growing = np.flatnonzero(kind_table()[points] == EXPANDS)
    if growing.size:
        forms = [expansions()[point] for point in points[growing].tolist()]
        extra = np.array([len(form) - 1 for form in forms])
        rest = [point for form in forms for point in form[1:]]
        folded = np.insert(folded, np.repeat(growing + 1, extra), rest)
        origins = np.insert(origins, np.repeat(growing + 1, extra), np.repeat(growing, extra))
    kept = folded != DROP
    return folded[kept], origins[kept]


def _looked_up(text: str) -> CodePoints:
    """Code points that can be looked up in the tables: all beyond their end become the last, which is dropped."""
    points = code_points(text)
    if points.size and points.max() >= LIMIT:
        points = np.minimum(points, LIMIT - 1)
    return points
