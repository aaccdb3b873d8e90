"""Sentences of any script, without dictionaries.

Enders that mean nothing else (。！？ । ። ؟ ۔ ։ ។ ။ …) always end a sentence; `.`, `!` and `?` do before white space,
unless what stands before is an abbreviation, an initial or an ordinal, or what follows is in lower case. A blank line
always ends one, and so does the end of a heading, a list item or a table row; a line broken in mid sentence does not.
Thai and Lao have no enders: long pieces are cut at spaces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import regex

from vernacular.text.abbreviations import ALWAYS, BEFORE_NUMBER, MONTHS
from vernacular.types import Span

LONGEST: Final = 600
"""Longer sentences are cut at clause marks, in characters."""
UNSPACED_PIECE: Final = 200
"""Least length of the pieces that Thai, Lao, Khmer and Burmese text without enders is cut into."""

_CLOSERS: Final = "”’\"'»)\\]）」』】》›"
_END: Final = re.compile(
    rf"(?P<hard>[。！？｡।॥؟۔։።፧፨။៕។༎]+[{_CLOSERS}]*(?![,，、と]))"
    rf"|(?P<soft>[.!?…]+[{_CLOSERS}]*(?=\s|$|[\u3040-\u9fff]))"
    r"|(?P<question>(?<=[\u0370-\u03ff\u1f00-\u1fff]);(?=\s+[\u0386-\u03ab\u1f08-\u1fff«\"]))"
    r"|(?P<line>\n\s*)"
)
_MARK: Final = re.compile("[。！？｡।॥؟۔։።፧፨។៕။༎.!?…;\n]")
"""What `_END` begins with: found six times sooner than `_END` itself."""
_ROW: Final = re.compile(r"[ \t]*\||[^\n\t]*\t")
_ITEM: Final = re.compile(
    r"(?:[-*+•·●▪◦‣–—○■◆★※►]|[0-9０-９٠-٩०-९]{1,3}(?:\.[0-9]{1,3})*[.)、．:]|[(（][\w]{1,3}[)）]|[ivxIVX]{1,4}[.)]|"
    r"[a-zA-Zа-яА-Яα-ω][.)]|[①-⑳]|[一二三四五六七八九十百]{1,4}[、．]|第[一二三四五六七八九十百千0-9]{1,6}[條条章節节款]|"
    r"[أ-ي][-)])(?=[ \t\u3000]|[^\W\d_])|#{1,6}[ \t]"
)
_MARKER: Final = re.compile(r"\s*(?:[(（]?(?:[0-9]{1,3}(?:\.[0-9]{1,3})*|[ivxIVX]{1,4}|\w)|[-*•#]+)\s*")
_FIELD: Final = re.compile(r"[^\n:：.。]{1,30}[:：](?!//)")
_GOES_ON: Final = frozenset(",،、，;；-–—(（&/و")
_CLAUSE: Final = regex.compile(r"[,;:،؛、，；：—–](?=\s|\p{Han}|\p{Hiragana}|\p{Katakana})|\n")
_INITIALS: Final = regex.compile(r"(?:\p{L}\.)+\p{L}")
_UNSPACED: Final = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_SPACE: Final = re.compile(r"\s+")
_OPENERS: Final = "([{“‘\"'«„¿¡（「『"
_WIDE: Final = re.compile("[\u3040-\u9fff\uac00-\ud7af]")
_FULL_LINE: Final = 0.62
_NARROW: Final = 40


def split(text: str) -> list[Span]:
    """Sentences of `text` in order, apart, trimmed of white space; what holds no letter or digit is left out."""
    spans: list[Span] = []
    for start, end in _pieces(text):
        if end - start > LONGEST or (end - start > 2 * UNSPACED_PIECE and _UNSPACED.search(text, start, end)):
            spans.extend(span for cut in _cut(text, start, end) if (span := _trimmed(text, *cut)))
        elif span := _trimmed(text, start, end):
            spans.append(span)
    return spans


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    start = line = width = 0
    row = _ROW.match(text) is not None
    for match in _ends(text):
        kind, end = match.lastgroup, match.end()
        if kind == "line":
            width = max(width, match.start() - line)
            ends = row or _ends_line(text, line, match, width)
            if match.group().count("\n") > 1:
                width = 0
            line = end
            row = _ROW.match(text, line) is not None
            if not (ends or row):
                continue
        elif row or (kind == "soft" and not _ends_sentence(text, start, match)):
            continue
        yield start, end
        start = end
    yield start, len(text)


def _ends(text: str) -> Iterator[re.Match[str]]:
    """`_END.finditer(text)`."""
    after = 0
    for mark in _MARK.finditer(text):
        if mark.start() >= after and (match := _END.match(text, mark.start())):
            after = match.end()
            yield match


def _ends_line(text: str, line: int, newline: re.Match[str], width: int) -> bool:
    """Whether the line that began at `line` is complete, rather than broken to fit a page.

    `width` is that of the widest line of the block so far.
    """
    start, end = newline.span()
    if text.count("\n", start, end) > 1 or _ITEM.match(text, end) or text.startswith("#", line):
        return True
    following = text[end : end + 1]
    last = text[line:start].rstrip()[-1:]
    if following.islower() or last in _GOES_ON or not following:
        return not following
    if _FIELD.match(text, line) and _FIELD.match(text, end):
        return True
    stop = text.find("\n", end)
    width = max(width, (len(text) if stop < 0 else stop) - end)
    narrow = _NARROW // 2 if _WIDE.match(following) else _NARROW
    return width < narrow or start - line < _FULL_LINE * width


def _ends_sentence(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether `.`, `!`, `?` or `…` at `match` ends the sentence that began at `start`."""
    following = _first_word(text, match.end())
    if following[:1].islower():
        return False
    if match.group()[0] != "." or match.group().startswith(".."):
        return True
    words = text[max(start, match.start() - 24) : match.start()].rsplit(None, 1)
    word = words[-1].lstrip(_OPENERS) if words else ""
    lower = word.lower()
    if lower in ALWAYS or (len(word) == 1 and word.isalpha()) or ("." in word and _INITIALS.fullmatch(word)):
        return False
    if following[:1].isdigit() and lower in BEFORE_NUMBER:
        return False
    if word.isdecimal() and len(word) <= 2 and following.lower() in MONTHS:
        return False
    # A marker is one word: where two stand before the mark, there is none to look for.
    return len(words) > 1 or _MARKER.fullmatch(text, start, match.start()) is None


def _first_word(text: str, start: int) -> str:
    words = text[start : start + 24].split(None, 1)
    return words[0].lstrip(_OPENERS).rstrip(".,") if words else ""


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Pieces of an overlong sentence: at the last clause mark that fits, else the last space, else anywhere."""
    limit = 2 * UNSPACED_PIECE if _UNSPACED.search(text, start, end) else LONGEST
    least = limit // 3
    while end - start > limit:
        window = start + least, start + limit
        marks = [match.end() for match in _CLAUSE.finditer(text, *window)]
        if not marks or limit != LONGEST:
            marks = [match.end() for match in _SPACE.finditer(text, *window)] or [window[1]]
        stop = marks[0] if limit != LONGEST else marks[-1]
        yield start, stop
        start = stop
    yield start, end


def _trimmed(text: str, start: int, end: int) -> Span | None:
    piece = text[start:end]
    body = piece.strip()
    if not any(map(str.isalnum, body)):
        return None
    start += len(piece) - len(piece.lstrip())
    return Span(start, start + len(body))
