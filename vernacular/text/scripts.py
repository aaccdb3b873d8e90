"""Which script a text is written in, by counting letters, and which languages each script can mean."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Final

import numpy as np
import opencc

from vernacular.text.tables import HAN_RANGES, code_points

# First code point of each block and its ISO 15924 code; "" for what has no script of its own.
_BLOCKS: Final = (
    (0x0, ""), (0x41, "Latn"), (0x5B, ""), (0x61, "Latn"), (0x7B, ""), (0xC0, "Latn"), (0x250, ""), (0x370, "Grek"),
    (0x400, "Cyrl"), (0x530, "Armn"), (0x590, "Hebr"), (0x600, ""), (0x620, "Arab"), (0x660, ""), (0x66E, "Arab"),
    (0x6F0, ""), (0x6FA, "Arab"), (0x700, ""), (0x750, "Arab"), (0x780, ""), (0x900, "Deva"), (0x964, ""),
    (0x970, "Deva"), (0x980, "Beng"), (0xA00, "Guru"), (0xA80, "Gujr"), (0xB00, "Orya"), (0xB80, "Taml"),
    (0xC00, "Telu"), (0xC80, "Knda"), (0xD00, "Mlym"), (0xD80, "Sinh"), (0xE00, "Thai"), (0xE80, "Laoo"),
    (0xF00, "Tibt"), (0x1000, "Mymr"), (0x10A0, "Geor"), (0x1100, "Hang"), (0x1200, "Ethi"), (0x13A0, ""),
    (0x1780, "Khmr"), (0x1800, ""), (0x1C80, "Cyrl"), (0x1C90, "Geor"), (0x1CC0, ""), (0x1E00, "Latn"),
    (0x1F00, "Grek"), (0x2000, ""), (0x3040, "Kana"), (0x30FB, ""), (0x30FC, "Kana"), (0x3100, ""), (0x3130, "Hang"),
    (0x3190, ""), (0x3400, "Hani"), (0x4DC0, ""), (0x4E00, "Hani"), (0xA000, ""), (0xAC00, "Hang"), (0xD7B0, ""),
    (0xF900, "Hani"), (0xFB00, ""), (0xFB50, "Arab"), (0xFE00, ""), (0xFE70, "Arab"), (0xFF00, ""), (0xFF21, "Latn"),
    (0xFF3B, ""), (0xFF41, "Latn"), (0xFF5B, ""), (0xFF66, "Kana"), (0xFFA0, ""), (0x20000, "Hani"), (0x323B0, ""),
)  # fmt: skip

LANGUAGE_OF: Final = {
    "Armn": "hy", "Beng": "bn", "Ethi": "am", "Geor": "ka", "Grek": "el", "Gujr": "gu", "Guru": "pa", "Hang": "ko",
    "Hebr": "he", "Khmr": "km", "Knda": "kn", "Laoo": "lo", "Mlym": "ml", "Mymr": "my", "Orya": "or", "Sinh": "si",
    "Taml": "ta", "Telu": "te", "Thai": "th", "Tibt": "bo",
}  # fmt: skip
"""Scripts that write one language, or one far more than others."""

LANGUAGES_OF: Final = {
    "Arab": ("ar", "arz", "ary", "fa", "ps", "ug", "ur"),
    "Cyrl": ("be", "bg", "kk", "ky", "mk", "mn", "ru", "sr", "uk"),
    "Deva": ("hi", "mr", "ne"),
    "Hani": ("yue", "zh"),
    "Latn": (
        "af", "az", "bs", "ca", "cs", "cy", "da", "de", "en", "es", "et", "eu", "fi", "fr", "ga", "gl", "hr", "ht",
        "hu", "id", "is", "it", "lt", "lv", "ms", "mt", "nl", "no", "pl", "pt", "ro", "sk", "sl", "sq", "sv", "sw",
        "tl", "tr", "uz", "vi",
    ),
}  # fmt: skip
"""Scripts that several of the languages we tell apart share; the model decides among these."""

UNDECIDED: Final = 0.5
_DENSITY: Final = {"Latn": 1, "Hani": 5, "Kana": 3, "Hang": 3}
_NOT_LATIN: Final = 1.5
# Simplified characters that are in everyday Traditional text too, as words of their own.
_SHARED_FORMS: Final = frozenset(
    "台后里只干面系余谷几丑云准划卷向困奸姜家岳布当征志愿才折斗曲朱术松板杆极核欲沈注泛游灶炮症秋种签筑累胡致舍蒙表"
    "辟郁采须冬仆党凶制千升合吊同回地夸夫它弥咸喂群峰床厘厕痴皂熏托吃旋周占升游岩灾回雇你着着了么什"
)


def count_scripts(text: str) -> dict[str, int]:
    """Letters of each script in `text`, by ISO 15924 code (kana of both kinds as `Kana`)."""
    return count_scripts_of([text])[0]


def count_scripts_of(texts: Sequence[str]) -> list[dict[str, int]]:
    """`count_scripts` of each text."""
    starts = np.array([start for start, _ in _BLOCKS], dtype=np.uint32)
    blocks = np.searchsorted(starts, code_points("".join(texts)), side="right") - 1
    owners = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    size = len(texts) * len(_BLOCKS)
    counts = np.bincount(owners * len(_BLOCKS) + blocks, minlength=size).reshape(len(texts), len(_BLOCKS))
    totals: list[dict[str, int]] = [{} for _ in texts]
    for number, block in np.argwhere(counts).tolist():
        if script := _BLOCKS[block][1]:
            totals[number][script] = totals[number].get(script, 0) + int(counts[number, block])
    return totals


def main_script(counts: dict[str, int]) -> str:
    """The script that carries most of the text. Latin names stand in text of every script, seldom the other way round."""
    return max(counts, key=lambda script: counts[script] * _DENSITY.get(script, _NOT_LATIN))


def chinese_script(text: str) -> tuple[str, float]:
    """`Hans` or `Hant`, and the share of the telling characters that say so (0.5 where none is)."""
    traditional, simplified = _one_way_characters()
    votes = sum(char in traditional for char in text), sum(char in simplified for char in text)
    share = max(votes) / sum(votes) if any(votes) else UNDECIDED
    return ("Hant" if votes[0] > votes[1] else "Hans"), share


@functools.cache
def _one_way_characters() -> tuple[frozenset[str], frozenset[str]]:
    """Characters that are Traditional only, and Simplified only."""
    han = [chr(point) for low, high in HAN_RANGES[:1] for point in range(low, high)]
    lines = "\n".join(han)
    to_simplified = opencc.OpenCC("t2s").convert(lines).split("\n")
    to_traditional = opencc.OpenCC("s2t").convert(lines).split("\n")
    traditional = {old for old, new in zip(han, to_simplified, strict=True) if old != new}
    simplified = {old for old, new in zip(han, to_traditional, strict=True) if old != new}
    return frozenset(traditional - simplified), frozenset(simplified - traditional - _SHARED_FORMS)
