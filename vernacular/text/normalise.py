"""One written form for what readers take to be the same text. For matching only: people see text as it was written.

NFKC, case folded, Traditional Chinese folded to Simplified, Arabic letter variants unified and diacritics
dropped, digits of every script as ASCII, katakana as hiragana, zero-width and direction marks dropped.
Accents stay: `vernacular.text.segment` folds them where it helps.
"""

from __future__ import annotations

import functools
import unicodedata
from typing import Final

import numpy as np
import numpy.typing as npt
import regex

from vernacular.text.tables import DROP, LIMIT, CodePoints, code_points, fold_table, simplified, to_text

EXPANSIONS: Final = {"ß": "ss", "ẞ": "ss", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "þ": "th", "Þ": "th"}
_EXPANDING: Final = str.maketrans(EXPANSIONS)
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
    points = _fold(text)
    kept: CodePoints = points[points != DROP]
    return kept


def folded_points_with_origins(text: str) -> tuple[CodePoints, npt.NDArray[np.int64]]:
    """`folded_points(text)`, and for each the offset in `text` of the character it came from."""
    if text.isascii():
        return folded_points(text), np.arange(len(text))
    mapped = list(map(_compatibility_form, text))
    if "".join(mapped) == unicodedata.normalize("NFKC", text.translate(_EXPANDING)):
        points = _fold(text)
        origins = np.repeat(np.arange(len(text)), list(map(len, mapped)))
    else:
        points, origins = _fold_clusters(text)
    kept = points != DROP
    return points[kept], origins[kept]


@functools.lru_cache(maxsize=1 << 16)
def _compatibility_form(char: str) -> str:
    return unicodedata.normalize("NFKC", EXPANSIONS.get(char, char))


def _fold_clusters(text: str) -> tuple[CodePoints, npt.NDArray[np.int64]]:
    """For text whose characters compose with their neighbours: letter by letter, each with its marks."""
    pieces: list[CodePoints] = []
    origins: list[npt.NDArray[np.int64]] = []
    for match in _CLUSTER.finditer(text):
        points = _fold(match.group())
        # A cluster may compose to fewer characters or decompose to more: stay within its own range.
        origins.append(np.minimum(np.arange(match.start(), match.start() + len(points)), match.end() - 1))
        pieces.append(points)
    return np.concatenate(pieces), np.concatenate(origins)


def _fold(text: str) -> CodePoints:
    for letter, expansion in EXPANSIONS.items():
        if letter in text:
            text = text.replace(letter, expansion)
    points = code_points(unicodedata.normalize("NFKC", text))
    if points.size and points.max() >= LIMIT:
        points = np.minimum(points, LIMIT - 1)
    folded: CodePoints = fold_table()[points]
    return folded
