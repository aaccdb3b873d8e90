"""Ways of writing a request that filters may not read: each takes plain text and gives it encoded."""

from __future__ import annotations

import base64
import codecs
import unicodedata
from collections.abc import Callable, Mapping
from itertools import chain
from typing import Final

_LEET: Final = str.maketrans("aeiostAEIOST", "431057431057")
_HOMOGLYPHS: Final = str.maketrans("aeopcxyiABEKMHOPCTX", "аеорсхуіАВЕКМНОРСТХ")
_TAGS, _BOLD_UPPER, _BOLD_LOWER, _CIRCLED = 0xE0000, 0x1D400, 0x1D41A, 0x24D0
_BETWEEN: Final = "\u200b"
_EVERY: Final = 3
_MORSE_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
_MORSE_SIGNS: Final = (
    ".-|-...|-.-.|-..|.|..-.|--.|....|..|.---|-.-|.-..|--|-.|---|.--.|--.-|.-.|...|-|..-|...-|.--|-..-|-.--|--..|"
    "-----|.----|..---|...--|....-|.....|-....|--...|---..|----."
)


def _plain_latin(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))


def _morse(text: str) -> str:
    signs = dict(zip(_MORSE_LETTERS, _MORSE_SIGNS.split("|"), strict=True))
    words = _plain_latin(text).lower().split()
    return " / ".join(" ".join(signs[char] for char in word if char in signs) for word in words)


def _tags(text: str) -> str:
    """Invisible: each ASCII character as its counterpart among the tags, after words that can be seen."""
    return "\U0001f3f4" + "".join(chr(_TAGS + ord(char)) for char in _plain_latin(text) if char.isascii())


def _bold(text: str) -> str:
    return "".join(
        chr(_BOLD_LOWER + ord(char) - ord("a"))
        if "a" <= char <= "z"
        else chr(_BOLD_UPPER + ord(char) - ord("A"))
        if "A" <= char <= "Z"
        else char
        for char in _plain_latin(text)
    )


def _fullwidth(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in _plain_latin(text))


def _zero_width(text: str) -> str:
    return _BETWEEN.join(text)


def _split(text: str) -> str:
    """Words in pieces, as `bro ken - up`."""
    pieces = (
        [word[at : at + _EVERY] for at in range(0, len(word), _EVERY)] if len(word) > _EVERY else [word]
        for word in text.split()
    )
    return " ".join("-".join(each) for each in pieces)


def _spaced(text: str) -> str:
    return " ".join(char for char in text if not char.isspace())


def _bidi(text: str) -> str:
    return f"\u202e{text[::-1]}\u202c"


ANY_SCRIPT: Final[Mapping[str, Callable[[str], str]]] = {
    "plain": str,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "hex": lambda text: text.encode().hex(),
    "escaped": lambda text: "".join(f"\\u{ord(char):04x}" if ord(char) < 0x10000 else char for char in text),
    "reversed": lambda text: text[::-1],
    "bidi": _bidi,
    "zero-width": _zero_width,
    "spaced": _spaced,
}
"""Those that change text of every script."""
LATIN: Final[Mapping[str, Callable[[str], str]]] = {
    "rot13": lambda text: codecs.encode(_plain_latin(text), "rot13"),
    "leet": lambda text: _plain_latin(text).translate(_LEET),
    "homoglyphs": lambda text: _plain_latin(text).translate(_HOMOGLYPHS),
    "tags": _tags,
    "morse": _morse,
    "bold": _bold,
    "fullwidth": _fullwidth,
    "split": _split,
}
"""Those that need Latin letters; requests in other scripts are put in English first."""
ENCODINGS: Final = tuple(chain(ANY_SCRIPT, LATIN))


def encode(name: str, text: str) -> str:
    return {**ANY_SCRIPT, **LATIN}[name](text)
