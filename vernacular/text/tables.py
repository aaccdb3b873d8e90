"""Tables over code points that normalisation and segmentation look characters up in.

Each is built once, on first use. They end at `LIMIT`: what lies beyond has no letters (tags,
variation selectors and private use) and is dropped.
"""

from __future__ import annotations

import functools
import unicodedata
from enum import IntEnum
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import opencc
import regex

CodePoints: TypeAlias = npt.NDArray[np.uint32]
Classes: TypeAlias = npt.NDArray[np.uint8]

LIMIT: Final = 0x32400
DROP: Final = 0
DECIMAL_POINT: Final = 0xE000
"""Private-use character that stands for the decimal point inside a canonical number."""


class CharClass(IntEnum):
    """What a normalised character does to segmentation. The order matters: words are WORD to HANGUL, grams HANGUL up."""

    SEPARATOR = 0
    JOINER = 1
    WORD = 2
    DIGIT = 3
    HANGUL = 4
    HAN = 5
    UNSPACED = 6


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
BASE_LETTERS: Final = {"ı": "i", "đ": "d", "ł": "l", "ø": "o", "ħ": "h", "ð": "d", "ŧ": "t", "ŋ": "n", "ə": "e"}


def code_points(text: str) -> CodePoints:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def to_text(points: CodePoints) -> str:
    return points.tobytes().decode("utf-32-le", "surrogatepass")


@functools.cache
def simplified() -> dict[int, int]:
    """Traditional (and Hong Kong and Taiwan variant) characters to their Simplified ones, character by character."""
    han = [chr(point) for low, high in HAN_RANGES for point in range(low, high)]
    folded = han
    # One character a line: no phrase of the converter can span two.
    for config in ("hk2t", "tw2t", "t2s"):
        converted = opencc.OpenCC(config).convert("\n".join(folded)).split("\n")
        folded = [new if len(new) == 1 else old for old, new in zip(folded, converted, strict=True)]
    return {ord(old): ord(new) for old, new in zip(han, folded, strict=True) if old != new}


@functools.cache
def fold_table() -> CodePoints:
    """Code point → the one that stands for it in matching, or `DROP`."""
    table = np.arange(LIMIT, dtype=np.uint32)
    everything = _all_characters()
    for upper in regex.findall(r"[\p{Lu}\p{Lt}\p{Changes_When_Casefolded}]", everything):
        table[ord(upper)] = ord(unicodedata.normalize("NFC", upper.casefold())[0])
    for digit in filter(str.isdecimal, regex.findall(r"\p{Nd}", everything)):
        table[ord(digit)] = ord("0") + unicodedata.decimal(digit)
    traditional = simplified()
    table[list(traditional)] = list(traditional.values())
    table[0x30A1:0x30F7] -= 0x60  # katakana to hiragana
    for old, new in SAME.items():
        table[ord(old)] = ord(new)
    for low, high in DROPPED:
        table[low:high] = DROP
    table[LIMIT - 1] = DROP
    table.setflags(write=False)
    return table


@functools.cache
def class_table() -> Classes:
    """Normalised code point → its `CharClass`."""
    table = np.zeros(LIMIT, dtype=np.uint8)
    everything = _all_characters()
    patterns = (
        (r"[\p{L}\p{M}\p{N}]+", CharClass.WORD),
        (r"[0-9\uE000]+", CharClass.DIGIT),
        (r"\p{Hangul}+", CharClass.HANGUL),
        (r"[\p{Han}\p{Hiragana}\p{Katakana}ー]+", CharClass.HAN),
        (r"(?:(?=[\p{L}\p{M}])[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}])+", CharClass.UNSPACED),
        (r"[-_/.]+", CharClass.JOINER),
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
