"""A model's text → the answer that people read: verified, with markers of our own, and harmless to show.

In mode `sentences` nothing leaves before its sentence is verified, and what cannot be mapped to a quote is left out. In mode
`tokens` text leaves as it comes, but for a window in which markers, code and the sentinel are told apart; what cannot be
mapped is marked by its place in the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

import regex

from serve.rag import guard
from serve.rag.evidence import Quote
from serve.rag.ground import Grounds, Verdict
from serve.rag.prompting import NO_ANSWER
from serve.rag.segments import MARKER, CodeLine, CodeStart, Segment, Segmenter, Sentence

Mode: TypeAlias = Literal["sentences", "tokens"]

VERIFIED_CODE: Final = 0.8
"""Share of a block's lines that must stand in the passages."""
GIVEN_UP: Final = 4
"""Sentences that may fail before anything was released: then the model is not asked on."""
_LEAST_LINE: Final = 4
"""Letters and digits of a line of code that tell where it stands; `}` stands everywhere."""
_BEFORE: Final = 16
_INLINE_CODE: Final = regex.compile(r"(?<![\\`])(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_MARKERS: Final = regex.compile(rf"([ \t]*){MARKER.pattern}", regex.IGNORECASE)
_NUMBER: Final = regex.compile(r"\d+")
_DECORATION: Final = regex.compile(r"^\s*(?:(?:[-*+•>]|\d{1,2}[.)]|#{1,6}|[a-z][.)])\s+)+|\*\*|__|`|\|")
_HEADING: Final = regex.compile(r"\s*(?:#{1,6}\s|\*\*[^*]+\*\*\s*[:：]?\s*$)")
_SENTINEL: Final = regex.compile(rf"[\s*_`\"'“”.。\[\]()]*{NO_ANSWER}[\s*_`\"'“”.。!\[\]()\d]*")
_HELD_BACK: Final = regex.compile(r"\s*[\[【]|\s+$|\p{M}+$|N$|NO(?:_|$)")
_END_OF_ROW: Final = regex.compile(r"\s*\|\s*$")
_ENDS: Final = regex.compile(r"[.!?。！？؟।…:：|][”’\"'»)）」』\]】]*\s*$")


@dataclass(frozen=True, slots=True)
class Code:
    """A block of code at `start:end` of the answer's text, fences included; `verified`: it stands in the passages."""

    start: int
    end: int
    language: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Written:
    """An answer as far as it was written. `quotes[i]` is what marker `[i + 1]` stands for.

    `unsupported`: spans of the text that no quote bears out. `translated`: markers whose quote is in another language, so
    that only figures and names could be compared. `dropped`: sentences that were left out.
    """

    text: str
    quotes: tuple[Quote, ...]
    unsupported: tuple[tuple[int, int], ...]
    translated: tuple[int, ...]
    code: tuple[Code, ...]
    supported: int
    dropped: int
    no_answer: bool


@dataclass(slots=True)
class _Gap:
    """White space to come: as many line ends as were there, at most an empty line."""

    lines: int = 0
    space: bool = False

    def add(self, after: str) -> None:
        self.lines += after.count("\n")
        self.space = self.space or bool(after)

    def widen(self, after: str) -> None:
        """For what is left out: its own white space or that before it, not both."""
        self.lines = max(self.lines, after.count("\n"))
        self.space = self.space or bool(after)

    def __str__(self) -> str:
        return "\n" * min(self.lines, 2) or " " * self.space


@dataclass(slots=True)
class _Block:
    label: str
    fence: str
    start: int = 0
    places: list[tuple[int, int, int] | None] = field(default_factory=list)
    verified: bool = False


@dataclass(slots=True)
class _Item:
    """Something to be sent: pieces of prose, and pieces that are sent as they are (markers, code)."""

    pieces: list[tuple[str, bool]]
    gap: _Gap = field(default_factory=_Gap)
    early: bool = False
    unsupported: bool = False
    opens: _Block | None = None
    closes: _Block | None = None


class Writer:
    """Feed it a model's pieces; what it returns may be sent. `finish` gives the rest, and `written` then the whole.

    `passages`: how many there are: a marker beyond them was invented. `lenient`: the answer may rest on something else than
    the passages too (images): nothing is left out, and all that has no quote is marked.
    """

    def __init__(self, grounds: Grounds, passages: int, mode: Mode, lenient: bool = False) -> None:
        self._grounds, self._passages = grounds, passages
        self._at_once = lenient or mode == "tokens"
        self._lenient = lenient
        self._segmenter = Segmenter()
        self._sent: list[str] = []
        self._length = 0
        self._before = ""
        self._gap = _Gap()
        self._held: list[_Item] = []
        self._numbers: dict[tuple[int, int, int], int] = {}
        self._quotes: list[Quote] = []
        self._translated: set[int] = set()
        self._unsupported: list[tuple[int, int]] = []
        self._code: list[Code] = []
        self._block: _Block | None = None
        self._supported = self._failed = 0
        self._no_answer = False
        self._early = self._began = 0
        """Characters of the sentence under way that were sent early, and where in the answer they begin."""

    @property
    def released(self) -> bool:
        return self._length > 0

    @property
    def hopeless(self) -> bool:
        """Whether going on is of no use: the model says that there is no answer, or nothing that it says is borne out."""
        if self._lenient or self.released:
            return False
        return self._no_answer or (not self._supported and self._failed >= GIVEN_UP)

    def feed(self, piece: str) -> str:
        out = [self._take(segment) for segment in self._segmenter.feed(piece)]
        if self._at_once:
            out.append(self._send_early(self._segmenter.partial))
        return "".join(out)

    def finish(self, complete: bool = True) -> str:
        """The rest of the text. Not `complete`: the model was cut off, and a sentence without an end is left out."""
        segments = self._segmenter.finish()
        last = segments[-1] if segments else None
        if not complete and isinstance(last, Sentence) and not self._early and not _ENDS.search(last.text):
            segments.pop()
        out = "".join(self._take(segment) for segment in segments)
        self._held.clear()
        return out

    def add(self, text: str) -> str:
        """Text of the product's own, after all of the model's."""
        self._record(text)
        return text

    def written(self) -> Written:
        return Written(
            text="".join(self._sent),
            quotes=tuple(self._quotes),
            unsupported=tuple(self._unsupported),
            translated=tuple(sorted(self._translated)),
            code=tuple(self._code),
            supported=self._supported,
            dropped=0 if self._at_once else self._failed,
            no_answer=self._no_answer,
        )

    # -- sentences -------------------------------------------------------------------------------------------------

    def _take(self, segment: Segment) -> str:
        if isinstance(segment, Sentence):
            early, self._early = self._early, 0
            return self._sentence(segment, early)
        if isinstance(segment, CodeStart):
            return self._open_code(segment)
        return self._code_line(segment.text) if isinstance(segment, CodeLine) else self._close_code()

    def _sentence(self, sentence: Sentence, early: int) -> str:
        if not sentence.text:
            self._last_gap.add(sentence.after)
            return ""
        if _SENTINEL.fullmatch(sentence.text):
            self._no_answer = self._no_answer or not (self.released or self._supported)
            self._last_gap.widen(sentence.after)
            return ""
        claim = plain(sentence.text)
        if not any(map(str.isalnum, claim)):
            return self._push(self._item(sentence, Verdict(), early), hold=not early)
        heading = _HEADING.match(sentence.text) is not None
        verdict = self._grounds.judge(claim, self._cited(sentence.text), heading)
        if verdict.connects:
            return self._push(self._item(sentence, Verdict(), early), hold=not early)
        item = self._item(sentence, verdict, early)
        if verdict.holds:
            self._supported += 1
            return self._push(item)
        self._failed += 1
        if not self._at_once:
            self._last_gap.widen(sentence.after)
            return ""
        item.unsupported = True
        return self._push(item)

    def _item(self, sentence: Sentence, verdict: Verdict, early: int) -> _Item:
        """What is left of the sentence to send, its markers replaced by ours; quotes that none stands for come at its end."""
        own: dict[int, list[int]] = {}
        for passage, quote in verdict.quotes:
            own.setdefault(passage, []).append(self._number(passage, quote, verdict.translated))
        marked: set[int] = set()
        pieces: list[tuple[str, bool]] = []
        for text, is_code in _inline_code(sentence.text[early:]):
            pieces += [(guard.visible(text), True)] if is_code else _with_markers(text, own, marked)
        missing = [number for numbers in own.values() for number in numbers if number not in marked]
        if missing:
            _append(pieces, " " + "".join(f"[{number}]" for number in dict.fromkeys(missing)))
        item = _Item(pieces, early=early > 0)
        item.gap.add(sentence.after)
        return item

    def _cited(self, text: str) -> list[int]:
        """The passages that the sentence's markers name, from 0; invented ones are as if absent."""
        prose = "".join(piece for piece, is_code in _inline_code(text) if not is_code)
        named = (int(number) - 1 for found in MARKER.finditer(prose) for number in _NUMBER.findall(found[1]))
        return [each for each in dict.fromkeys(named) if 0 <= each < self._passages]

    def _number(self, passage: int, quote: Quote, translated: bool = False) -> int:
        key = (passage, quote.start, quote.end)
        if key not in self._numbers:
            self._numbers[key] = len(self._numbers) + 1
            self._quotes.append(quote)
        if translated:
            self._translated.add(self._numbers[key])
        return self._numbers[key]

    def _send_early(self, partial: str) -> str:
        """Of the sentence under way, what comes before its first marker and can be nothing else than prose."""
        if partial.lstrip().startswith("|"):
            return ""
        masked = _INLINE_CODE.sub(lambda found: "x" * (found.end() - found.start()), partial)
        if partial.endswith("`"):
            masked = partial
        ends = [found.start() for found in [_HELD_BACK.search(masked)] if found]
        ends += [masked.find("`")] if "`" in masked else []
        ends += [partial.find("`NO_")] if "`NO_" in partial else []
        end = min(ends, default=len(partial))
        if end <= self._early or not any(map(str.isalnum, partial[:end])):
            return ""
        pieces = [
            (guard.visible(text) if is_code else text, is_code)
            for text, is_code in _inline_code(partial[self._early : end])
        ]
        first, self._early = not self._early, end
        out = self._flush() if first else ""
        if first:
            out += self._write_gap()
            self._began = self._length
        return out + self._write(pieces)

    # -- code ------------------------------------------------------------------------------------------------------

    def _open_code(self, start: CodeStart) -> str:
        self._block = _Block(start.label, start.fence)
        self._last_gap.widen("\n")
        opening = _Item([(f"{start.fence}{start.label}", True)], opens=self._block)
        return self._push(opening, hold=not self.released)

    def _code_line(self, line: str) -> str:
        block = self._open_block
        certain = False
        if sum(map(str.isalnum, line)) >= _LEAST_LINE:
            block.places.append(self._grounds.code_lines([line])[0])
            certain = len(block.places) == 1 and block.places[0] is not None
        return self._push(_Item([(f"\n{guard.visible(line)}", True)]), hold=not (certain or self.released))

    def _close_code(self) -> str:
        block, self._block = self._open_block, None
        found = [place for place in block.places if place]
        block.verified = bool(found) and len(found) >= VERIFIED_CODE * len(block.places)
        self._supported += block.verified
        item = _Item([(f"\n{block.fence}", True)], _Gap(1), closes=block)
        out = self._push(item, hold=not (block.verified or self.released))
        if block.verified:
            passage = found[0][0]
            own = [place for place in found if place[0] == passage]
            quote = self._grounds.quote(passage, min(place[1] for place in own), max(place[2] for place in own))
            out += self._push(_Item([(f"[{self._number(passage, quote)}]", True)], _Gap(1)))
        return out

    @property
    def _open_block(self) -> _Block:
        if self._block is None:
            raise RuntimeError("there is no block of code open")
        return self._block

    # -- sending ---------------------------------------------------------------------------------------------------

    @property
    def _last_gap(self) -> _Gap:
        return self._held[-1].gap if self._held else self._gap

    def _push(self, item: _Item, hold: bool = False) -> str:
        """Send it and all that waits; `hold`: it waits itself. As long as more failed than was borne out, everything does."""
        self._held.append(item)
        if self._at_once or not (hold or (not self.released and self._failed > self._supported)):
            return self._flush()
        return ""

    def _flush(self) -> str:
        items, self._held = self._held, []
        return "".join(self._send(item) for item in items)

    def _send(self, item: _Item) -> str:
        out = "" if item.early else self._write_gap()
        start = self._began if item.early else self._length
        out += self._write(item.pieces)
        self._gap = item.gap
        if item.unsupported:
            self._unsupported.append((start, self._length))
        if item.opens:
            item.opens.start = start
        if block := item.closes:
            self._code.append(Code(block.start, self._length, block.label, block.verified))
        return out

    def _write_gap(self) -> str:
        gap = str(self._gap) if self.released else ""
        self._gap = _Gap()
        self._record(gap)
        return gap

    def _write(self, pieces: list[tuple[str, bool]]) -> str:
        out = []
        for text, as_it_is in pieces:
            sent = text if as_it_is else guard.inert(text, self._before)
            self._record(sent)
            out.append(sent)
        return "".join(out)

    def _record(self, text: str) -> None:
        self._sent.append(text)
        self._length += len(text)
        self._before = (self._before + text)[-_BEFORE:]


def plain(sentence: str) -> str:
    """What a sentence says, without markers, list signs and emphasis."""
    return _DECORATION.sub("", MARKER.sub("", sentence)).strip()


def _inline_code(text: str) -> Iterator[tuple[str, bool]]:
    at = 0
    for found in _INLINE_CODE.finditer(text):
        if found.start() > at:
            yield text[at : found.start()], False
        yield found.group(), True
        at = found.end()
    if at < len(text):
        yield text[at:], False


def _with_markers(text: str, own: dict[int, list[int]], marked: set[int]) -> list[tuple[str, bool]]:
    """The prose with its markers replaced by the numbers of the quotes of the passages they name, each once."""
    pieces: list[tuple[str, bool]] = []
    at, space = 0, ""
    for found in _MARKERS.finditer(text):
        pieces.append((text[at : found.start()], False))
        space = found[1] if at < found.start() else space or found[1]
        wanted = [int(each) - 1 for each in _NUMBER.findall(found[2])]
        numbers = [number for each in wanted for number in own.get(each, []) if number not in marked]
        marked.update(numbers)
        if numbers:
            pieces.append((space + "".join(f"[{number}]" for number in dict.fromkeys(numbers)), True))
            space = ""
        at = found.end()
    return [*pieces, (text[at:], False)]


def _append(pieces: list[tuple[str, bool]], marks: str) -> None:
    """Markers at the end of a sentence; in a table's row, before the end of its last cell."""
    last, as_it_is = pieces[-1] if pieces else ("", False)
    row = None if as_it_is else _END_OF_ROW.search(last)
    if row:
        pieces[-1:] = [(last[: row.start()], False), (marks, True), (row.group(), False)]
    else:
        pieces.append((marks, True))
