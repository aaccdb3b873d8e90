"""What a question asks for: a price, a place, a way, a date … Two questions about one subject differ by that.

The phrases are in `phrases/asks.json`, by language and kind; one that begins with `^` counts at the beginning of a sentence only.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from importlib import resources
from typing import Final

import regex

from serve.rag.facts import family
from serve.rag.matching import pad

WHAT, DEFINE, WHETHER, HOW, COUNT, PRICE = "what", "define", "whether", "how", "count", "price"
_OPEN: Final = frozenset({WHAT, DEFINE, WHETHER})
"""Kinds that say little beside another one: `can you tell me what it costs` asks for a price."""
_PLAIN: Final = frozenset({HOW, WHAT, WHETHER})
"""What words without any question may ask for: `renewing a passport`."""
_RELATION: Final = "~"
_UNSPACED: Final = frozenset({"zh"})
_OTHER_LETTERS: Final = frozenset({"ar", "zh"})
"""Languages that are typed in Latin letters too."""
_HAN: Final = regex.compile(r"\p{Han}")
_CANTONESE_HOW: Final = regex.compile(
    r"(?<![几地重景起一差有优缺站网观特早晚终热试据零半早])点(?![钟半数心击位评名对算样解几])"
)
_NO: Final = regex.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Asked:
    """`kinds` of a question, its `relations` (before, after), and its words without those that say so, padded.

    `known`: whether there are phrases for the language; where there are none, `kinds` says nothing. `in_script`: it is not a
    language of other letters typed in Latin ones.
    """

    kinds: frozenset[str]
    relations: frozenset[str]
    rest: str
    known: bool = True
    in_script: bool = True


def asked(padded: str, language: str, tag: str | None = None) -> Asked:
    """What a padded question in `language` asks for; `tag`: its variety."""
    code = family(language)
    in_script = code not in _OTHER_LETTERS or not _is_latin(padded)
    code = code if in_script else f"{code}-Latn"
    pattern, kind_of = _phrases(code)
    kinds = {kind_of[found.group().strip("_")] for found in pattern.finditer(padded)}
    rest = pattern.sub("_", padded)
    if (tag or language).startswith("yue") and _CANTONESE_HOW.search(rest):
        kinds.add(HOW)
        rest = _CANTONESE_HOW.sub("_", rest)
    relations = frozenset(kind for kind in kinds if kind.startswith(_RELATION))
    told = frozenset(kinds - relations)
    closed = told - _OPEN or told - {WHETHER}
    if PRICE in closed:
        closed -= {COUNT}
    return Asked(closed or told, relations, f"_{rest.strip('_')}_", code in _data(), in_script)


def agree(one: Asked, other: Asked) -> bool:
    """Whether both may ask for the same."""
    if one.relations != other.relations:
        return False
    first, second = one.kinds, other.kinds
    if first == second or not (one.known and other.known):
        return True
    return not (first and second) and first | second <= _PLAIN


def _is_latin(padded: str) -> bool:
    letters = padded.replace("_", "")
    return sum(char.isascii() for char in letters) > len(letters) / 2


@functools.cache
def _phrases(code: str) -> tuple[regex.Pattern[str], dict[str, str]]:
    """What finds the longest phrase at each place, and the kind of each phrase."""
    kind_of: dict[str, str] = {}
    first: set[str] = set()
    for kind, written in _data().get(code, {}).items():
        for phrase in written.split(";"):
            padded = pad([phrase.removeprefix("^")])[0].strip("_")
            if padded:
                kind_of.setdefault(padded, kind)
                if phrase.startswith("^"):
                    first.add(padded)
    if not kind_of:
        return _NO, {}
    longest = sorted(kind_of, key=len, reverse=True)
    if code in _UNSPACED:
        return regex.compile("|".join(map(regex.escape, longest))), kind_of
    parts = [
        rf"(?<=^_){regex.escape(each)}(?=_)" if each in first else rf"(?<=_){regex.escape(each)}(?=_)"
        for each in longest
    ]
    return regex.compile("|".join(parts)), kind_of


@functools.cache
def _data() -> dict[str, dict[str, str]]:
    text = resources.files("serve.rag.phrases").joinpath("asks.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = json.loads(text)
    return found
