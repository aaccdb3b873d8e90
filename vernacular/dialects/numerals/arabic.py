"""Numbers, hours, weekdays and months in Arabic varieties, in the forms of standard Arabic and in digits.

Words are compared as `vernacular.text.normalise` leaves them (حداشر, إحدعش and حضاش are eleven).
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import regex

from vernacular.text.normalise import normalise, normalise_with_offsets
from vernacular.types import Expansion

KIND: Final = "numeral"
FAMILY: Final = "ar"
SURE: Final = 0.8
LIKELY: Final = 0.6
POSSIBLE: Final = 0.35

_UNITS: Final = {
    1: "واحد واحدة وحدة", 2: "اتنين اتنان اثنان اثنين تنين ثنين جوج زوج ثنتين تنتين اثنتان اثنتين",
    3: "تلاتة ثلاثة تلات ثلاث تلت ثلث تلاث", 4: "اربعة أربعة اربع أربع ربعة", 5: "خمسة خمس", 6: "ستة ست سته",
    7: "سبعة سبع", 8: "تمانية ثمانية تمنية تمن ثمان ثماني تمان تماني ثمنية تمنيه", 9: "تسعة تسع تسعود",
    10: "عشرة عشر", 11: "حداشر حداشرة إحدعش احدعش حدعش دعش إحداعش حضاش حداش احدعشر حداعش إحدى عشرة|أحد عشر|إحدى عشر|احدى عشر",
    12: "اتناشر اطناشر إطنعش اطنعش تنعش اثنعش اثناعش طناش تناش ثنعش دزينة اثنا عشر|اثني عشر|اثنتا عشرة|اثنتي عشرة",
    13: "تلتاشر تلاتاشر تلطاشر تلتعش تلطعش ثلطعش ثلاثطعش تلطاش تلتاش ثلتعش ثلاثة عشر|ثلاث عشرة",
    14: "اربعتاشر أربعتاشر اربعطاشر أربعطعش اربعتعش اربعطعش ربعطاش اربعطاش أربعة عشر|أربع عشرة",
    15: "خمستاشر خمسطاشر خمسطعش خمستعش خمسطاش خمستاش خمسة عشر|خمس عشرة",
    16: "ستاشر سطاشر سطعش ستعش سطاش ستاش ستطعش ستة عشر|ست عشرة",
    17: "سبعتاشر سبعطاشر سبعطعش سبعتعش سبعطاش سبعة عشر|سبع عشرة",
    18: "تمنتاشر تمانتاشر تمنطاشر تمنطعش ثمنطعش تمنتعش تمنطاش ثمانطعش ثمانية عشر|ثماني عشرة",
    19: "تسعتاشر تسعطاشر تسعطعش تسعتعش تسعطاش تسعة عشر|تسع عشرة",
    20: "عشرين عشرون", 30: "تلاتين ثلاثين ثلاثون", 40: "اربعين أربعين أربعون", 50: "خمسين خمسون", 60: "ستين ستون",
    70: "سبعين سبعون", 80: "تمانين ثمانين ثمانون", 90: "تسعين تسعون",
    100: "مية ميه مائة مئة ميات ميت", 200: "ميتين متين مئتين مئتان مائتين مائتان ميتان",
    300: "تلتمية تلتميه تلاتمية ثلثمية ثلاثمية ثلاثمائة ثلاثمئة تلتميا تلت مية|تلات مية|ثلاث مئة|ثلاث مائة",
    400: "ربعمية ربعميه اربعمية أربعمائة أربعمئة ربع مية|اربع مية|أربع مئة", 500: "خمسمية خمسميه خمسمائة خمسمئة خمس مية|خمس مئة",
    600: "ستمية ستميه ستمائة ستمئة ست مية|ست مئة", 700: "سبعمية سبعميه سبعمائة سبعمئة سبع مية|سبع مئة",
    800: "تمنمية تمنميه تمانمية ثمانمية ثمنمية ثمانمائة ثمانمئة تمن مية|ثماني مئة", 900: "تسعمية تسعميه تسعمائة تسعمئة تسع مية|تسع مئة",
    2000: "ألفين الفين ألفان", 2_000_000: "مليونين مليونان", 2_000_000_000: "مليارين ملياران",
}  # fmt: skip
_MULTIPLIERS: Final = {
    1000: "ألف الف آلاف تلاف ألاف الاف لاف",
    1_000_000: "مليون ملايين",
    1_000_000_000: "مليار مليارات بليون",
}
_PARTS: Final = {0.5: "نص نصف نصّ", 0.25: "ربع", 1 / 3: "تلت ثلث"}
_ONES: Final = ("", "واحد", "اثنان", "ثلاثة", "أربعة", "خمسة", "ستة", "سبعة", "ثمانية", "تسعة", "عشرة")
_TENS: Final = ("", "", "عشرين", "ثلاثين", "أربعين", "خمسين", "ستين", "سبعين", "ثمانين", "تسعين")
_HUNDREDS: Final = ("", "مئة", "مئتين", "ثلاثمئة", "أربعمئة", "خمسمئة", "ستمئة", "سبعمئة", "ثمانمئة", "تسعمئة")
_ORDINALS: Final = (
    "", "الأولى|الأول", "الثانية|الثاني", "الثالثة|الثالث", "الرابعة|الرابع", "الخامسة|الخامس", "السادسة|السادس",
    "السابعة|السابع", "الثامنة|الثامن", "التاسعة|التاسع", "العاشرة|العاشر", "الحادية عشرة|الحادي عشر",
    "الثانية عشرة|الثاني عشر", "الثالثة عشرة|الثالث عشر", "الرابعة عشرة|الرابع عشر", "الخامسة عشرة|الخامس عشر",
    "السادسة عشرة|السادس عشر", "السابعة عشرة|السابع عشر", "الثامنة عشرة|الثامن عشر", "التاسعة عشرة|التاسع عشر",
    "العشرون|العشرين",
)  # fmt: skip
_SPOKEN_ORDINALS: Final = {
    "التاني": 2,
    "التانيه": 2,
    "التالت": 3,
    "التالته": 3,
    "الثاني": 2,
    "التامن": 8,
    "التامنه": 8,
    "الساته": 6,
    "السات": 6,
}
_NUMBERED: Final = (
    "الماده|ماده|الفصل|فصل|الباب|البند|بند|الفقره|فقره|القسم|القرن|الدرجه|المرحله|السنه|الصف|المستوي|الطابق|الدور|الفئه"
)

_WEEKDAYS: Final = {
    "الأحد": "الاحد الحد لحد الحاد", "الاثنين": "الاثنين الاتنين التنين لتنين الاثنان الثنين لاثنين",
    "الثلاثاء": "الثلاثاء الثلاثا التلات التلاتاء التلاتا التلاته الثلوث التلوت تلات التلاث الثلاث",
    "الأربعاء": "الاربعاء الاربعا الاربع لاربع لربعا الربوع الأربعه لاربعا", "الخميس": "الخميس لخميس الخميسه",
    "الجمعة": "الجمعه الجمعة جمعه", "السبت": "السبت سبت",
}  # fmt: skip
_MONTHS: Final = (
    "يناير|كانون الثاني|جانفي", "فبراير|شباط|فيفري", "مارس|آذار", "أبريل|نيسان|أفريل|ابريل", "مايو|أيار|ماي|ماى",
    "يونيو|حزيران|جوان|يونيه", "يوليو|تموز|جويلية|يوليوز|يوليه", "أغسطس|آب|أوت|غشت", "سبتمبر|أيلول|شتنبر",
    "أكتوبر|تشرين الأول|اكتوبر", "نوفمبر|تشرين الثاني|نونبر", "ديسمبر|كانون الأول|دجنبر",
)  # fmt: skip
_PLAIN_MONTHS: Final = frozenset({"اب", "ماي", "اوت", "جوان"})
"""Names that are other words too: months only after a day, or after شهر."""

_LONGEST: Final = 12
"""Digits of a number that is read; a longer one is no amount."""
_WORD: Final = regex.compile(r"[\p{Arabic}&&\p{L}]+|(?<![\p{L}\d.])\d+(?:\.\d+)?(?![\p{L}\d])", regex.V1)
_DIGITS_AFTER: Final = regex.compile(rf"(?:{_NUMBERED})\s+(?:رقم\s+)?(?P<number>\d{{1,2}})(?!\d)")
_MONTH_NUMBER: Final = regex.compile(r"شهر\s+(?P<number>\d{1,2}|\p{Arabic}+)(?![\p{L}\d])")
_DAY: Final = regex.compile(r"(?P<before>(?:يوم|نهار|ليله|صباح|مساء|كل)\s+)?(?P<day>\p{Arabic}+)")
_HOUR: Final = regex.compile(r"(?:الساعه|ساعه|عالساعه|ع الساعه)\s+$")


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int


def arabic(text: str, tag: str | None) -> list[Expansion]:
    """The numbers in `text`, as documents may write them."""
    normal, offsets = normalise_with_offsets(text)
    words = [_Word(match.group(), match.start(), match.end()) for match in _WORD.finditer(normal)]
    found = [
        *_parts_of_units(normal),
        *_months(normal),
        *_days(normal),
        *_numbered(normal),
        *_amounts(normal, words, tag or ""),
    ]
    taken: list[tuple[int, int]] = []
    kept: list[Expansion] = []
    for start, end, terms, weight in found:
        if any(start < other_end and other_start < end for other_start, other_end in taken):
            continue
        taken.append((start, end))
        own = normal[start:end]
        if other := tuple(dict.fromkeys(term for term in terms if normalise(term) != own)):
            kept.append(Expansion(offsets[start], offsets[end - 1] + 1, other, weight, KIND, "ar"))
    return sorted(kept, key=lambda each: each.start)


_Found = tuple[int, int, list[str], float]


def _amounts(text: str, words: list[_Word], tag: str) -> Iterator[_Found]:
    place = 0
    while place < len(words):
        number = words[place]
        if number.text[0].isdigit():
            place += 1
            value = float(number.text[:_LONGEST])
            if len(number.text) <= _LONGEST and value == int(value) and 2 <= value < 10**6 and not 1000 < value < 2100:
                multiplier = _multiplier(words, place)
                end = words[place].end if multiplier > 1 else number.end
                terms = [str(int(value) * multiplier)] if multiplier > 1 else []
                yield number.start, end, [*terms, *in_words(int(value) * multiplier)], POSSIBLE
            continue
        parsed = _parse(words, place)
        if parsed is None:
            place += 1
            continue
        value, last = parsed
        end = words[last - 1].end
        yield from _said(text, (words[place].start, end), value, tag)
        place = last


def _said(text: str, span: tuple[int, int], value: float, tag: str) -> Iterator[_Found]:
    start, end = span
    if _HOUR.search(text, 0, start) and value <= 12:
        minutes = round(value % 1 * 60)
        hour = int(value)
        terms = [f"{hour}:{minutes:02}", f"{hour + 12}:{minutes:02}" if hour < 12 else "12:00"]
        yield start, end, [*terms, str(hour)] if not minutes else terms, LIKELY
    elif value == int(value):
        whole = int(value)
        if whole == 1:
            return
        terms = [str(whole), *in_words(whole)]
        if tag.startswith("ary") and text[end:].lstrip().startswith("ريال"):
            # Twenty riyals are a dirham.
            terms.insert(0, f"{whole / 20:g} درهم")
        yield start, end, terms, SURE if whole > 10 else LIKELY
    else:
        yield start, end, [f"{value:g}", *(["نصف"] if value == 0.5 else [])], LIKELY


def _multiplier(words: list[_Word], place: int) -> int:
    return _multipliers().get(words[place].text, 1) if place < len(words) else 1


def _parse(words: list[_Word], place: int) -> tuple[float, int] | None:
    """(number, index after it) of the number words from `place` on; parts are joined by و."""
    total = section = 0.0
    at, read = place, False
    while at < len(words):
        word = words[at].text
        joined = False
        if read and word == "و" and at + 1 < len(words):
            at, word, joined = at + 1, words[at + 1].text, True
        elif read and word.startswith("و") and word not in _values():
            word, joined = word[1:], True
        two = f"{word} {words[at + 1].text}" if at + 1 < len(words) else ""
        if two in _values():
            value, step = _values()[two], 2
        elif word in _values() or (not read and word.startswith("ال") and _values().get(word[2:], 0) >= 10):
            value, step = _values().get(word) or _values()[word[2:]], 1
        elif word in _parts() and (joined or not read):
            value, step = _parts()[word], 1
            if not read:
                return (value, at + 1) if value == 0.5 else None
            scale = 1000 if total % 1000 == 0 and total and not section else 1
            scale = 1_000_000 if total and total % 1_000_000 == 0 and not section else scale
            return total + section + value * scale, at + 1
        elif word in _multipliers() and (not joined or read):
            factor = _multipliers()[word]
            total += (section or 1) * factor if not joined else section + factor
            section, at, read = 0.0, at + 1, True
            continue
        else:
            break
        if read and not joined:
            break
        section, at, read = section + value, at + step, True
    return (total + section, at - (words[at - 1].text == "و")) if read else None


_TIMES: Final = {
    "ساعه": ("ساعة", 60, "دقيقة"),
    "سنه": ("سنة", 12, "شهر"),
    "عام": ("عام", 12, "شهر"),
    "شهر": ("شهر", 30, "يوم"),
    "دقيقه": ("دقيقة", 60, "ثانية"),
}
_MEASURES: Final = {
    "كيلو": "كيلو",
    "متر": "متر",
    "لتر": "لتر",
    "يوم": "يوم",
    "مره": "مرة",
    "جنيه": "جنيه",
    "دولار": "دولار",
}
_PART_OF: Final = regex.compile(rf"(?P<part>نص|نصف|ربع|تلت|ثلث)\s+(?P<unit>{'|'.join(_TIMES)})(?!\p{{L}})")
_AND_PART: Final = regex.compile(
    rf"(?<!\p{{L}})(?P<unit>{'|'.join((*_TIMES, *_MEASURES))})\s+و\s?(?P<part>نص|نصف|ربع|تلت|ثلث)(?!\p{{L}})"
)


def _parts_of_units(text: str) -> Iterator[_Found]:
    """`نص ساعة` is 30 minutes, `سنة ونص` 18 months."""
    for match in _PART_OF.finditer(text):
        share = _parts()[match["part"]]
        name, count, smaller = _TIMES[match["unit"]]
        terms = [f"{_STANDARD_PARTS[share]} {name}", f"{count * share:g} {smaller}"]
        yield match.start(), match.end(), terms, SURE
    for match in _AND_PART.finditer(text):
        share = _parts()[match["part"]]
        name, count, smaller = _TIMES.get(match["unit"]) or (_MEASURES[match["unit"]], 0, "")
        terms = [f"{name} و{_STANDARD_PARTS[share]}", f"{1 + share:.3g} {name}"]
        if smaller:
            terms.append(f"{count * (1 + share):g} {smaller}")
        yield match.start(), match.end(), terms, SURE


_STANDARD_PARTS: Final = {0.5: "نصف", 0.25: "ربع", 1 / 3: "ثلث"}


def _numbered(text: str) -> Iterator[_Found]:
    for match in _DIGITS_AFTER.finditer(text):
        number = int(match["number"])
        if 0 < number < len(_ORDINALS):
            yield match.start("number"), match.end("number"), [*_ORDINALS[number].split("|"), *in_words(number)], LIKELY
    for ordinal, number in sorted(_ordinals().items(), key=lambda pair: -len(pair[0])):
        at = text.find(ordinal)
        if (
            at >= 0
            and (at == 0 or not text[at - 1].isalpha())
            and not text[at + len(ordinal) : at + len(ordinal) + 1].isalpha()
        ):
            numbered = regex.search(rf"(?:{_NUMBERED})\s+$", text, endpos=at) is not None
            terms = [*_ORDINALS[number].split("|"), *([str(number)] if numbered else [])]
            if numbered or ordinal in _SPOKEN_ORDINALS:
                yield at, at + len(ordinal), terms, LIKELY


def _days(text: str) -> Iterator[_Found]:
    days = _weekdays()
    for match in _DAY.finditer(text):
        word, start = match["day"], match.start("day")
        bare = word[1:] if word[0] in "وبف" and word[1:] in days else word
        day = days.get(bare)
        # التنين is a dragon and الحد a limit but for the word before.
        if day and (match["before"] or bare == normalise(day) or bare in _SURE_DAYS):
            yield start + len(word) - len(bare), match.end("day"), [day], SURE


_SURE_DAYS: Final = frozenset(
    {"الاتنين", "الثلاثا", "التلات", "التلاتاء", "التلاتا", "الاربعا", "لاربعا", "الثلوث", "الربوع", "لخميس", "لتنين"}
)


def _months(text: str) -> Iterator[_Found]:
    for match in _MONTH_NUMBER.finditer(text):
        said = match["number"]
        number = int(said) if said.isdigit() else int(_values().get(said, 0))
        if 1 <= number <= 12:
            names = _MONTHS[number - 1].split("|")[:3]
            yield match.start("number"), match.end("number"), [*names, str(number)], LIKELY
    for name, number in _month_names().items():
        at = text.find(name)
        if (
            at < 0
            or (at and text[at - 1].isalpha() and text[at - 1] not in "وبفل")
            or text[at + len(name) : at + len(name) + 1].isalpha()
        ):
            continue
        if name in _PLAIN_MONTHS and not regex.search(r"(?:شهر|\d)\s+$", text, endpos=at):
            continue
        yield at, at + len(name), _MONTHS[number].split("|")[:4], LIKELY


def in_words(number: int) -> list[str]:
    """`number` (2 to 999,999,999) as standard Arabic writes it; only forms that are one phrase."""
    if number in {10**3, 10**6}:
        return ["ألف" if number == 10**3 else "مليون"]
    if number < 1000:
        return [_hundreds(number)]
    for unit, names in ((10**6, ("مليون", "مليونين", "ملايين")), (1000, ("ألف", "ألفين", "آلاف"))):
        count, rest = divmod(number, unit)
        if count and rest == 0:
            word = names[0] if count == 1 or count > 10 else names[1] if count == 2 else names[2]
            return [word if count <= 2 else f"{_hundreds(count)} {word}"] if count < 1000 else []
        if count and unit == 1000 and count < 1000 and rest % 100 == 0:
            return [f"{in_words(count * unit)[0]} و{_hundreds(rest)}"]
    return []


def _hundreds(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    parts = [_HUNDREDS[hundreds]] if hundreds else []
    if rest > 20 and rest % 10:
        parts += [_ONES[rest % 10].replace("اثنان", "اثنين"), _TENS[rest // 10]]
    elif rest >= 20:
        parts.append(_TENS[rest // 10])
    elif rest > 10:
        parts.append("أحد عشر" if rest == 11 else "اثني عشر" if rest == 12 else f"{_ONES[rest - 10]} عشر")
    elif rest:
        parts.append(_ONES[rest])
    return " و".join(parts)


@functools.cache
def _values() -> dict[str, float]:
    found: dict[str, float] = {}
    for value, spellings in _UNITS.items():
        singles, _, phrases = spellings.rpartition(" ") if "|" not in spellings else _split_phrases(spellings)
        for word in (*singles.split(), *(phrases.split("|") if phrases else ())):
            found[normalise(word)] = value
    return found


def _split_phrases(spellings: str) -> tuple[str, str, str]:
    first, *others = spellings.split("|")
    *singles, last, end = first.split(" ")
    return " ".join(singles), "", "|".join((f"{last} {end}", *others))


@functools.cache
def _multipliers() -> dict[str, int]:
    return {normalise(word): value for value, words in _MULTIPLIERS.items() for word in words.split()}


@functools.cache
def _parts() -> dict[str, float]:
    return {normalise(word): value for value, words in _PARTS.items() for word in words.split()}


@functools.cache
def _ordinals() -> dict[str, int]:
    found = {normalise(form): number for number, forms in enumerate(_ORDINALS) for form in forms.split("|") if form}
    return found | _SPOKEN_ORDINALS


@functools.cache
def _weekdays() -> dict[str, str]:
    return {normalise(form): day for day, forms in _WEEKDAYS.items() for form in forms.split()}


@functools.cache
def _month_names() -> dict[str, int]:
    return {normalise(name): number for number, names in enumerate(_MONTHS) for name in names.split("|")}
