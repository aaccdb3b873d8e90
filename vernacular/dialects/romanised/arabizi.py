"""Arabic typed in Latin letters: what packs say, French words, what sounds alike in the documents, likely spellings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import regex

from vernacular.dialects.romanised.entries import ArabicEntries, Found, french, function_words
from vernacular.dialects.romanised.index import Match, RomanIndex
from vernacular.dialects.romanised.sounds import Reading, latin_readings
from vernacular.dialects.romanised.tokens import Token
from vernacular.dialects.romanised.tokens import tokens as latin_tokens
from vernacular.types import Expansion

KIND: Final = "romanised"
_SOUND: Final = "sound"
_FRENCH: Final = "french"
_SPELLING: Final = "transliteration"
_LETTERS: Final = "letters"

_SOUND_WEIGHT: Final = 0.9
_SHORT: Final = 0.7
_FRENCH_WEIGHT: Final = 0.8
_ENTRY_WEIGHT: Final = 0.9
_GUESSED: Final = 0.4
_MOST_STEMS: Final = 3
_MOST_FORMS: Final = 3
_NEXT: Final = 0.1
"""How much less like what was typed a word may be than the likest, to be taken too."""
_NAME: Final = 0.9
"""How like a word must be where nothing else in the question is Arabizi."""
_SHORTEST_NAME: Final = 4
_NUMBERED_TONE: Final = regex.compile(r"[a-z]+[1-9]")
_MOST_TONES: Final = 0.5
"""Share of words that end in a digit above which they are rather syllables with their tones."""
_ACRONYM: Final = range(2, 6)
_ROMAN_NUMERAL: Final = regex.compile(r"[IVXLC]+")
_LETTER_NAMES: Final = {
    "a": "ايه", "b": "بي", "c": "سي", "d": "دي", "e": "اي", "f": "اف", "g": "جي", "h": "اتش", "i": "اي", "j": "جي",
    "k": "كيه", "l": "ال", "m": "ام", "n": "ان", "o": "او", "p": "بي", "q": "كيو", "r": "ار", "s": "اس", "t": "تي",
    "u": "يو", "v": "في", "w": "دبليو", "x": "اكس", "y": "واي", "z": "زد",
}  # fmt: skip


def from_arabizi(text: str, entries: ArabicEntries, index: RomanIndex | None) -> list[Expansion]:
    """Expansions of the words of `text` in Latin letters. Without `index` (the documents' words), by rules alone."""
    words = list(latin_tokens(text))
    if not words:
        return []
    found = list(entries.find(words))
    arabizi = _is_arabizi(words, found) or (index is not None and _sounds_arabic(words, index))
    if not arabizi:
        found = [each for each in found if each.last - each.first > 1]
    expansions = [_of_entry(words, each) for each in found]
    told = {place for each in found if each.exact for place in range(each.first, each.last)}
    if arabizi:
        expansions += _french(words)
    translated = {each.end for each in expansions}
    for place, word in enumerate(words):
        if place in told or _is_function_word(word):
            continue
        if arabizi:
            expansions += [_of_entry(words, each) for each in entries.sounding_like(words, place)]
        expansions += _by_sound(word, index, arabizi, guess=word.end not in translated)
    return expansions


def _of_entry(words: Sequence[Token], found: Found) -> Expansion:
    start, end = words[found.first].start, words[found.last - 1].end
    return Expansion(start, end, found.terms, round(_ENTRY_WEIGHT * found.weight, 3), KIND, found.source)


def _is_arabizi(words: Sequence[Token], found: Sequence[Found]) -> bool:
    """Whether the question is Arabic in Latin letters, and not in another language with names in it."""
    if sum(_NUMBERED_TONE.fullmatch(word.plain) is not None for word in words) > _MOST_TONES * len(words):
        return False
    shared = french()
    typed = {place for place, word in enumerate(words) if word.has_digit}
    known = function_words()
    typed |= {
        place
        for place, word in enumerate(words)
        if len(word.plain) > 2 and word.plain in known and word.plain not in _NOT_TELLING
    }
    # Words such as `bank` and `visa` are in packs too, and tell nothing of the question by themselves.
    listed = {place for each in found if each.exact for place in range(each.first, each.last)} - typed
    listed = {
        place for place in listed if len(words[place].plain) >= _SHORTEST_NAME and words[place].plain not in shared
    }
    return len(typed) >= max(1.0, 0.12 * len(words)) or len(typed | listed) >= max(2.0, 0.3 * len(words))


def _sounds_arabic(words: Sequence[Token], index: RomanIndex) -> bool:
    """Whether most of the longer words sound like words of Arabic documents, and few are of a European language."""
    if sum(word.plain in _EUROPEAN for word in words) > _FEW_EUROPEAN * len(words):
        return False
    telling = [word for word in words if len(word.plain) >= _SHORTEST_NAME and not word.typed[0].isupper()]
    alike = sum(any(match.likeness >= _ALIKE for match in index.alike(word.plain)) for word in telling)
    return len(telling) > 1 and alike >= _MOSTLY_ALIKE * len(telling)


_EUROPEAN: Final = frozenset(
    word
    for line in (
        "the of and to in is for on that with are what where when who how why can do does did my your i we you it this",
        "el los las un una unos de del que en es por para con se su mi cual cuanto cuando donde como quien hay",
        "le les des une du et est dans pour sur avec quel quelle qui quand comment combien je il elle mon votre",
        "o os as um uma da das dos em no na por com qual quanto quando onde quem meu",
        "der die das und ist ein eine wie was wo wer ich zu mit von",
    )
    for word in line.split()
)
_FEW_EUROPEAN: Final = 0.2
_ALIKE: Final = 0.85
_MOSTLY_ALIKE: Final = 0.5
_NOT_TELLING: Final = frozenset(
    [
        "a",
        "al",
        "as",
        "ben",
        "d",
        "da",
        "de",
        "dans",
        "de",
        "des",
        "di",
        "do",
        "du",
        "e",
        "el",
        "en",
        "est",
        "et",
        "fi",
        "fin",
        "fine",
        "had",
        "hay",
        "hon",
        "i",
        "in",
        "kan",
        "l",
        "la",
        "las",
        "le",
        "les",
        "li",
        "lo",
        "ma",
        "mais",
        "men",
        "merci",
        "min",
        "mich",
        "mo",
        "mu",
        "mush",
        "o",
        "on",
        "ou",
        "par",
        "please",
        "plz",
        "por",
        "pour",
        "que",
        "qui",
        "sur",
        "svp",
        "stp",
        "si",
        "sho",
        "son",
        "u",
        "un",
        "una",
        "une",
        "w",
        "wa",
        "wash",
        "y",
        "ya",
    ]
)


def _is_function_word(word: Token) -> bool:
    return word.plain in function_words() or (len(word.plain) > 3 and word.folded in function_words())


def _french(words: Sequence[Token]) -> Iterator[Expansion]:
    known = french()
    place = 0
    while place < len(words):
        for length in range(min(3, len(words) - place), 0, -1):
            phrase = " ".join(word.plain for word in words[place : place + length])
            terms = next((known[form] for form in _singulars(phrase) if form in known), None)
            if terms:
                first, last = words[place], words[place + length - 1]
                yield Expansion(first.start, last.end, terms, _FRENCH_WEIGHT, KIND, _FRENCH)
                place += length - 1
                break
        place += 1


def _singulars(phrase: str) -> Iterator[str]:
    yield phrase
    if phrase.endswith(("s", "x")):
        yield phrase[:-1]
    if phrase.endswith("aux"):
        yield f"{phrase[:-3]}al"
    words = phrase.split()
    if len(words) > 1:
        yield " ".join(word.removesuffix("s") for word in words)
    if phrase.endswith(("es", "e")):
        yield phrase.rstrip("s")[:-1]


def _by_sound(word: Token, index: RomanIndex | None, arabizi: bool, *, guess: bool) -> Iterator[Expansion]:
    if not arabizi and (len(word.plain) < _SHORTEST_NAME or (index and word.plain in index)):
        return
    if word.typed.isupper() and len(word.plain) in _ACRONYM and not _ROMAN_NUMERAL.fullmatch(word.typed):
        spelled = " ".join(_LETTER_NAMES.get(letter, "") for letter in word.plain)
        yield Expansion(word.start, word.end, (spelled,), _SOUND_WEIGHT, KIND, _LETTERS)
    matches = index.alike(word.plain) if index else ()
    if not arabizi:
        named = word.typed[0].isupper() and len(word.plain) > _SHORTEST_NAME
        matches = tuple(match for match in matches if match.likeness >= _NAME and (match.consonants > 2 or named))
    if matches:
        yield from _matched(word, matches, 1.0 if arabizi else 0.6)
    elif arabizi and guess and (spellings := transliterations(word.plain)):
        yield Expansion(word.start, word.end, spellings, _GUESSED, KIND, _SPELLING)


def _matched(word: Token, matches: Sequence[Match], scale: float) -> Iterator[Expansion]:
    likest = max(match.likeness for match in matches)
    near = [match for match in matches if match.likeness >= likest - _NEXT][:_MOST_STEMS]
    for match in near:
        weight = _SOUND_WEIGHT * scale * match.likeness**2
        weight *= 1 - 2 * (likest - match.likeness)
        if match.consonants <= 2:
            weight *= _SHORT
        yield Expansion(word.start, word.end, match.words[:_MOST_FORMS], round(weight, 3), KIND, _SOUND)


_SPELLED: Final = {
    "b": "ب", "t": "ت", "T": "ط", "th": "ث", "st": "ث", "j": "ج", "7": "ح", "h": "ه", "x": "خ", "d": "د", "D": "ض",
    "dh": "ذ", "zd": "ظ", "r": "ر", "z": "ز", "s": "س", "S": "ص", "c": "ش", "3": "ع", "g": "غ", "f": "ف", "q": "ق",
    "k": "ك", "l": "ل", "m": "م", "n": "ن",
}  # fmt: skip
_LONG: Final = str.maketrans({"a": "ا", "i": "ي", "y": "ي", "o": "و", "u": "و", "w": "و", "e": ""})
_SEMIVOWELS: Final = str.maketrans({"a": "", "e": "", "i": "", "o": "", "u": "", "y": "ي", "w": "و"})


def transliterations(word: str) -> tuple[str, ...]:
    """The likely spellings in Arabic letters, likeliest first: vowels written, and vowels left out."""
    readings = latin_readings(word)
    if not readings or not readings[0].key:
        return ()
    spellings = [_spelled(reading, long) for reading in readings[:2] for long in (True, False)]
    return tuple(dict.fromkeys(spelling for spelling in spellings if len(spelling) > 1))


def _spelled(reading: Reading, long: bool) -> str:
    last = len(reading.slots) - 1
    pieces = []
    for place, slot in enumerate(reading.slots):
        if place == last:
            piece = "ة" if slot in {"a", "e"} and not long else slot.translate(_LONG)
        elif place == 0 and slot:
            piece = "ا" + slot[1:].translate(_LONG) if slot[0] in "aeiou" else slot.translate(_SEMIVOWELS)
        else:
            piece = slot.translate(_LONG if long else _SEMIVOWELS)
        pieces.append(piece + (_SPELLED[reading.sounds[place]] if place < last else ""))
    return "".join(pieces)
