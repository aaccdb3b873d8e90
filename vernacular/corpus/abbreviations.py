"""Short forms that people make of the names in documents, and that need not stand there.

In Chinese the first characters of a name's parts: 公投 for 公民投票, 勞檢 for 勞動檢查. Elsewhere the initials of the words of a
title or heading: DNI for Documento Nacional de Identidad. A short form that is itself common in the documents is none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import regex

from vernacular.corpus.words import HanTerms
from vernacular.text.normalise import normalise

LEAST: Final = 5
"""Passages that a four-character term must be in for people to shorten it; names in titles need one."""
OWN_SHARE: Final = 0.25
"""How often the short form itself may occur, as a share of the term's: more, and it is a word of its own."""
COMMON: Final = 0.1
"""Share of the texts from which a word is too common to be part of a name, such as `other` or `regulation`."""
MOST_MEANINGS: Final = 2
_PARTS: Final = (2, 3)
_SHORTEST, _LONGEST = 3, 6
_WORD: Final = regex.compile(r"[\p{L}\p{M}'’]+")
_HAN: Final = regex.compile(r"\p{Han}{4,20}")
_LITTLE: Final = 3
"""Letters of the little words, such as `of` and `de`, that initials may pass over."""
_NO_PART: Final = frozenset("本該该此各某每不未非无無其有第前后後一二三四五六七八九十百千万")


def abbreviations(
    terms: HanTerms, names: Iterable[str], words: Mapping[str, int], texts: int
) -> dict[str, tuple[str, ...]]:
    """Short form → what it may stand for, likeliest first, all normalised.

    `names`: titles and headings. `texts`: how many there are.
    """
    titles = dict.fromkeys(normalise("\n".join(names)).split("\n"))
    meanings: dict[str, dict[str, int]] = defaultdict(dict)
    for term, count in terms.words.items():
        if len(term) == 2 * _PARTS[0] and count >= LEAST and _is_whole(term, terms.words, count, texts):
            meanings[term[0] + term[2]][term] = count
    for title in titles:
        for run in _HAN.findall(title):
            for short, long in _heads(_parted(run, terms.words)):
                meanings[short].setdefault(long, max(1, terms.count(long)))
    rare = _rare_runs(meanings, terms)
    for title in titles:
        for short, long in _initials(_WORD.findall(title)):
            if words.get(short, 0) <= 1:
                rare.setdefault(short, {})[long] = 1
    return {short: _likeliest(longs) for short, longs in rare.items() if len(longs) <= 2 * MOST_MEANINGS}


def _likeliest(longs: Mapping[str, int]) -> tuple[str, ...]:
    """The commonest; of those that hold one another the shorter."""
    ranked = sorted(longs, key=lambda long: (-longs[long], len(long), long))
    kept: list[str] = []
    for long in ranked:
        if not any(other in long or long in other for other in kept):
            kept.append(long)
    return tuple(kept[:MOST_MEANINGS])


def _is_whole(term: str, words: Mapping[str, int], count: int, texts: int) -> bool:
    """Whether it is made of two words of two characters, as far as counting tells, neither of them one that is everywhere."""
    halves = words.get(term[:2], 0), words.get(term[2:], 0)
    return _NO_PART.isdisjoint(term) and max(halves) >= count and max(halves) <= max(COMMON * texts, count)


def _rare_runs(meanings: Mapping[str, dict[str, int]], terms: HanTerms) -> dict[str, dict[str, int]]:
    counts = terms.counts(list(meanings))
    return {
        short: longs
        for (short, longs), own in zip(meanings.items(), counts, strict=True)
        if own <= OWN_SHARE * max(longs.values())
    }


def _parted(run: str, words: Mapping[str, int]) -> list[str]:
    """The longest known words from left to right; characters between them alone."""
    parts: list[str] = []
    place = 0
    while place < len(run):
        length = next((size for size in (4, 3, 2) if run[place : place + size] in words), 1)
        # A word of four that is two known words is what is shortened, not a part.
        if length == 4 and run[place : place + 2] in words and run[place + 2 : place + 4] in words:
            length = 2
        parts.append(run[place : place + length])
        place += length
    return parts


def _heads(parts: list[str]) -> Iterator[tuple[str, str]]:
    """The first characters of neighbouring parts, with and without the single character that ends a name (法, 局)."""
    for size in _PARTS:
        for start in range(len(parts) - size + 1):
            chosen = parts[start : start + size]
            if all(len(part) > 1 for part in chosen) and _NO_PART.isdisjoint("".join(chosen)):
                short, long = "".join(part[0] for part in chosen), "".join(chosen)
                yield short, long
                if parts[start + size : start + size + 1] and len(parts[start + size]) == 1:
                    yield short + parts[start + size], long + parts[start + size]


def _initials(words: list[str]) -> Iterator[tuple[str, str]]:
    for size in range(2, _LONGEST + 3):
        for start in range(len(words) - size + 1):
            chosen = words[start : start + size]
            content = [word for word in chosen if len(word) > _LITTLE]
            if len(chosen[0]) <= _LITTLE or len(chosen[-1]) <= _LITTLE:
                continue
            for kept in (content, chosen) if len(content) < len(chosen) else (chosen,):
                if _SHORTEST <= len(kept) <= _LONGEST:
                    yield "".join(word[0] for word in kept), " ".join(chosen)
