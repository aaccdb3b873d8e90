"""Text as lexicons are looked up in it: folded for comparison, accents too, with the way back to what was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vernacular.text.normalise import folded_points, folded_points_with_origins
from vernacular.text.tables import accent_table, to_text

_BREAK: Final = "\n"


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` in folded form. Its character k comes from `original[origins[k]]`."""

    text: str
    origins: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where `text[start:end]` stands in the original."""
        return self.origins[start], self.origins[end - 1] + 1


def fold(text: str) -> Folded:
    """As `vernacular.text.normalise` has it, and without accents."""
    points, origins = folded_points_with_origins(text)
    folded = accent_table()[points] if len(points) else points
    return Folded(to_text(np.asarray(folded, dtype=np.uint32)), tuple(origins.tolist()))


def fold_all(texts: Sequence[str]) -> list[str]:
    """`fold` of each text, many times faster than one by one; texts of several lines become one."""
    if not texts:
        return []
    points = folded_points(_BREAK.join(text.replace(_BREAK, " ") for text in texts))
    return to_text(np.asarray(accent_table()[points], dtype=np.uint32)).split(_BREAK)
