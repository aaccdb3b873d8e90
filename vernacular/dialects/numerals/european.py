"""Number words of Spanish, Portuguese, English and French ↔ digits, with the slang of money and the hours of the day."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Final

import regex

from vernacular.dialects.numerals.europe import ENGLISH, FRENCH, PORTUGUESE, SPANISH, Language
from vernacular.types import Expansion

KIND: Final = "numeral"
FAMILIES: Final = ("es", "pt", "en", "fr")
SURE: Final = 0.8
LIKELY: Final = 0.6
POSSIBLE: Final = 0.35
UNLIKELY: Final = 0.25

_LANGUAGES: Final = {"es": SPANISH, "pt": PORTUGUESE, "en": ENGLISH, "fr": FRENCH}
_WORD: Final = regex.compile(r"\p{L}+|\d+(?:[.,]\d{3})+(?![\d])|\d+(?:[.,]\d+)?")
_THOUSANDS: Final = regex.compile(r"[.,](?=\d{3}(?!\d))")
_FEW: Final = 12
"""Numbers up to this are as often part of the talk as of the question."""
_LONGEST, _MOST = 15, 10**15
"""Digits of a number, and the number up to which one is read: larger ones are no amounts."""
_SUFFIXES: Final = {"k": 1000, "mil": 1000, "mm": 10**6}


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int


@dataclass(slots=True)
class _Number:
    """A number read at words[first:last]; `worded`: not in digits alone."""

    value: float
    first: int
    last: int
    worded: bool = True


def european(text: str, family: str, tag: str | None) -> list[Expansion]:
    """The numbers in `text`, as documents may write them."""
    language = _LANGUAGES[family]
    lower = text.lower()
    if len(lower) != len(text):
        return []
    words = [_Word(match.group(), match.start(), match.end()) for match in _WORD.finditer(lower)]
    found: list[Expansion] = []
    place = 0
    while place < len(words):
        read = (
            _slang(words, place, language, tag or "")
            or _hour(words, place, language)
            or _amount(words, place, language)
        )
        if read is None:
            place += 1
            continue
        last, terms, weight = read
        start, end = words[place].start, words[last - 1].end
        own = text[start:end].casefold()
        if kept := tuple(dict.fromkeys(term for term in terms if term.casefold() != own)):
            found.append(Expansion(start, end, kept, weight, KIND, family))
        place = last
    return found


_Read = tuple[int, list[str], float]


def _amount(words: list[_Word], place: int, language: Language) -> _Read | None:
    """A number in words or digits, with half of something after it."""
    if fixed := _fixed(words, place, language):
        return fixed
    number = _number(words, place, language)
    if number is None:
        return None
    if year := _year(words, place, number, language):
        return year
    if number.value != int(number.value):
        return number.last, [f"{number.value:g}"], LIKELY
    whole = int(number.value)
    if not number.worded:
        spoken = in_words(whole, language) if whole < 100 or (whole % 1000 == 0 and whole < 10**9) else None
        return (number.last, [spoken], UNLIKELY) if spoken and whole > 1 else None
    if whole <= 1:
        return None
    terms = [str(whole)]
    if whole >= 10_000 and whole % 1000 == 0:
        terms += _short(whole, language)
    if spoken := in_words(whole, language):
        terms.append(spoken)
    return number.last, terms, LIKELY if whole > _FEW else POSSIBLE


def _short(whole: int, language: Language) -> list[str]:
    """`15 mil`, `2 millones`."""
    if whole >= 10**6:
        return [f"{whole / 10**6:g} {language.millions[0 if whole < 2 * 10**6 else 1]}"] if whole % 10**5 == 0 else []
    return [f"{whole // 1000} {language.thousand}"]


def _fixed(words: list[_Word], place: int, language: Language) -> _Read | None:
    """Phrases such as `media docena`, `tres cuartos`, `half an hour`."""
    for length in range(min(5, len(words) - place), 0, -1):
        phrase = " ".join(word.text for word in words[place : place + length])
        if terms := language.phrases.get(phrase):
            return place + length, list(terms), LIKELY
    return None


def _number(words: list[_Word], place: int, language: Language) -> _Number | None:
    first = words[place]
    if first.text[0].isdigit():
        return _from_digits(words, place, language)
    total = section = 0.0
    at, read, last = place, False, place
    while at < len(words):
        word = words[at].text
        if word in language.joiners and read and at + 1 < len(words):
            at += 1
            continue
        value = language.values.get(word)
        factor = language.factors.get(word)
        if factor == 100 and section and section < 20:
            section *= 100
        elif factor and factor > 100:
            total += (section or 1) * factor
            section = 0.0
        elif value is not None and _fits(section, value):
            section += value
        elif value is not None and language.vigesimal and section == 4 and value == 20:
            section = 80
        else:
            break
        if total + section > _MOST:
            return None
        at, read = at + 1, True
        last = at
    if not read or (last - place == 1 and first.text in language.articles):
        return None
    return _Number(total + section, place, last)


def _fits(section: float, value: float) -> bool:
    """Whether `value` can follow: ones after tens, tens after hundreds. `cinco seis` is two numbers."""
    if section == 0:
        return True
    if section % 100 == 0:
        return value < 100 <= section
    # French counts on to nineteen after sixty and eighty.
    return (section % 10 == 0 and value < 10) or (section % 100 in {60, 80} and value < 20)


def _from_digits(words: list[_Word], place: int, language: Language) -> _Number | None:
    said = _THOUSANDS.sub("", words[place].text).replace(",", ".")
    if said.count(".") > 1 or len(said) > _LONGEST:
        return None
    value, last, worded = float(said), place + 1, False
    while last < len(words):
        following = words[last]
        factor = language.factors.get(following.text, 0) if following.text not in language.slang else 0
        if following.start == words[last - 1].end:
            factor = _SUFFIXES.get(following.text, 0)
        if factor < 1000 or value * factor > _MOST:
            break
        value, last, worded = value * factor, last + 1, True
    if last < len(words) and words[last].text[0].isalpha() and words[last].start == words[last - 1].end and not worded:
        return None
    return _Number(value, place, last, worded)


def _slang(words: list[_Word], place: int, language: Language, tag: str) -> _Read | None:
    """`quince lucas`, `media luca`, `un tostón`, `a grand`: what money is called, in the standard currency."""
    number = _number(words, place, language)
    at = number.last if number else place
    value = number.value if number else None
    if value is None and (words[place].text in language.halves or words[place].text in language.articles):
        value, at = language.halves.get(words[place].text, 1.0), place + 1
    if value is None or at >= len(words):
        return None
    terms: list[str] = []
    for meaning in language.slang.get(words[at].text, ()):
        told = any(tag.startswith(each) for each in meaning.tags)
        if told or not meaning.tags or (meaning.anywhere and tag in {"", language.code}):
            terms += _worth(value * meaning.worth, meaning.currency, language)
    return (at + 1, terms, SURE if tag else LIKELY) if terms else None


def _worth(amount: float, currency: str, language: Language) -> list[str]:
    said = [f"{amount:g}" if amount < 10**6 else str(int(amount))]
    if amount >= 1000 and amount % 1000 == 0:
        said += _short(int(amount), language)
    if amount == int(amount) and (spoken := in_words(int(amount), language)):
        said.append(spoken)
    return [f"{each} {currency}".strip() for each in said]


def _hour(words: list[_Word], place: int, language: Language) -> _Read | None:
    """`a las tres y media de la tarde` → 15:30."""
    before = " ".join(word.text for word in words[max(0, place - 2) : place])
    if not before.endswith(language.before_hours):
        return None
    hour = _hour_word(words, place, language)
    if hour is None:
        return None
    at, minutes = place + 1, 0
    for length in range(min(2, len(words) - at), 0, -1):
        phrase = " ".join(word.text for word in words[at : at + length])
        if phrase in language.minutes:
            minutes, at = language.minutes[phrase], at + length
            break
    if minutes < 0:
        hour, minutes = (hour - 1) % 12 or 12, 60 + minutes
    rest = " ".join(word.text for word in words[at : at + 4])
    afternoon = rest.startswith(language.afternoons)
    early = rest.startswith(language.mornings)
    twelve = [f"{hour}:{minutes:02}", *([str(hour)] if not minutes else [])]
    later = [f"{hour + 12}:{minutes:02}"] if hour < 12 and not early else []
    return at, [*later, *twelve] if afternoon else [*twelve, *later], LIKELY


def _hour_word(words: list[_Word], place: int, language: Language) -> int | None:
    word = words[place].text
    value = (
        int(word) if word.isdecimal() and len(word) <= 2 else language.values.get(word, language.articles.get(word, 0))
    )
    return int(value) if 1 <= value <= 12 else None


def _year(words: list[_Word], place: int, number: _Number, language: Language) -> _Read | None:
    """`del 64`: perhaps 1964. A number of two digits after a word that years follow."""
    if place == 0 or not 30 <= number.value <= 99 or number.value != int(number.value):
        return None
    before = " ".join(word.text for word in words[max(0, place - 2) : place])
    if not before.endswith(language.before_years) or (
        number.last < len(words) and words[number.last].text in language.not_years
    ):
        return None
    return number.last, [str(1900 + int(number.value)), str(int(number.value))], POSSIBLE


@functools.lru_cache(maxsize=4096)
def _spelled(number: int, code: str) -> str | None:
    language = _LANGUAGES[code]
    if number in language.names:
        return language.names[number]
    for unit, names in ((10**6, language.millions), (1000, (language.thousand, language.thousand))):
        if number >= unit:
            count, rest = divmod(number, unit)
            if rest or count >= 1000:
                return None
            head = "" if count == 1 and unit == 1000 and language.bare_thousand else f"{in_words(count, language)} "
            return f"{head}{names[0 if count == 1 else 1]}"
    if number > 100:
        hundreds, rest = divmod(number, 100)
        plain = language.names.get(hundreds * 100)
        if plain is None:
            return None
        head = (language.hundred_before_more if hundreds == 1 else "") or plain
        between = language.after_hundreds
        return f"{head}{between}{in_words(rest, language)}" if rest else head
    tens, ones = number - number % 10, number % 10
    return f"{language.names[tens]}{language.after_tens}{language.names[ones]}" if tens in language.names else None


def in_words(number: int, language: Language) -> str | None:
    """`number` as it is written out; None for what is seldom written so."""
    return _spelled(number, language.code) if number >= 0 else None
