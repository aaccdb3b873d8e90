"""Questions typed in Latin letters in a language that is not written so: Arabizi, Tâi-lô and POJ, Jyutping.

Each gives the words of that language's script, so that documents are found: `from_latin`. What was typed stays in the
question: names and terms that stand in Latin letters in the documents are found as before.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Final

import regex

from vernacular.dialects.pack import Pack
from vernacular.dialects.romanised.arabizi import from_arabizi
from vernacular.dialects.romanised.entries import ArabicEntries
from vernacular.dialects.romanised.index import RomanIndex
from vernacular.dialects.romanised.sinitic import CANTONESE, HOKKIEN, SiniticEntries, from_sinitic
from vernacular.types import Expansion

__all__ = ["RomanIndex", "from_latin"]

_LATIN: Final = regex.compile(r"\p{Latin}")
_ARABIC: Final = regex.compile(r"\p{Arabic}")
ARABIC: Final = "ar"
CHINESE: Final = "zh"
_OF_HONG_KONG: Final = ("yue", "zh-Hant-HK")


def from_latin(text: str, packs: Sequence[Pack], words: Mapping[str, int] | RomanIndex | None) -> list[Expansion]:
    """What the words of `text` in Latin letters are in the script of the languages of `packs`, by place.

    `words`: the documents' words, as `vernacular.text.analyze.tokens` gives them, with the number of texts each stands
    in; as a `RomanIndex`, which a caller keeps, or else one is built for this question. With them, names in Arabic
    letters that the documents have only in Latin ones are found too.
    """
    index = words if isinstance(words, RomanIndex) or words is None else RomanIndex(words)
    known = _entries(_Packs(packs))
    expansions: list[Expansion] = []
    if _LATIN.search(text):
        expansions = from_sinitic(text, known.sinitic, index.han if index is not None else None)
        if not expansions and known.arabic is not None:
            expansions = from_arabizi(text, known.arabic, index)
    if index is not None and index.latin and _ARABIC.search(text):
        expansions += index.latin.names(text)
    return sorted(expansions, key=lambda each: (each.start, -each.end, -each.weight))


class _Entries:
    def __init__(self, packs: Sequence[Pack]) -> None:
        arabic = [pack for pack in packs if pack.manifest.family == ARABIC]
        self.arabic = ArabicEntries(arabic) if arabic else None
        chinese = [pack for pack in packs if pack.manifest.family == CHINESE]
        southern = [pack for pack in chinese if not pack.tag.startswith(_OF_HONG_KONG)]
        western = [pack for pack in chinese if pack.tag.startswith(_OF_HONG_KONG)]
        self.sinitic = (SiniticEntries(southern, HOKKIEN), SiniticEntries(western, CANTONESE))


class _Packs:
    """Packs as a key of a cache: the same if each is the same object."""

    def __init__(self, packs: Sequence[Pack]) -> None:
        self.packs = tuple(packs)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Packs)
            and len(self.packs) == len(other.packs)
            and all(one is another for one, another in zip(self.packs, other.packs, strict=True))
        )

    def __hash__(self) -> int:
        return hash(tuple(map(id, self.packs)))


@functools.lru_cache(maxsize=32)
def _entries(packs: _Packs) -> _Entries:
    return _Entries(packs.packs)
