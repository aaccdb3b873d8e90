"""Tables over code points that normalisation and segmentation look characters up in.

Each is built once, on first use. They end at `LIMIT`: what lies beyond has no letters (tags,
variation selectors and private use) and is dropped.
"""

from __future__ import annotations

import functools
import unicodedata
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import opencc
import regex

CodePoints: TypeAlias = npt.NDArray[np.uint32]
Positions: TypeAlias = npt.NDArray[np.intp]
Classes: TypeAlias = npt.NDArray[np.uint8]

LIMIT: Final = 0x32400
DROP: Final = 0x10FFFF
"""A code point that is no character: what folds to it is left out."""
DECIMAL_POINT: Final = 0xE000
"""Private-use character that stands for the decimal point inside a canonical number."""


# What a normalised character does to segmentation. The order matters: words are WORD to HANGUL, grams HANGUL and up.
SEPARATOR: Final = 0
JOINER: Final = 1
WORD: Final = 2
DIGIT: Final = 3
HANGUL: Final = 4
HAN: Final = 5
UNSPACED: Final = 6

# What normalisation must do with a character beyond looking it up.
EXPANDS: Final = 1
COMPOSES: Final = 2

HAN_RANGES: Final = ((0x3400, 0xA000), (0xF900, 0xFB00), (0x20000, 0x323B0))
COMBINING: Final = (0x300, 0x370)
DROPPED: Final = (
    (0xAD, 0xAE),  # soft hyphen
    COMBINING,  # left over after composition: stress marks, tones that have no composed letter
    (0x591, 0x5BE),  # Hebrew points
    (0x5BF, 0x5C0),
    (0x5C1, 0x5C3),
    (0x5C4, 0x5C6),
    (0x5C7, 0x5C8),
    (0x610, 0x61D),  # Arabic signs and the Arabic letter mark
    (0x640, 0x641),  # tatweel
    (0x64B, 0x660),
    (0x670, 0x671),
    (0x6D6, 0x6EE),
    (0x180B, 0x1810),
    (0x200B, 0x2010),  # zero-width characters and direction marks
    (0x202A, 0x202F),
    (0x2060, 0x2070),
    (0xFE00, 0xFE10),  # variation selectors
    (0xFEFF, 0xFF00),
    (0xFFF9, 0xFFFC),
)
SAME: Final = {
    "ı": "i", "İ": "i", "ё": "е", "Ё": "е", "ς": "σ",
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ئ": "ي", "ؤ": "و", "ة": "ه",
    "ک": "ك", "ی": "ي", "ھ": "ه", "ە": "ه", "ۀ": "ه", "ہ": "ه", "ۂ": "ه", "ۃ": "ه",
    "٫": ".", "٬": ",", "\u2010": "-",
}  # fmt: skip
DIGRAPHS: Final = str.maketrans({"æ": "ae", "œ": "oe", "þ": "th"})
HALFWIDTH_MARKS: Final = "\uff9e\uff9f"
BASE_LETTERS: Final = {"ı": "i", "đ": "d", "ł": "l", "ø": "o", "ħ": "h", "ð": "d", "ŧ": "t", "ŋ": "n", "ə": "e"}


def code_points(text: str) -> CodePoints:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def to_text(points: CodePoints) -> str:
    return points.tobytes().decode("utf-32-le", "surrogatepass")


@functools.cache
def simplified() -> dict[int, int]:
    """Traditional characters, with their Hong Kong variants, to Simplified ones, character by character."""
    han = [chr(point) for low, high in HAN_RANGES for point in range(low, high)]
    # One character a line: no phrase of the converter can span two.
    converted = opencc.OpenCC("hk2s").convert("\n".join(han)).split("\n")
    return {ord(old): ord(new) for old, new in zip(han, converted, strict=True) if old != new and len(new) == 1}


@functools.cache
def fold_table() -> CodePoints:
    """Code point → the one that stands for it in matching, or `DROP`; see `expansions` for what becomes several."""
    table = _letter_table()
    for point, folded in _compatibility_forms().items():
        table[point] = folded[0] if folded else DROP
    table[LIMIT - 1] = DROP
    table.setflags(write=False)
    return table


@functools.cache
def expansions() -> dict[int, tuple[int, ...]]:
    """Code point → the several that stand for it in matching, such as ß → ss."""
    return {point: folded for point, folded in _compatibility_forms().items() if len(folded) > 1}


@functools.cache
def kind_table() -> Classes:
    """Code point → 0, `EXPANDS`, or `COMPOSES`: it may combine with the character before it."""
    table = np.zeros(LIMIT, dtype=np.uint8)
    table[list(expansions())] = EXPANDS
    for char in regex.findall(r"\p{NFC_Quick_Check=Maybe}", _all_characters()):
        table[ord(char)] = COMPOSES
    table[[ord(mark) for mark in HALFWIDTH_MARKS]] = COMPOSES
    table.setflags(write=False)
    return table


def _letter_table() -> CodePoints:
    """What single characters become, compatibility forms and case apart."""
    table = np.arange(LIMIT, dtype=np.uint32)
    for digit in filter(str.isdecimal, regex.findall(r"\p{Nd}", _all_characters())):
        table[ord(digit)] = ord("0") + unicodedata.decimal(digit)
    traditional = simplified()
    table[list(traditional)] = list(traditional.values())
    table[0x30A1:0x30F7] -= 0x60  # katakana to hiragana
    for old, new in SAME.items():
        table[ord(old)] = ord(new)
    for low, high in DROPPED:
        table[low:high] = DROP
    return table


@functools.cache
def _compatibility_forms() -> dict[int, tuple[int, ...]]:
    """Capitals and characters that NFKC changes → what they fold to."""
    letters = _letter_table()
    forms: dict[int, tuple[int, ...]] = {}
    for char in regex.findall(r"[\p{Changes_When_Casefolded}\p{NFKC_Quick_Check=No}æœþ]", _all_characters()):
        if char in SAME:
            continue
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", char).casefold())
        points = [int(letters[ord(part)]) for part in folded.translate(DIGRAPHS)]
        forms[ord(char)] = tuple(point for point in points if point != DROP)
    return forms


@functools.cache
def class_table() -> Classes:
    """Normalised code point → its class, SEPARATOR to UNSPACED."""
    table = np.zeros(LIMIT, dtype=np.uint8)
    everything = _all_characters()
    patterns = (
        (r"[\p{L}\p{M}\p{N}]+", WORD),
        (r"[0-9\uE000]+", DIGIT),
        (r"\p{Hangul}+", HANGUL),
        (r"[\p{Han}\p{Hiragana}\p{Katakana}ー]+", HAN),
        (r"(?:(?=[\p{L}\p{M}])[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}])+", UNSPACED),
        (r"[-_/.]+", JOINER),
    )
    for pattern, char_class in patterns:
        for match in regex.finditer(pattern, everything):
            table[match.start() : match.end()] = char_class
    table.setflags(write=False)
    return table


@functools.cache
def accent_table() -> CodePoints:
    """Normalised code point → its letter without accents, for Latin, Greek and Cyrillic only.

    Marks of other scripts are letters in all but name: dropping them makes different words equal.
    """
    table = np.arange(LIMIT, dtype=np.uint32)
    for low, high in ((0xC0, 0x530), (0x1E00, 0x2000)):
        for point in range(low, high):
            table[point] = ord(unicodedata.normalize("NFD", chr(point))[0])
    for accented, base in BASE_LETTERS.items():
        table[ord(accented)] = ord(base)
    table.setflags(write=False)
    return table


@functools.cache
def _all_characters() -> str:
    return "".join(map(chr, range(LIMIT)))
