"""An answer's text as blocks: paragraphs, in which spans are marked, and fenced code, which is shown as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_CODE = re.compile(r"^(`{3,}|~{3,})([^\n`]*)\n(.*?)(?:^\1[ \t]*$\n?|\Z)", re.MULTILINE | re.DOTALL)
_BLANK_LINES = re.compile(r"\n\s*\n")
# Private characters, which no answer holds, stand for the marks until the text is escaped.
OPEN, CLOSE = "\ue0f0", "\ue0f1"


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or the lines of code in `language` that are the `number`th block of code, from 0."""

    text: str
    language: str = ""
    number: int = -1

    @property
    def is_code(self) -> bool:
        return self.number >= 0


def blocks(text: str, marked: Sequence[tuple[int, int]] = ()) -> list[Block]:
    """The blocks of an answer; `marked` spans of paragraphs lie between OPEN and CLOSE."""
    text = text.replace(OPEN, " ").replace(CLOSE, " ")
    for start, end in sorted(marked, reverse=True):
        text = f"{text[:start]}{OPEN}{text[start:end]}{CLOSE}{text[end:]}"
    found: list[Block] = []
    at = 0
    for number, code in enumerate(_CODE.finditer(text)):
        found += _paragraphs(text[at : code.start()])
        found.append(Block(code[3].rstrip("\n"), code[2].strip(), number))
        at = code.end()
    return found + _paragraphs(text[at:])


def _paragraphs(text: str) -> list[Block]:
    return [Block(part) for part in map(str.strip, _BLANK_LINES.split(text)) if part]
