"""A model's text as it streams in → whole sentences, and fenced code line by line.

What comes out does not depend on where the stream was cut. Fences come out at the left margin, with a label, and closed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

import regex

from vernacular.text import sentences

NO_LABEL: Final = "text"
_FENCE: Final = regex.compile(r"([ \t]*)(`{3,}|~{3,})[ \t]*([^`\n]*)")
_MAY_BE_FENCE: Final = regex.compile(r"[ \t]*(?:`{0,2}|~{0,2}|`{3,}[^`\n]*|~{3,}[^\n]*)")
_LABEL: Final = regex.compile(r"[A-Za-z0-9_+#.-]{1,30}")
MARKER: Final = regex.compile(
    r"[\[【](?:passages?|sources?|\^)?\s*(\d{1,3}(?:\s*[,，;；、]\s*\d{1,3})*)[\]】]", regex.IGNORECASE
)
"""`[1]`, and what models write for it: `[1, 2]`, `[^1]`, `[passage 1]`, `【1】`."""
_LEADING: Final = regex.compile(rf"(?:\s*{MARKER.pattern})+[ \t]*", regex.IGNORECASE)
_AFTER_STOP: Final = regex.compile(
    rf"(?<![.!?…])([.!?…]++[”’\"'»)]*+)((?:{MARKER.pattern})+)(?=\s|$)", regex.IGNORECASE
)
"""Tried once in a run of stops: from each of them, a line of dots would take seconds."""
_STOP: Final = regex.compile(r"[。！？｡।॥؟۔።។.!?…;；]")
_SETTLED: Final = regex.compile(r"\s*(?:[^\s\[【]\S*\s|[^\s\[【].{24}|[\p{Han}\p{Hiragana}\p{Katakana}])", regex.DOTALL)
_AHEAD: Final = 26
"""Characters after a stop by which it is known whether it ended a sentence."""
_THINK: Final = ("<think>", "</think>")


@dataclass(frozen=True, slots=True)
class Sentence:
    """`text` with its markers as the model wrote them, and the white space `after` it. An empty line has no text."""

    text: str
    after: str = ""


@dataclass(frozen=True, slots=True)
class CodeStart:
    """A block begins; `fence` is what it is to be opened and closed with."""

    fence: str
    label: str


@dataclass(frozen=True, slots=True)
class CodeLine:
    text: str


@dataclass(frozen=True, slots=True)
class CodeEnd:
    pass


Segment: TypeAlias = Sentence | CodeStart | CodeLine | CodeEnd


class Segmenter:
    """Feed it pieces of text, then `finish`. `partial` is what is known of the sentence that is under way."""

    def __init__(self) -> None:
        self._buffer = ""
        self._at_line_start = True
        self._code: CodeStart | None = None
        self._indent = 0
        self._begun = self._thought = False

    def feed(self, piece: str) -> list[Segment]:
        self._buffer += piece.replace("\r", "")
        return list(self._segments()) if self._has_thought() else []

    def finish(self) -> list[Segment]:
        """What is left; a block that is still open is closed."""
        if not self._begun:
            start = self._buffer.lstrip()
            self._buffer = "" if start.startswith(_THINK[0]) and not self._thought else start
        found = list(self._segments())
        rest, self._buffer = self._buffer, ""
        if rest:
            found += self._line(rest, "")
        if self._code is not None:
            found.append(CodeEnd())
            self._code = None
        return found

    @property
    def partial(self) -> str:
        """The beginning of the sentence under way, as far as it surely belongs to it."""
        if self._code is not None or not self._begun or self._may_be_fence():
            return ""
        pieces = cut(self._buffer)
        if len(pieces) > 1:
            return pieces[0].rstrip()
        stop = next((found for found in _STOP.finditer(self._buffer, max(0, len(self._buffer) - _AHEAD))), None)
        return self._buffer[: stop.start()] if stop else self._buffer

    def _has_thought(self) -> bool:
        """Whether the answer has begun: white space comes before it, and reasoning that a server did not take out."""
        if self._begun:
            return True
        start = self._buffer.lstrip()
        if not self._thought and len(start) < len(_THINK[0]) and _THINK[0].startswith(start):
            return False
        if not self._thought and start.startswith(_THINK[0]):
            _thought, end, rest = start.partition(_THINK[1])
            if not end:
                return False
            start, self._thought = rest.lstrip(), True
        self._buffer, self._begun = start, bool(start)
        return self._begun

    def _segments(self) -> Iterator[Segment]:
        while (end := self._buffer.find("\n")) >= 0:
            line, self._buffer = self._buffer[:end], self._buffer[end + 1 :]
            yield from self._line(line, "\n")
            self._at_line_start = True
        if self._code is None and self._buffer and not self._may_be_fence() and _STOP.search(self._buffer):
            yield from self._complete()

    def _complete(self) -> Iterator[Segment]:
        """The sentences of the line so far that surely have ended."""
        pieces = cut(self._buffer)
        keep = 1 if _SETTLED.match(pieces[-1]) else 2
        while len(pieces) > keep:
            yield _sentence(pieces[0])
            self._buffer = self._buffer[len(pieces[0]) :]
            self._at_line_start = False
            pieces = cut(self._buffer)

    def _line(self, line: str, newline: str) -> Iterator[Segment]:
        if self._code is not None:
            yield self._code_line(self._code, line)
            return
        fence = _FENCE.fullmatch(line) if self._at_line_start else None
        if fence:
            label = _LABEL.match(fence[3])
            self._code = CodeStart(fence[2], label.group() if label else NO_LABEL)
            self._indent = len(fence[1])
            yield self._code
            return
        while len(pieces := cut(line)) > 1:
            yield _sentence(pieces[0])
            line = line[len(pieces[0]) :]
        last = _sentence(line)
        yield Sentence(last.text, newline or last.after)

    def _code_line(self, code: CodeStart, line: str) -> Segment:
        bare = line.strip()
        if bare and set(bare) == {code.fence[0]} and len(bare) >= len(code.fence):
            self._code = None
            return CodeEnd()
        spaces = len(line) - len(line.lstrip(" \t"))
        return CodeLine(line[min(spaces, self._indent) :])

    def _may_be_fence(self) -> bool:
        return self._at_line_start and self._code is None and _MAY_BE_FENCE.fullmatch(self._buffer) is not None


def cut(line: str) -> list[str]:
    """The sentences of one line, which join to it again; markers that follow a full stop belong to what they follow."""
    # For the splitter a marker stands before the stop, where it always knows the stop for one.
    spans = sentences.split(_AFTER_STOP.sub(lambda found: found[2] + found[1], line))
    bounds = [0, *(span.start for span in spans[1:]), len(line)]
    pieces: list[str] = []
    for start, end in pairwise(bounds):
        piece = line[start:end]
        if pieces and (marks := _LEADING.match(piece)):
            pieces[-1] += marks.group()
            piece = piece[marks.end() :]
        if pieces and pieces[-1].count("`") % 2:
            pieces[-1] += piece
        elif piece:
            pieces.append(piece)
    return pieces


def _sentence(piece: str) -> Sentence:
    text = piece.rstrip()
    return Sentence(text, piece[len(text) :])
