"""Short forms that documents define themselves: `Value Added Tax (VAT)`, `VAT (value added tax)`, `環境保護署（以下簡稱環保署）`.

Where the letters of the short form stand in the long one, in order, the long form is found by them (Schwartz and Hearst 2003);
where it is in another script, it is as many words as the short form has letters.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

import regex

from vernacular.text.normalise import normalise

MOST_MEANINGS: Final = 2
"""A short form with more long forms than these is one that each document gives a sense of its own, like `the Company`."""
_BRACKETS: Final = regex.compile(r"[(（]\s*([^()（）\n]{2,90}?)\s*[)）]")
_QUOTES: Final = " \t「」『』“”‘’«»\"'〈〉《》:：,，،"
_DEFINES: Final = regex.compile(
    r"(?:以下(?:統稱|统称|合稱|合称|簡稱|简称|稱|称)[為为]?|下[稱称]|[簡简][稱称][為为]?"
    r"|(?:herein|there)(?:in)?after(?:\s+referred\s+to\s+as|\s+called)?|hereafter|en\s+adelante|en\s+lo\s+sucesivo"
    r"|ci-après|(?:doravante|adiante)(?:\s+designad[oa])?|(?:و?يشار\s+إليه[ام]?\s+)?فيما\s+(?:بعد|يلي)(?:\s+ب[ـ]?)?)",
    regex.IGNORECASE,
)
_ARTICLE: Final = regex.compile(r"(?:the|el|la|los|las|le|les|o|os|as)\s+", regex.IGNORECASE)
_INITIALS: Final = regex.compile(r"\p{Lu}[\p{Lu}\p{N}.&/-]{1,8}s?|\p{Lu}[\p{L}\p{N}]{0,6}\p{Lu}[\p{L}\p{N}]{0,3}")
_LAST_WORD: Final = regex.compile(r"[\p{L}\p{N}.&/-]+\s*$")
_WORD: Final = regex.compile(r"[\p{L}\p{M}\p{N}'’-]+")
_HAN_RUN: Final = regex.compile(r"[\p{Han}]+\s*$")
_SENTENCE_END: Final = regex.compile(r".*[.;:!?。；：！？、，,]\s", regex.DOTALL)
_OWN: Final = ("本", "該", "该", "此", "各", "前", "其")
_LONGEST_BEFORE: Final = 120
_BEGINS: Final = regex.compile(r".*[的了在是任為为依按由於于與与及和或對对將将以向經经據据照]")
"""What a Han name does not begin with: it begins after the last of these."""
_LONGEST_HAN: Final = 10


def defined(texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Short form → the long forms it is defined to stand for, the commonest first; each as it is written there."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        for short, long in _definitions(text):
            found[short][long] += 1
    return {
        short: tuple(long for long, _ in longs.most_common())
        for short, longs in found.items()
        if len({normalise(long) for long in longs}) <= MOST_MEANINGS
    }


def _definitions(text: str) -> Iterator[tuple[str, str]]:
    for match in _BRACKETS.finditer(text):
        inner, before = match.group(1), text[max(0, match.start() - _LONGEST_BEFORE) : match.start()].rstrip(_QUOTES)
        definition = _definition(inner, before)
        if definition is not None and normalise(definition[0]) != normalise(definition[1]):
            yield definition


def _definition(inner: str, before: str) -> tuple[str, str] | None:
    """(short form, long form) of a bracket and what stands before it."""
    if said := _DEFINES.match(inner):
        short = _ARTICLE.sub("", inner[said.end() :].strip(_QUOTES), count=1).strip(_QUOTES)
        return _with_long(short, before)
    if _INITIALS.fullmatch(inner):
        return _with_long(inner, before)
    last = _LAST_WORD.search(before)
    if last is not None and _INITIALS.fullmatch(last.group().strip()) and len(_WORD.findall(inner)) > 1:
        long = _matching(last.group().strip(), inner)
        return (last.group().strip(), inner) if long is not None and len(long) > 0.8 * len(inner) else None
    return None


def _with_long(short: str, before: str) -> tuple[str, str] | None:
    if not 2 <= len(short) <= 12 or short.startswith(_OWN):
        return None
    if han := _HAN_RUN.search(before):
        long = _han_long(short, han.group().strip())
    elif _INITIALS.fullmatch(short) and not regex.search(r"\p{Latin}\s*$", before):
        words = list(_WORD.finditer(_sentence(before)))[-len(short) :]
        long = _sentence(before)[words[0].start() :].strip() if len(words) == len(short) else None
    else:
        long = _matching(short, _sentence(before))
    if long is None or normalise(short) in normalise(long):
        return None
    return short, long


def _sentence(before: str) -> str:
    return _SENTENCE_END.sub("", before)


def _han_long(short: str, run: str) -> str | None:
    if not regex.fullmatch(r"\p{Han}+", short):
        plain = _BEGINS.sub("", run)
        return plain if _INITIALS.fullmatch(short) and 3 <= len(plain) <= _LONGEST_HAN else None
    place = len(run)
    for char in reversed(short):
        place = run.rfind(char, 0, place)
        if place < 0:
            return None
    return run[place:]


def _matching(short: str, before: str) -> str | None:
    """The shortest end of `before` that holds the letters of `short` in order, the first of them beginning a word."""
    letters = [char for char in _plain(short) if char.isalnum()]
    folded = _plain(before)
    if len(letters) < 2 or len(folded) != len(before):
        return None
    place = len(folded)
    for number, letter in enumerate(reversed(letters), 1):
        place = folded.rfind(letter, 0, place)
        while number == len(letters) and place > 0 and folded[place - 1].isalnum():
            place = folded.rfind(letter, 0, place)
        if place < 0:
            return None
    long = before[place:].strip()
    return long if 2 <= len(_WORD.findall(long)) <= 2 * len(letters) + 1 else None


def _plain(text: str) -> str:
    """Without case and accents, character by character."""
    return "".join(unicodedata.normalize("NFD", char)[0] for char in text.casefold())
