"""Where a passage of a document's text stands on the page that it was read from: nowhere rather than at a wrong place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from serve.page_images.letters import Box, Letter, folded

_MOST_PLACES: Final = 200
_MOST_BOXES: Final = 400
_ENOUGH: Final = 0.6
"""Share of a passage's letters from which on its pieces stand for it."""
_PIECE: Final = 6
"""Letters that a piece has at least: shorter ones stand in many places."""
_ENDS: Final = re.compile(r"[\n|]+|(?<=[.!?;])\s+|(?<=[。！？；؟])")


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage, and what stands before and after it on the same page, by which it is told from others of the same words."""

    text: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class _Page:
    """The page's letters as one string, and the letter that each character of it belongs to."""

    key: str
    owners: Sequence[int]


def boxes_of(letters: Sequence[Letter], passage: Passage) -> list[Box]:
    """The rectangles that cover the passage, a line each; none where it cannot be found for certain."""
    page = _Page("".join(each.key for each in letters), [at for at, each in enumerate(letters) for _ in each.key])
    wanted = folded(passage.text)
    if not wanted or not letters:
        return []
    whole = _place(page.key, wanted, folded(passage.before), folded(passage.after))
    spans = [whole] if whole else list(_pieces(page.key, passage.text, len(wanted)))
    marked = sorted({page.owners[at] for start, end in spans for at in range(start, end)})
    return list(_merged([letters[at].box for at in marked]))[:_MOST_BOXES]


def _place(key: str, wanted: str, before: str, after: str) -> tuple[int, int] | None:
    """The one place of `wanted`, or of several the one whose surroundings are most like its own."""
    places = _places(key, wanted)
    if len(places) > 1:
        likeness = [_common(key[:at][::-1], before[::-1]) + _common(key[at + len(wanted) :], after) for at in places]
        best = max(likeness)
        places = [at for at, alike in zip(places, likeness, strict=True) if alike == best]
    return (places[0], places[0] + len(wanted)) if len(places) == 1 else None


def _places(key: str, wanted: str) -> list[int]:
    found: list[int] = []
    at = key.find(wanted)
    while at >= 0 and len(found) < _MOST_PLACES:
        found.append(at)
        at = key.find(wanted, at + 1)
    return found


def _common(some: str, other: str) -> int:
    length = 0
    for a, b in zip(some, other, strict=False):
        if a != b:
            break
        length += 1
    return length


def _pieces(key: str, text: str, length: int) -> Iterator[tuple[int, int]]:
    """Sentences, lines and cells of the passage that stand on the page once, if together they are most of it."""
    spans: list[tuple[int, int]] = []
    for piece in filter(None, map(folded, _ENDS.split(text))):
        places = _places(key, piece) if len(piece) >= _PIECE else []
        if len(places) == 1:
            spans.append((places[0], places[0] + len(piece)))
    if sum(end - start for start, end in spans) >= _ENOUGH * length:
        yield from spans


def _merged(boxes: Sequence[Box]) -> Iterator[Box]:
    """Boxes of letters that stand side by side as one."""
    held: Box | None = None
    for box in boxes:
        if held is None:
            held = box
        elif _beside(held, box):
            held = Box(
                min(held.left, box.left),
                min(held.bottom, box.bottom),
                max(held.right, box.right),
                max(held.top, box.top),
            )
        else:
            yield held
            held = box
    if held is not None:
        yield held


def _beside(a: Box, b: Box) -> bool:
    height = max(a.height, b.height)
    gap = max(a.left, b.left) - min(a.right, b.right)
    return abs(a.middle - b.middle) < 0.5 * height and gap < 1.5 * height
