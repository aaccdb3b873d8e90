"""An answer's text cut into the pieces that are streamed."""

from __future__ import annotations

from collections.abc import Iterator

import regex

# A citation's marker, or a word, with the space after it; of unspaced scripts a few letters. Never within a letter's marks.
_PIECE = regex.compile(r"\[\d+\]\s*|\s+|(?:(?!\[\d+\])(?!\s)\X){1,12}\s*")


def pieces(text: str) -> Iterator[str]:
    """Pieces that join to `text` again; no marker `[1]` and no grapheme is cut."""
    return (found.group() for found in _PIECE.finditer(text))
