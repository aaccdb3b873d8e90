"""Text within a text that people do not see or cannot read: tag characters, base64, hexadecimal."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import regex

from vernacular.types import Span

_TAGS: Final = regex.compile(r"[\U000E0020-\U000E007E]{2,}")
_BASE64: Final = regex.compile(r"(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/_-]{16,4096}={0,2}(?![A-Za-z0-9+/=_-])")
_HEX: Final = regex.compile(r"(?<![0-9A-Za-z])(?:(?:0x|\\x)?[0-9A-Fa-f]{2}[ ,:]?){8,2048}(?![0-9A-Za-z])")
_HEX_SIGNS: Final = regex.compile(r"0x|\\x|[ ,:]")
_INVISIBLE: Final = regex.compile(
    r"[\u00AD\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\uFE00-\uFE0D\uFEFF\U000E0000-\U000E01EF]"
)
_TELLING: Final = 3
"""Invisible characters that are no accident; fewer come with text that was copied."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """`text` is what `span` of the original says."""

    text: str
    span: Span


def hidden_texts(text: str) -> Iterator[Hidden]:
    for found in _TAGS.finditer(text):
        yield Hidden("".join(chr(ord(char) - 0xE0000) for char in found.group()), Span(*found.span()))
    if len(text) < 16:
        return
    for found in _HEX.finditer(text):
        digits = _HEX_SIGNS.sub("", found.group())
        if len(digits) % 2 == 0 and (said := _readable(bytes.fromhex(digits))):
            yield Hidden(said, Span(*found.span()))
    for found in _BASE64.finditer(text):
        if said := _readable(_from_base64(found.group())):
            yield Hidden(said, Span(*found.span()))


def invisible(text: str) -> tuple[Span, ...]:
    """Where characters stand that nobody sees, if there are so many that someone put them there."""
    if text.isascii():
        return ()
    found = [Span(*each.span()) for each in _INVISIBLE.finditer(text)]
    return tuple(found) if len(found) >= _TELLING else ()


def _from_base64(text: str) -> bytes:
    body = text.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(body + "=" * (-len(body) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _readable(data: bytes) -> str:
    """The bytes as text, if they are words: a word of Latin letters looks like base64 too, but decodes to noise."""
    try:
        said = data.decode()
    except UnicodeDecodeError:
        return ""
    letters = sum(char.isalpha() or char.isspace() for char in said)
    return said if said.isprintable() and len(said) >= 6 and letters >= 0.7 * len(said) else ""
