"""Chinese numerals and numbers: `三百二` is 320, `廿三` 23, `百五` 150; and back."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import regex

DIGITS: Final = {
    "〇": 0, "零": 0, "○": 0, "一": 1, "壹": 1, "二": 2, "貳": 2, "贰": 2, "兩": 2, "两": 2, "三": 3, "參": 3, "叁": 3,
    "四": 4, "肆": 4, "五": 5, "伍": 5, "六": 6, "陸": 6, "陆": 6, "七": 7, "柒": 7, "八": 8, "捌": 8, "九": 9, "玖": 9,
    "俩": 2, "仨": 3,
}  # fmt: skip
_TENS: Final = {"廿": 20, "卅": 30, "卌": 40}
_PLACES: Final = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_GROUPS: Final = {"萬": 10**4, "万": 10**4, "億": 10**8, "亿": 10**8}
_NAMES: Final = "〇一二三四五六七八九"
LONGEST: Final = 20
"""Characters of a number; what is longer is none that a document would write in another way."""
NUMERAL: Final = "".join([*DIGITS, *_TENS, *_PLACES, *_GROUPS])
_MIXED: Final = regex.compile(r"(\d+(?:\.\d+)?)(萬|万|億|亿|千|百)(\d)?")


def parse(numeral: str) -> int | None:
    """The number that `numeral` says; None where it is none. A last digit alone counts the place below: 一萬二, 兩千五."""
    if not 0 < len(numeral) <= LONGEST or numeral[0] in "零〇○" or any(char not in NUMERAL for char in numeral):
        return None
    if all(char in DIGITS for char in numeral):
        return int("".join(str(DIGITS[char]) for char in numeral))
    total = section = 0
    pending: int | None = None
    last_place = 1
    for place, char in enumerate(numeral):
        if char in DIGITS:
            if pending:
                return None
            pending = DIGITS[char]
            if pending == 0:
                last_place, pending = 1, None
        elif char in _TENS:
            section += _TENS[char]
            last_place, pending = 10, None
        elif char in _PLACES:
            # 百五, 千二: in the south the first one is left out.
            section += (pending if pending is not None else 1) * _PLACES[char]
            last_place, pending = _PLACES[char], None
        else:
            section += pending or 0
            if not section and place:
                return None
            total += (section or 1) * _GROUPS[char]
            last_place, section, pending = _GROUPS[char], 0, None
    if pending is not None:
        section += pending * (last_place // 10 if last_place > 10 else 1)
    return total + section


def parse_mixed(text: str) -> Decimal | None:
    """Digits with a Chinese unit: 3萬5 is 35000, 1.5億 150000000."""
    match = _MIXED.fullmatch(text)
    if not match:
        return None
    unit = _GROUPS.get(match[2]) or _PLACES[match[2]]
    return Decimal(match[1]) * unit + (Decimal(match[3]) * unit / 10 if match[3] else 0)


def numeral(number: int) -> str:
    """`number` (0 to 10¹² − 1) as a document writes it: 320 → 三百二十."""
    if number < 10:
        return "零" if number == 0 else _NAMES[number]
    if number < 20:
        return "十" + (_NAMES[number - 10] if number > 10 else "")
    for unit, name in ((10**8, "億"), (10**4, "萬")):
        if number >= unit:
            rest = number % unit
            if not rest:
                return numeral(number // unit) + name
            gap = "零" if rest < unit // 10 else ""
            return numeral(number // unit) + name + gap + ("一" if 10 <= rest < 20 else "") + numeral(rest)
    return _section(number)


def by_digits(number: int) -> str:
    """`number` digit by digit, as years are written: 2023 → 二〇二三."""
    return "".join(_NAMES[int(digit)] for digit in str(number))


def _section(number: int) -> str:
    if number < 20:
        return numeral(number)
    text, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            text += ("零" if gap and text else "") + _NAMES[digit] + name
            gap = False
        else:
            gap = True
    return text
