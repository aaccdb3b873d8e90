"""Typing errors: words of the question that stand in no document, and the words of the documents that were likely meant.

Words are compared as they sound and as they are typed: without accents and repeated letters, b as v, s as z and soft c,
h silent, ll as y; ض as ظ. Candidates are found by leaving out one letter on either side (symmetric deletion), and for
long words by an equal beginning or end; a word that is known is never touched.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import regex

from vernacular.text.normalise import normalise_with_offsets
from vernacular.types import Expansion

KIND: Final = "spelling"
_WORD: Final = regex.compile(r"[\p{Latin}\p{Arabic}\p{Cyrillic}\p{Greek}\p{Hebrew}\p{M}']+")
_HAS_DIGIT: Final = regex.compile(r"\p{N}")
_ARABIC: Final = regex.compile(r"\p{Arabic}")
_SPANISH_SOUNDS: Final = (
    (regex.compile(r"(.)\1+"), r"\1"),
    (regex.compile(r"(?<![bcgkprstwz])h"), ""),
    (regex.compile(r"c(?=[eiy])|z|x"), "s"),
    (regex.compile(r"qu|q|c"), "k"),
    (regex.compile(r"g(?=[ei])"), "j"),
    (regex.compile(r"gu(?=[ei])"), "g"),
    (regex.compile(r"w"), "gu"),
    (regex.compile(r"(?<=[aeiou])i(?=[aeiou])"), "y"),
    (regex.compile(r"s+"), "s"),
)
_ARABIC_SOUNDS: Final = str.maketrans({"ظ": "ض", "ذ": "د", "ث": "ت", "ط": "ت", "ص": "س", "ء": ""})
_ARABIC_REPEATED: Final = regex.compile(r"(.)\1{2,}")
_ARTICLE: Final = regex.compile(r"^(?:[وفبك]?ال|لل|[وفبلك])(?=\p{L}{3})")
_SHORTEST: Final = 5
_SHORTEST_ALIKE: Final = 4
_LONG: Final = 8
_EDGE: Final = 5
_ENDING: Final = 2
_MOST: Final = 3
_LONGEST: Final = 32
_MOST_TOGETHER: Final = 400
_CACHED: Final = 4096

_ALIKE: Final = 0.8
_SLIP: Final = 1.0
"""A letter too many or too few, the next key, or two letters changed about: slips that fingers make."""
_REPLACED: Final = 1.2
"""A letter in place of another that is not near it: as likely another word."""
_TWO: Final = 2.2
_WEIGHT_OF_SLIP: Final = 0.65
_WEIGHT_OF_REPLACED: Final = 0.5
_WEIGHT_OF_TWO: Final = 0.4
_LEAST: Final = 0.3
_NEIGHBOURS: Final = {
    frozenset(pair)
    for row in ("qwertyuiop", "asdfghjklñ", "zxcvbnm", "ضصثقفغعهخحجد", "شسيبلاتنمكط", "ئءؤرلاىةوزظ")
    for pair in itertools.pairwise(row)
} | {
    frozenset(pair)
    for upper, lower in (("qwertyuiop", "asdfghjklñ"), ("asdfghjkl", "zxcvbnm"))
    for shift in (0, 1)
    for pair in zip(upper[shift:], lower, strict=False)
}


class SpellingIndex:
    """Build it once for a vocabulary (`words`: normalised word → in how many texts it stands), and keep it.

    Fifty thousand words take about a second; a question whose words are all known takes some 20 µs.
    """

    def __init__(self, words: Mapping[str, int]) -> None:
        self.words = words
        self._sounds: dict[str, list[str]] = {}
        self._shorter: dict[str, list[str]] = {}
        self._edges: dict[str, list[str]] = {}
        self._found: dict[str, tuple[tuple[str, float], ...]] = {}
        for word in words:
            if 3 <= len(word) <= _LONGEST and word.isalpha():
                self._sounds.setdefault(sound(word), []).append(word)
        for key in self._sounds:
            for shorter in _without_one(key):
                self._shorter.setdefault(shorter, []).append(key)
            if len(key) >= _LONG:
                self._edges.setdefault(f"{key[:_EDGE]}_", []).append(key)
                self._edges.setdefault(f"_{key[-_EDGE:]}", []).append(key)

    def known(self, word: str) -> bool:
        """Whether a normalised word stands in the documents, in this form or without its Arabic article and clitics."""
        if word in self.words:
            return True
        if not _ARABIC.match(word):
            return without_accents(word) in self.words
        bare = _ARTICLE.sub("", word)
        return any(form in self.words for form in (bare, f"ال{bare}", f"ال{word}"))

    def nearest(self, word: str) -> tuple[tuple[str, float], ...]:
        """(word of the documents, weight), likeliest first, for a normalised word that is not known."""
        found = self._found.get(word)
        if found is None:
            if len(self._found) >= _CACHED:
                self._found.clear()
            found = self._found[word] = tuple(self._search(word)[:_MOST])
        return found

    def _search(self, word: str) -> list[tuple[str, float]]:
        key = sound(word)
        scores: dict[str, float] = {}
        for near in self._near(key):
            for candidate in self._sounds[near]:
                weight = _weight(word, candidate, key, near)
                if weight >= _LEAST:
                    scores[candidate] = weight
        best = max(scores.values(), default=0.0)
        kept = [(candidate, weight) for candidate, weight in scores.items() if weight >= best - 0.15]
        return sorted(kept, key=lambda pair: (-pair[1], -self.words.get(pair[0], 0)))

    def _near(self, key: str) -> set[str]:
        near = {key} if key in self._sounds else set()
        if near and len(key) < _LONG:
            return near
        if len(key) >= _SHORTEST - 1:
            near.update(self._shorter.get(key, ()))
            for shorter in _without_one(key):
                if shorter in self._sounds:
                    near.add(shorter)
                near.update(self._shorter.get(shorter, ()))
        if not near and len(key) >= _LONG:
            for edge in (f"{key[:_EDGE]}_", f"_{key[-_EDGE:]}"):
                near.update(self._edges.get(edge, ())[:_MOST_TOGETHER])
        return near


def corrections(text: str, words: Mapping[str, int] | SpellingIndex) -> list[Expansion]:
    """The words that `text` likely meant, where it has words that the documents lack; `words` as `SpellingIndex` takes them.

    A caller that asks more than once gives a `SpellingIndex`, which it keeps.
    """
    index = words if isinstance(words, SpellingIndex) else SpellingIndex(words)
    if not index.words:
        return []
    normal, offsets = normalise_with_offsets(text)
    expansions: list[Expansion] = []
    for match in _WORD.finditer(normal):
        word = match.group().strip("'")
        if not _may_be_wrong(word, normal, match.start(), match.end()) or index.known(word):
            continue
        found = index.nearest(word)
        for weight, terms in _by_weight(found):
            start, end = offsets[match.start()], offsets[match.end() - 1] + 1
            expansions.append(Expansion(start, end, terms, round(weight, 2), KIND, "documents"))
    return expansions


def sound(word: str) -> str:
    """A normalised word as it sounds: words with equal sounds are one another's spelling."""
    if _ARABIC.match(word):
        return _ARABIC_REPEATED.sub(r"\1", word).translate(_ARABIC_SOUNDS)
    plain = without_accents(word).replace("ll", "y").replace("v", "b")
    for pattern, instead in _SPANISH_SOUNDS:
        plain = pattern.sub(instead, plain)
    return plain


def without_accents(word: str) -> str:
    if word.isascii():
        return word
    return "".join(char for char in unicodedata.normalize("NFD", word) if not unicodedata.combining(char))


def _may_be_wrong(word: str, text: str, start: int, end: int) -> bool:
    if not _SHORTEST_ALIKE <= len(word) <= _LONGEST:
        return False
    return not _HAS_DIGIT.search(text[max(0, start - 1) : end + 1])


def _by_weight(found: Iterable[tuple[str, float]]) -> Iterator[tuple[float, tuple[str, ...]]]:
    by_weight: dict[float, list[str]] = {}
    for word, weight in found:
        by_weight.setdefault(weight, []).append(word)
    for weight, words in by_weight.items():
        yield weight, tuple(words)


def _weight(word: str, candidate: str, key: str, near: str) -> float:
    """How likely `candidate` was meant; 0 for a word that is too different."""
    if key == near:
        return _ALIKE
    if _ARABIC.match(word):
        # An article makes words look longer and more alike than they are.
        word, candidate, key, near = (_ARTICLE.sub("", each) for each in (word, candidate, key, near))
        if word.endswith(candidate) or candidate.endswith(word):
            return 0.0
    if _differ_in_ending(word, candidate):
        return 0.0
    # Arabic leaves most vowels out: its words are shorter, and say as much.
    unwritten = 1 if _ARABIC.match(word) else 0
    shorter = min(len(key), len(near)) + unwritten
    if shorter < _SHORTEST - 1 or len(word) + unwritten < _SHORTEST:
        return 0.0
    edits = min(_edits(key, near), _edits(without_accents(word), without_accents(candidate)))
    if edits > (_TWO if shorter >= _LONG else _REPLACED if shorter > _SHORTEST else _SLIP):
        return 0.0
    weight = _WEIGHT_OF_SLIP if edits <= _SLIP else _WEIGHT_OF_REPLACED if edits <= _REPLACED else _WEIGHT_OF_TWO
    if key[0] != near[0]:
        # First letters are seldom wrong, but for a slip to the next key.
        weight -= 0.1 if edits <= _SLIP else 0.3
    return weight - 0.06 * max(0, _LONG - shorter)


def _differ_in_ending(one: str, other: str) -> bool:
    """Whether two words are likely forms of one: the analyzer's 4-grams find such as well."""
    shared = 0
    for letter, another in zip(one, other, strict=False):
        if letter != another:
            break
        shared += 1
    return shared >= _SHORTEST - 1 and max(len(one), len(other)) - shared <= _ENDING


def _edits(one: str, other: str) -> float:
    """Damerau and Levenshtein's distance, in which a letter replaced by one that is not near it counts more; at most 3."""
    if abs(len(one) - len(other)) > 2:
        return 3.0
    before_last: list[float] = []
    before = [float(place) for place in range(len(other) + 1)]
    for row, letter in enumerate(one, 1):
        current = [float(row)]
        for column, another in enumerate(other, 1):
            cost = 0.0 if letter == another else 0.9 if frozenset((letter, another)) in _NEIGHBOURS else _REPLACED
            value = min(before[column] + 1, current[column - 1] + 1, before[column - 1] + cost)
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == another and cost:
                value = min(value, before_last[column - 2] + 0.8)
            current.append(value)
        if min(current) > _TWO:
            return 3.0
        before_last, before = before, current
    return before[-1]


def _without_one(key: str) -> set[str]:
    return {key[:place] + key[place + 1 :] for place in range(len(key))}
