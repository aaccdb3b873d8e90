"""Words typed in Latin letters, with Arabizi digits among their letters, and one spelling for what is spelled at will."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import regex

_TOKEN: Final = regex.compile(
    r"[\p{Latin}\p{M}2-9][\p{Latin}\p{M}\p{Nd}]*(?:['’`](?=[\p{Latin}2-9])[\p{Latin}\p{M}\p{Nd}]+)*['’`]?"
)
_LETTER: Final = regex.compile(r"\p{Latin}")
_ARABIZI_DIGIT: Final = regex.compile(r"(?<=\p{Latin})[2356789](?!\d)|(?<!\d)[2356789](?=\p{Latin})")
_NO_ARABIZI: Final = regex.compile(r"\d{2}|[01]")
_ELIDED: Final = regex.compile(r"(?:l|d|s|n|c|j|m|t|qu)['’`](?=[aeiouyhàâäéèêëîïôöùûü])", regex.IGNORECASE)
_DIGIT_SIGN: Final = regex.compile(r"(?<=[3679])['’`]")
_FOLDS: Final = (
    ("tch", "sh"),
    ("ch", "sh"),
    ("oo", "u"),
    ("ou", "u"),
    ("ee", "i"),
    ("5", "kh"),
    ("q", "9"),
    ("x", "sh"),
)
_SAME: Final = str.maketrans("oey", "uii")
_REPEATED: Final = regex.compile(r"(.)\1+")
_VOWELS: Final = regex.compile(r"[aiuw]")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the question at `start:end`: as `typed`, in lower case (`plain`), and in one spelling (`folded`)."""

    typed: str
    plain: str
    folded: str
    start: int
    end: int

    @property
    def has_digit(self) -> bool:
        """Whether a digit stands for a letter in it: hardly anything but Arabizi is typed so."""
        return _ARABIZI_DIGIT.search(self.plain) is not None and _NO_ARABIZI.search(self.plain) is None


def tokens(text: str) -> Iterator[Token]:
    """The words in Latin letters. What French elides before a word (`l'oxygène`) is left out."""
    for match in _TOKEN.finditer(text):
        word, start = match.group(), match.start()
        if elided := _ELIDED.match(word):
            word, start = word[elided.end() :], start + elided.end()
        word = word.rstrip("'’`") if not _DIGIT_SIGN.search(word) else word
        if not _LETTER.search(word) or (_NO_ARABIZI.search(word) and word[0].isdigit()):
            continue
        plain = without_accents(word).replace("’", "'").replace("`", "'")
        yield Token(word, plain, fold(plain), start, start + len(word))


def without_accents(word: str) -> str:
    """In lower case, without accents: `Défense` → `defense`."""
    if word.isascii():
        return word.lower()
    apart = unicodedata.normalize("NFD", word.casefold().replace("œ", "oe"))
    return "".join(char for char in apart if not unicodedata.combining(char))


def fold(plain: str) -> str:
    """One spelling for the ways in which an Arabic word is typed: `chkoun`, `shkun` and `chkon` become one."""
    for old, new in _FOLDS:
        if old in plain:
            plain = plain.replace(old, new)
    return _REPEATED.sub(r"\1", plain.translate(_SAME))


def consonants(folded: str) -> str:
    """`folded` without its vowels."""
    return folded[:1] + _VOWELS.sub("", folded[1:])
