"""Finding the markers of many packs in a question at once, without a regular expression for each.

All matching is on text in the form of `vernacular.text.normalise`, so that a marker is written in one script only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import regex

from vernacular.dialects.pack import Marker
from vernacular.errors import InvalidPack
from vernacular.text.normalise import normalise

Votes = Mapping[str, float]
"""Tag → what a marker counts for it, in log odds."""

WORD: Final = regex.compile(r"[\p{L}\p{M}\p{N}]+")
HAN: Final = regex.compile(r"\p{Han}")
_LEAST_STEM: Final = 2
"""Letters that a word must have beside a prefix or suffix."""
_LONGEST_PHRASE: Final = 5
_PROCLITICS: Final = regex.compile(r"^(?:[وف]?[بلعه]?(?:ال)?|[وف])(?=\w{2})")
"""What Arabic writes together with the word that follows."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A marker found at `start:end` of the normalised text. `form`: what stands there, or the affix that does."""

    form: str
    start: int
    end: int
    votes: Votes


class SignIndex:
    """The markers of some packs.

    Of two markers that begin or end at the same place the longer one counts, in whatever pack it is: `啥物` of Hokkien
    says nothing where `啥物事` of Wu stands. Regular expressions count beside the others.
    """

    def __init__(self, markers: Iterable[tuple[str, Marker]]) -> None:
        """`markers`: (tag, marker).

        Raises:
            InvalidPack: a regular expression is none.
        """
        self._kinds: dict[str, dict[str, dict[str, float]]] = {
            kind: {} for kind in ("word", "part", "prefix", "suffix", "regex")
        }
        given = list(markers)
        normal = normalise_all([marker.form for _, marker in given])
        for (tag, marker), text in zip(given, normal, strict=True):
            form, kind = key_of(marker.form, marker.kind, text)
            votes = self._kinds[kind].setdefault(form, {})
            votes[tag] = max(votes.get(tag, 0.0), marker.weight, key=abs)
        shared: dict[tuple[tuple[str, float], ...], dict[str, float]] = {}
        for forms in self._kinds.values():  # most lexicon words vote alike: thousands of tables are a few
            for form, votes in forms.items():
                forms[form] = shared.setdefault(tuple(votes.items()), votes)
        self._lengths = {kind: sorted({len(form) for form in forms}) for kind, forms in self._kinds.items()}
        self._phrases = {form.partition(" ")[0] for form in self._kinds["word"] if " " in form}
        self._first: dict[str, list[int]] = {}
        for length in reversed(self._lengths["part"]):
            for first in {form[0] for form in self._kinds["part"] if len(form) == length}:
                self._first.setdefault(first, []).append(length)
        self._patterns = [(_compiled(form), votes) for form, votes in self._kinds["regex"].items()]

    def entries(self) -> Iterator[tuple[str, str, Votes]]:
        """(form, kind, votes) of all markers."""
        for kind, forms in self._kinds.items():
            yield from ((form, kind, votes) for form, votes in forms.items())

    def find(self, text: str) -> list[Mark]:
        """The marks in a normalised `text`, in no order."""
        words = (
            list(WORD.finditer(text)) if self._kinds["word"] or self._kinds["prefix"] or self._kinds["suffix"] else []
        )
        return [*self._parts(text), *self._words(words), *self._matches(text)]

    def _parts(self, text: str) -> Iterator[Mark]:
        parts, reached = self._kinds["part"], 0
        for start, first in enumerate(text):
            for length in self._first.get(first, ()):
                end = start + length
                if end <= reached:
                    break
                if votes := parts.get(text[start:end]):
                    yield Mark(text[start:end], start, end, votes)
                    reached = end
                    break

    def _words(self, words: list[regex.Match[str]]) -> Iterator[Mark]:
        position = 0
        while position < len(words):
            mark, length = self._phrase(words, position)
            if mark:
                yield mark
            else:
                yield from self._affixes(words[position])
            position += length

    def _phrase(self, words: list[regex.Match[str]], position: int) -> tuple[Mark | None, int]:
        known = self._kinds["word"]
        first = words[position]
        if first.group() in self._phrases:
            for length in range(min(_LONGEST_PHRASE, len(words) - position), 1, -1):
                form = " ".join(word.group() for word in words[position : position + length])
                if votes := known.get(form):
                    return Mark(form, first.start(), words[position + length - 1].end(), votes), length
        return self._word(first), 1

    def _word(self, word: regex.Match[str]) -> Mark | None:
        text = word.group()
        if votes := self._kinds["word"].get(text):
            return Mark(text, word.start(), word.end(), votes)
        if "\u0620" <= text[0] <= "\u06ff" and (led := _PROCLITICS.match(text)) and led.end():
            form = text[led.end() :]
            if votes := self._kinds["word"].get(form):
                return Mark(form, word.start() + led.end(), word.end(), votes)
        return None

    def _affixes(self, word: regex.Match[str]) -> Iterator[Mark]:
        text, longest = word.group(), len(word.group()) - _LEAST_STEM
        for length in reversed(self._lengths["prefix"]):
            if length <= longest and (votes := self._kinds["prefix"].get(text[:length])):
                yield Mark(f"{text[:length]}-", word.start(), word.end(), votes)
                break
        for length in reversed(self._lengths["suffix"]):
            if length <= longest and (votes := self._kinds["suffix"].get(text[-length:])):
                yield Mark(f"-{text[-length:]}", word.start(), word.end(), votes)
                break

    def _matches(self, text: str) -> Iterator[Mark]:
        for pattern, votes in self._patterns:
            for match in pattern.finditer(text):
                if match.end() > match.start():
                    yield Mark(match.group(), match.start(), match.end(), votes)


def stem(word: str) -> str:
    """A normalised word without what Arabic writes together with it."""
    return _PROCLITICS.sub("", word) if word[:1] and "\u0620" <= word[0] <= "\u06ff" else word


def is_latin(marker: Marker) -> bool:
    """Whether a marker is written in Latin letters and no others."""
    letters = regex.sub(r"\\[pP]\{[^}]*\}|\\.", "", marker.form)
    return bool(regex.search(r"\p{Latin}", letters)) and not regex.search(r"(?!\p{Latin})\p{L}", letters)


def key_of(form: str, kind: str, normal: str | None = None) -> tuple[str, str]:
    """A marker's form as it is looked up in normalised text, and the kind that it is looked up as.

    `normal`: the form normalised, where that is known.
    """
    if kind == "regex":
        return regex.sub(r"[^\x00-\x7f]", lambda char: normalise(char.group()) or char.group(), form), "regex"
    normal = normalise(form) if normal is None else normal
    if kind == "word" and not HAN.search(normal):
        return " ".join(WORD.findall(normal)), "word"
    return normal, "part" if kind == "word" else kind


def normalise_all(forms: Sequence[str]) -> list[str]:
    """Each of some forms, which are of one line, normalised: many times faster than one by one."""
    return normalise("\n".join(forms)).split("\n") if forms else []


def _compiled(pattern: str) -> regex.Pattern[str]:
    try:
        return regex.compile(pattern)
    except regex.error as error:
        raise InvalidPack(f"The marker {pattern!r} is no regular expression: {error}.") from None
