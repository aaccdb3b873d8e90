"""A text as rules read it: one written form for what readers take to be the same, with the way back to the original.

On top of `vernacular.text.normalise` (NFKC, case, Traditional → Simplified, Arabic letters, digits, invisible characters)
accents go, letters that only look Latin become Latin, and letters that were put apart come together again.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import regex

from vernacular.text.normalise import folded_points_with_origins
from vernacular.text.tables import accent_table, to_text
from vernacular.types import Span

UNSPACED: Final = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
"""Scripts that put no space between words."""

_SEPARATOR: Final = regex.compile(r"[^\p{L}\p{M}\p{N}]+")
_ENDS: Final = regex.compile(r"[!?。؟।؛\n]|[.;…](?=\s)")
_DROPPED: Final = regex.compile(r"[\s*_\-.·•|/\\+~^#@&=<>{}\[\]()'\"“”‘’「」『』【】]+")
_UNSPACED: Final = regex.compile(rf"[{UNSPACED}]")
_LETTER: Final = regex.compile(r"\p{L}")
_SPELT: Final = regex.compile(rf"(?<![^ \n])(?:(?![{UNSPACED}])\p{{L}} ){{2,}}(?![{UNSPACED}])\p{{L}}(?![^ \n])")
_TRAILING: Final = regex.compile(r"[\p{M}\p{Cf}\uFE00-\uFE0F]+")

_LOOKALIKES: Final = {
    "а": "a", "в": "b", "е": "e", "к": "k", "м": "m", "н": "h", "о": "o", "р": "p", "с": "c", "т": "t", "у": "y", "х": "x",
    "і": "i", "ѕ": "s", "ј": "j", "ԁ": "d", "һ": "h", "ԛ": "q", "ԝ": "w", "ь": "b", "п": "n", "г": "r", "ү": "y", "ӏ": "l",
    "α": "a", "β": "b", "ε": "e", "η": "n", "ι": "i", "κ": "k", "ν": "v", "ο": "o", "ρ": "p", "τ": "t", "υ": "u", "χ": "x",
    "γ": "y", "ω": "w", "μ": "u", "σ": "o", "δ": "d", "օ": "o", "ս": "u", "հ": "h", "ո": "n", "ց": "g", "ᴀ": "a", "ʙ": "b",
    "ᴄ": "c", "ᴅ": "d", "ᴇ": "e", "ꜰ": "f", "ɢ": "g", "ʜ": "h", "ɪ": "i", "ᴊ": "j", "ᴋ": "k", "ʟ": "l", "ᴍ": "m", "ɴ": "n",
    "ᴏ": "o", "ᴘ": "p", "ʀ": "r", "ꜱ": "s", "ᴛ": "t", "ᴜ": "u", "ᴠ": "v", "ᴡ": "w", "ʏ": "y", "ᴢ": "z", "ɑ": "a", "ɡ": "g",
    "ı": "i", "ƒ": "f", "ʇ": "t", "ǝ": "e", "ɐ": "a", "ɹ": "r", "ɯ": "m", "ʎ": "y", "ʞ": "k", "ɔ": "c",
}  # fmt: skip
_LEET: Final = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i", "|": "l", "€": "e", "£": "l"}  # fmt: skip
_OTHER_ALPHABET: Final = regex.compile(r"[\p{Greek}\p{Cyrillic}\p{Armenian}ᴀ-ᴢɐ-ʯꜰꜱƒǝ]")
_LATIN: Final = regex.compile(r"[a-z]")
_DISGUISED: Final = regex.compile(r"(?<![^\s])(?=\S*[a-z])(?=\S*[^\sa-z])\S{3,40}(?![^\s])")
_JOINTS: Final = frozenset("-_.*'’·•~^+#=")
_LEET_BESIDE: Final = regex.compile(
    r"(?<=[a-z@$!|0-9])[013457@$!|€£](?=[a-z@$!|0-9])|(?<=[a-z])[013457@$!|€£]|[013457@$€£](?=[a-z])"
)


@dataclass(frozen=True, slots=True)
class View:
    """Folded text, and for each of its characters the offset in the original of the character it came from.

    Words stand apart by one space, sentences by a line end. `anywhere`: words may begin in the middle of others, for text
    that was spelt out letter by letter.
    """

    text: str
    origins: Sequence[int]
    anywhere: bool = False

    def span(self, start: int, end: int, original: str) -> Span:
        """Where `text[start:end]` stands in the original, marks and invisible characters after it included."""
        last = self.origins[end - 1] + 1
        after = _TRAILING.match(original, last)
        return Span(self.origins[start], after.end() if after else last)


@dataclass(frozen=True, slots=True)
class Folded:
    """`plain` is folded character by character, its punctuation as it was; `views[0]` what words are looked for in first."""

    original: str
    plain: str
    origins: Sequence[int]
    views: tuple[View, ...]


def fold(text: str) -> Folded:
    plain, origins = folded_characters(text)
    main = _words(plain, origins)
    views = [main]
    if (unmasked := _unmasked(plain, origins)) is not None and unmasked.text != main.text:
        views.append(unmasked)
    views += [view for each in views[:2] if (view := _spelt(each)) is not None]
    return Folded(text, plain, origins, tuple(views))


def folded_characters(text: str) -> tuple[str, list[int]]:
    """The folded text with its punctuation, and the offset in `text` of each of its characters."""
    points, origins = folded_points_with_origins(text.translate(_pictured()))
    return to_text(accent_table()[points]), origins.tolist()


@functools.lru_cache(maxsize=20_000)
def fold_term(term: str) -> str:
    """A term of a list as it stands in a view."""
    plain, origins = folded_characters(term)
    return _words(plain, origins).text.strip().replace("\n", " ")


def _words(plain: str, origins: Sequence[int]) -> View:
    """Runs of what is no letter become a space, a line end between sentences, or nothing between letters of unspaced scripts."""
    pieces: list[str] = []
    kept: list[int] = []
    at = 0
    for found in _SEPARATOR.finditer(plain):
        start, end = found.span()
        pieces.append(plain[at:start])
        kept.extend(origins[at:start])
        between = _between(plain, start, end)
        pieces.append(between)
        if between:
            kept.append(origins[start])
        at = end
    pieces.append(plain[at:])
    kept.extend(origins[at:])
    return View("".join(pieces), kept)


def _between(plain: str, start: int, end: int) -> str:
    if end == len(plain) or _ENDS.search(plain, start, end):
        return "\n"
    joins = start > 0 and end < len(plain) and _UNSPACED.match(plain[start - 1]) and _UNSPACED.match(plain[end])
    return "" if joins and _DROPPED.fullmatch(plain, start, end) else " "


def _unmasked(plain: str, origins: Sequence[int]) -> View | None:
    """With look-alikes, digits and joints in words undone; None where there are none."""
    changed = plain
    if _OTHER_ALPHABET.search(plain) and _LATIN.search(plain):
        changed = changed.translate(_lookalikes())
    words = list(_DISGUISED.finditer(changed))
    if not words:
        return None if changed == plain else _words(changed, origins)
    pieces: list[str] = []
    kept: list[int] = []
    at = 0
    for found in words:
        start, end = found.span()
        pieces.append(changed[at:start])
        kept.extend(origins[at:start])
        word = _LEET_BESIDE.sub(lambda sign: _LEET.get(sign.group(), sign.group()), found.group())
        inner = [offset for offset, char in enumerate(word) if char not in _JOINTS or offset == len(word) - 1]
        pieces.append("".join(word[offset] for offset in inner))
        kept.extend(origins[start + offset] for offset in inner)
        at = end
    pieces.append(changed[at:])
    kept.extend(origins[at:])
    return _words("".join(pieces), kept)


def _spelt(view: View) -> View | None:
    """What was spelt out letter by letter, come together; None where nothing was."""
    pieces: list[str] = []
    kept: list[int] = []
    for found in _SPELT.finditer(view.text):
        letters = range(found.start(), found.end(), 2)
        pieces += [*(view.text[at] for at in letters), "\n"]
        kept += [*(view.origins[at] for at in letters), view.origins[found.end() - 1]]
    return View("".join(pieces), kept, anywhere=True) if pieces else None


@functools.cache
def _lookalikes() -> dict[int, str]:
    return {ord(char): latin for char, latin in _LOOKALIKES.items()}


@functools.cache
def _pictured() -> dict[int, str]:
    """Letters in squares, discs and flags, that no normal form takes for letters."""
    found = {0x1F1E6 + at: chr(ord("a") + at) for at in range(26)}
    for first in (0x1F150, 0x1F170):
        found |= {first + at: chr(ord("a") + at) for at in range(26)}
    found |= {0x20A0 + at: char for at, char in ((1, "c"), (4, "l"), (6, "n"))}
    return found
