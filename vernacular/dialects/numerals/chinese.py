"""Numbers, amounts, hours and dates in Chinese varieties, as official documents write them.

Numerals and digits stand for one another (`第十二條` and `第12條`), money and time for their standard units
(`廿三蚊` → 23元, `個半鐘` → 1.5小時), and a shortened numeral for the whole (`一萬二` → 12000).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final

import regex

from vernacular.dialects.numerals.han import LONGEST, NUMERAL, by_digits, numeral, parse, parse_mixed
from vernacular.types import Expansion

KIND: Final = "numeral"
FAMILY: Final = "zh"
SURE: Final = 0.8
LIKELY: Final = 0.6
POSSIBLE: Final = 0.35

_ERA: Final = 1911
_TAIWAN: Final = frozenset({"zh-Hant-TW", "nan-Hant-TW", "hak-Hant-TW"})

# A unit as people say it → as documents write it.
_UNITS: Final = {
    "蚊雞": ("元",), "蚊": ("元",), "文": ("元",), "箍銀": ("元",), "箍": ("元",), "塊錢": ("元",), "块钱": ("元",),
    "块洋钿": ("元",), "塊": ("元",), "块": ("元",), "銀": ("元",), "元": ("元",), "圓": ("元",), "蚊銀": ("元",),
    "毫子": ("角",), "毫": ("角",), "毛錢": ("角",), "毛钱": ("角",), "毛": ("角",), "角銀": ("角",), "角": ("角",),
    "個鐘頭": ("小時",), "个钟头": ("小時",), "個鐘": ("小時",), "个钟": ("小時",), "鐘頭": ("小時",), "钟头": ("小時",),
    "點鐘久": ("小時",), "個小時": ("小時",), "个小时": ("小時",), "小時": ("小時",), "小时": ("小時",),
    "分鐘": ("分鐘",), "分钟": ("分鐘",), "個禮拜": ("週", "星期"), "个礼拜": ("週", "星期"), "禮拜": ("週", "星期"),
    "礼拜": ("週", "星期"), "個星期": ("週", "星期"), "个星期": ("週", "星期"), "週": ("週",), "周": ("週",),
    "個月日": ("個月",), "個月": ("個月",), "个月": ("個月",), "月日": ("個月",), "個年": ("年",),
    "工": ("天", "日"), "日": ("日", "天"), "天": ("天", "日"), "年": ("年",), "冬": ("年",), "歲": ("歲",), "岁": ("歲",),
    "月": ("月",), "號": ("日", "號"), "号": ("日", "號"), "樓": ("樓", "層"), "楼": ("樓", "層"), "層": ("層", "樓"), "层": ("層", "樓"),
    "條": ("條",), "条": ("條",), "項": ("項",), "项": ("項",), "款": ("款",), "章": ("章",), "節": ("節",), "节": ("節",),
    "頁": ("頁",), "页": ("頁",), "屆": ("屆",), "届": ("屆",), "名": ("名",), "個人": ("人",), "个人": ("人",), "人": ("人",),
    "個": ("個",), "个": ("個",), "次": ("次",), "遍": ("次",), "擺": ("次",), "轉": ("次",), "份": ("份",), "張": ("張",), "张": ("張",),
    "間": ("間",), "间": ("間",), "公里": ("公里",), "公斤": ("公斤",), "斤": ("斤",), "公尺": ("公尺", "米"), "米": ("米", "公尺"),
    "公分": ("公分", "厘米"), "坪": ("坪",), "呎": ("呎",), "分": ("分",), "倍": ("倍",), "級": ("級",), "级": ("級",),
    "件": ("件",), "部": ("部",), "台": ("台",), "臺": ("臺",), "隻": ("隻",), "只": ("隻",), "本": ("本",), "輛": ("輛",),
    "秒": ("秒",), "度": ("度",), "期": ("期",), "戶": ("戶",), "户": ("戶",), "碼": ("碼",), "码": ("碼",), "折": ("折",),
}  # fmt: skip
_MONEY: Final = frozenset({"元", "角"})
_VARIETY_UNITS: Final = {"文": "yue", "銀": "nan", "冬": "nan", "工": "nan", "擺": "nan", "轉": "yue", "個年": "nan"}
"""Units that mean something else outside one variety."""
_SLANG: Final = {
    "嚿水": 100,
    "嚿": 100,
    "旧水": 100,
    "撇水": 1000,
    "撇": 1000,
    "皮嘢": 10_000,
    "皮": 10_000,
    "草嘢": 10,
    "雞嘢": 1,
}
_UNIT: Final = "|".join(sorted(map(regex.escape, _UNITS), key=len, reverse=True))
_SLANG_UNIT: Final = "|".join(sorted(_SLANG, key=len, reverse=True))
_NUMBER: Final = rf"(?:[{NUMERAL}]+|\d[\d,]*(?:\.\d+)?(?:[萬万億亿千百]\d?)?)"

_COUNTED: Final = regex.compile(
    rf"(?P<ordinal>第)?(?P<number>{_NUMBER})(?P<about>[幾几零多外來来])?(?P<half>半)?(?P<unit>{_UNIT})?(?P<after>半)?"
)
_HALF: Final = regex.compile(
    r"(?P<one>(?<![\p{N}一二三四五六七八九十兩两幾几半])(?:個半|个半)(?P<unit>鐘頭|钟头|鐘|钟|小時|小时|月|禮拜|礼拜|星期)|(?<![\p{N}一二三四五六七八九十百千萬万兩两幾几])(?P<money>塊半|块半|蚊半|箍半))"
    r"|(?P<half>半(?:個鐘頭|個鐘|个钟头|个钟|點鐘|点钟|個小時|小時|小时|年|個月|个月|日|工|天))"
)
_MIDDLE_OF_NIGHT: Final = regex.compile(r"半暝仔?|三更半暝|半夜三更|深更半夜")
_MORNING: Final = "朝頭早|朝早|清早|透早|早起|早上|早晨|上晝|上午|上昼|凌晨|頭晡|早上头|天光早"
_AFTERNOON: Final = (
    "下晝|晏晝|下昼|晏昼|下午|下晡|後晡|暗晡|傍晚|夜晚|晚上|晚黑|晚頭|暗時|暝時|夜里|夜到|夜快头|下半晡|暗头|黃昏|晚"
)
_CLOCK: Final = regex.compile(
    rf"(?P<part>{_MORNING}|{_AFTERNOON})?(?P<hour>[一二兩两三四五六七八九十]{{1,3}}|\d{{1,2}})[點点]"
    rf"(?:(?P<half>半)|(?:搭)?(?P<five>[一二兩两三四五六七八九十]{{1,2}})個字|(?P<quarter>[一兩两三])個?[骨刻]|搭(?P<on>[一二兩两三四五六七八九十]{{1,2}})"
    rf"|(?P<minutes>[一二三四五六七八九十]{{1,3}}|\d{{1,2}})分|(?P<short>[一二三四五六七八九])(?![\p{{N}}一二三四五六七八九十百千萬万%]))?(?:[鐘钟正])?"
)
_WEEKDAY: Final = regex.compile(
    r"(?:禮拜|礼拜|星期|(?<![一二三四五六七八九十兩两幾几半\d])[週周]|(?<![禮礼朝崇])拜)(?P<day>[一二三四五六日天])(?!個|个|年|週|周|轉|次|回|遍|邊|边|圍|围)"
)
_ERA_YEAR: Final = regex.compile(rf"民國(?P<year>[{NUMERAL}]{{1,6}}|\d{{1,3}}|元)年")
_YEAR: Final = regex.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d|[一二][〇零一九○][〇零○一二三四五六七八九]{2})年")
_BARE_ERA_YEAR: Final = regex.compile(
    r"(?<![\d民國第])(?P<year>(?:9\d|1[0-3]\d))年(?=度|[上下]半年|\d{1,2}月|[一二三四五六七八九十]+月)"
)
_LUNAR: Final = regex.compile(r"初(?P<day>[一二三四五六七八九十])(?![級级中次步期衷])")
_WHOLE: Final = regex.compile(r"百分(?:之)?百")
_TENTHS: Final = regex.compile(
    r"(?P<number>[一二兩两三四五六七八九]|\d)成(?P<half>半|五)?(?!為|为|本|年|立|人|功|員|员|果|績|绩|長|长)"
)
_PERCENT: Final = regex.compile(
    rf"百分之(?P<number>[{NUMERAL}]+|\d+(?:\.\d+)?)|(?P<digits>\d+(?:\.\d+)?)\s*[%％]|(?P<spoken>[{NUMERAL}]+)(?:巴仙|趴)"
)
_FRACTION: Final = regex.compile(rf"(?P<below>[{NUMERAL}]+)分之(?P<above>[{NUMERAL}]+)")
_COUNT_AND_HALF: Final = regex.compile(
    rf"(?P<number>[{NUMERAL}]+|\d+)(?:個|个)半(?P<unit>鐘頭|钟头|鐘|钟|小時|小时|月|禮拜|礼拜|星期)"
)
_NO_NUMBERS: Final = frozenset(
    {"十分", "千萬", "千万", "萬一", "万一", "百分", "萬萬", "万万", "一一", "九九", "百千", "三三"}
)
_COMMON: Final = frozenset({"元", "角", "小時", "年", "歲", "個月", "週", "分鐘"})
"""Units with which even `一` is a number, and no mere article."""
_FIVES: Final = regex.compile(r"(?P<number>[一二兩两三四五六七八九十]{1,2})個字(?!數|数|元)")


def chinese(text: str, tag: str | None) -> list[Expansion]:
    """The numbers in `text`, as documents may write them."""
    taken: list[tuple[int, int]] = []
    found: list[Expansion] = []
    for read in _READERS:
        for each in read(text, tag or ""):
            if all(each.end <= start or each.start >= end for start, end in taken):
                found.append(each)
        taken = [(each.start, each.end) for each in found]
    return sorted(found, key=lambda each: each.start)


def _expansion(match: regex.Match[str], terms: list[str], weight: float) -> Expansion | None:
    kept = tuple(dict.fromkeys(term for term in terms if term != match.group()))
    return Expansion(match.start(), match.end(), kept, weight, KIND, "zh") if kept else None


def _each(
    pattern: regex.Pattern[str], terms: Callable[[regex.Match[str], str], tuple[list[str], float]]
) -> Callable[[str, str], Iterator[Expansion]]:
    def read(text: str, tag: str) -> Iterator[Expansion]:
        for match in pattern.finditer(text):
            if found := _expansion(match, *terms(match, tag)):
                yield found

    return read


def _era(match: regex.Match[str], tag: str) -> tuple[list[str], float]:
    said = Decimal(1) if match["year"] == "元" else _value(match["year"])
    if said is None:
        return [], 0
    year = int(said)
    return [f"{year + _ERA}年", f"民國{year}年", f"民國{numeral(year)}年", f"{year}年"], SURE


def _year(match: regex.Match[str], tag: str) -> tuple[list[str], float]:
    year = int(_value(match["year"]) or 0)
    terms = [f"{year}年", f"{by_digits(year)}年"]
    if tag in _TAIWAN and year > _ERA:
        return [*terms, f"民國{year - _ERA}年", f"{year - _ERA}年"], LIKELY
    return terms, POSSIBLE if match["year"].isdigit() else LIKELY


def _bare_era(match: regex.Match[str], tag: str) -> tuple[list[str], float]:
    year = int(match["year"])
    return ([f"民國{year}年", f"{year + _ERA}年"], LIKELY) if tag in _TAIWAN else ([], 0)


def _weekday(match: regex.Match[str], tag: str) -> tuple[list[str], float]:
    day = "日" if match["day"] == "天" else match["day"]
    terms = [f"星期{day}", f"週{day}", f"禮拜{day}"]
    return ([*terms, "星期天"] if day == "日" else terms), SURE


def _clock(match: regex.Match[str], tag: str) -> tuple[list[str], float]:
    said = _value(match["hour"])
    minutes, sure = _minutes(match, tag)
    if said is None or said > 24 or minutes is None:
        return [], 0
    hour = int(said)
    spoken = f"{hour}點{f'{minutes}分' if minutes else ''}"
    terms = [spoken, f"{hour}:{minutes:02}", f"{numeral(hour)}時{f'{numeral(minutes)}分' if minutes else ''}"]
    if minutes == 30:
        terms.append(f"{hour}點半")
    part = match["part"] or ""
    if part and hour < 12 and regex.fullmatch(_AFTERNOON, part):
        terms[1:1] = [f"{hour + 12}:{minutes:02}", f"{hour + 12}時"]
    elif not part and hour < 12:
        terms.append(f"{hour + 12}:{minutes:02}")
    told = part or minutes or match.group()[-1] in "鐘钟正"
    return terms, LIKELY if sure and told else POSSIBLE


def _minutes(match: regex.Match[str], tag: str) -> tuple[int | None, bool]:
    """The minutes after the hour, and whether they are surely meant so. In Cantonese the dial is read in fives."""
    if match["half"]:
        return 30, True
    if match["five"] or match["on"]:
        return _within_hour(5 * (parse(match["five"] or match["on"]) or 0)), True
    if match["quarter"]:
        return _within_hour(15 * (parse(match["quarter"]) or 0)), True
    if match["minutes"]:
        return _within_hour(int(_value(match["minutes"]) or 0)), True
    if match["short"]:
        return (_within_hour(5 * (parse(match["short"]) or 0)), False) if tag.startswith("yue") else (None, False)
    return 0, True


def _within_hour(minutes: int) -> int | None:
    return minutes if minutes < 60 else None


def _half(match: regex.Match[str], tag: str) -> tuple[list[str], float]:
    said = match.group()
    if match["money"]:
        return ["1.5元", "1元5角", "一元五角"], SURE
    if match["one"]:
        unit = match["unit"]
        if unit == "月":
            return ["一個半月", "1.5個月", "45天"], SURE
        if unit in {"禮拜", "礼拜", "星期"}:
            return ["一個半星期", "1.5週", "10天"], LIKELY
        return ["1.5小時", "一個半小時", "90分鐘", "一小時三十分"], SURE
    if "年" in said:
        return ["六個月", "6個月", "半年"], LIKELY
    if "月" in said:
        return ["半個月", "15天", "十五日", "15日"], LIKELY
    if said[1] in "日工天":
        return ["半天", "半日", "4小時"], LIKELY
    return ["半小時", "30分鐘", "三十分鐘"], SURE


def _night(match: regex.Match[str], tag: str) -> tuple[list[str], float]:
    return ["半夜", "深夜", "凌晨"], SURE


def _lunar(match: regex.Match[str], tag: str) -> tuple[list[str], float]:
    day = parse(match["day"])
    return [f"農曆初{match['day']}", f"{numeral(day or 0)}日", f"{day}日"], POSSIBLE


def _tenths(match: regex.Match[str], tag: str) -> tuple[list[str], float]:
    tenths = int(_value(match["number"]) or 0) * 10 + (5 if match["half"] else 0)
    return [f"{tenths}%", f"百分之{numeral(tenths)}"], LIKELY


def _percent(match: regex.Match[str], tag: str) -> tuple[list[str], float]:
    number = _value(match["number"] or match["digits"] or match["spoken"])
    if number is None:
        return [], 0
    spoken = [f"百分之{numeral(int(number))}"] if number == int(number) else []
    return [f"{number}%", *spoken], SURE


def _whole(match: regex.Match[str], tag: str) -> tuple[list[str], float]:
    return ["100%", "百分之百", "百分之一百"], LIKELY


def _count_and_half(match: regex.Match[str], tag: str) -> tuple[list[str], float]:
    number = _value(match["number"])
    if number is None:
        return [], 0
    unit = match["unit"]
    standard = "個月" if unit == "月" else "週" if unit in {"禮拜", "礼拜", "星期"} else "小時"
    spoken = f"{numeral(int(number))}個半{'月' if unit == '月' else '星期' if standard == '週' else '小時'}"
    return [f"{number}.5{standard}", spoken], LIKELY


def _fraction(match: regex.Match[str], tag: str) -> tuple[list[str], float]:
    below, above = parse(match["below"]), parse(match["above"])
    return ([f"{above}/{below}", f"{numeral(below)}分之{numeral(above)}"], LIKELY) if below and above else ([], 0)


def _fives(match: regex.Match[str], tag: str) -> tuple[list[str], float]:
    minutes = 5 * (parse(match["number"]) or 0)
    return (
        ([f"{minutes}分鐘", f"{numeral(minutes)}分鐘"], POSSIBLE) if tag.startswith("yue") and minutes < 60 else ([], 0)
    )


_HOW_MUCH: Final = regex.compile(r"[幾几](?:多)?(?:蚊|文|箍|塊錢|块钱|塊|块|銀|錢|钱|元)")


def _how_much(match: regex.Match[str], tag: str) -> tuple[list[str], float]:
    return ["多少錢", "多少元", "幾元"], LIKELY


_SLANG_AMOUNT: Final = regex.compile(rf"(?P<number>{_NUMBER}|半)?(?P<unit>{_SLANG_UNIT})(?P<half>半)?")


def _slang(match: regex.Match[str], tag: str) -> tuple[list[str], float]:
    if not tag.startswith("yue") or not match["number"]:
        return [], 0
    number = Decimal("0.5") if match["number"] == "半" else _value(match["number"])
    if number is None:
        return [], 0
    amount = int((number + (Decimal("0.5") if match["half"] else 0)) * _SLANG[match["unit"]])
    return [f"{amount}元", f"{numeral(amount)}元"], LIKELY


def _counted(text: str, tag: str) -> Iterator[Expansion]:
    for match in _COUNTED.finditer(text):
        said = match["number"]
        number = _value(said)
        if number is None and (shorter := _longest_number(said)):
            match = _COUNTED.match(text, match.start(), match.start() + len(shorter)) or match  # noqa: PLW2901
            number = _value(match["number"])
        if number is None or number >= 10**12 or match.group() in _NO_NUMBERS:
            continue
        if found := _expansion(match, *_counted_terms(match, number, tag)):
            yield found


def _longest_number(said: str) -> str:
    """What of a run of numerals is one number: 一萬二一 (個月) begins with 一萬二."""
    return next((said[:end] for end in range(min(LONGEST, len(said) - 1), 1, -1) if parse(said[:end]) is not None), "")


def _counted_terms(match: regex.Match[str], number: Decimal, tag: str) -> tuple[list[str], float]:
    said, unit, ordinal = match["number"], match["unit"], match["ordinal"] or ""
    units = _units(unit, tag)
    in_digits = said[0].isdigit()
    if not units:
        units = ("",)
        # A numeral alone may be part of a word (統一, 萬一, 十分); digits alone mean just themselves.
        telling = (said[0] in "廿卅" and not tag.startswith("zh")) or (len(said) > 1 and number >= 10 and not in_digits)
        if not (
            ordinal
            or telling
            or (in_digits and not said[-2:].isdigit() and any(char in "萬万億亿千百" for char in said))
        ):
            return [], 0
    if number == 1 and not ordinal and not in_digits and units[0] not in _COMMON:
        return [], 0
    if match["half"] or match["after"]:
        number += Decimal("0.5") * _place(said) if match["after"] is None else Decimal("0.5")
    if (match["about"] or said[-1] == "零") and number >= 10:
        whole = int(number)
        about = [
            f"{form}{filler}{each}"
            for each in units
            for form, filler in ((numeral(whole), "多"), (whole, "多"), (numeral(whole), "幾"))
        ]
        return about, LIKELY
    plain = _plain(number)
    terms = [f"{ordinal}{plain}{each}" for each in units]
    if number == int(number):
        terms += [f"{ordinal}{numeral(int(number))}{each}" for each in units]
        if number >= 10_000 and number % 1000 == 0:
            terms += [f"{ordinal}{_plain(number / 10_000)}萬{each}" for each in units]
    elif number % 1 == Decimal("0.5"):
        terms += [f"{numeral(int(number))}{each}半" for each in units]
    weight = SURE if unit and (units[0] != unit or units[0] in _MONEY) else LIKELY
    return terms, weight if unit or ordinal else POSSIBLE


def _units(unit: str | None, tag: str) -> tuple[str, ...]:
    if not unit or not tag.startswith(_VARIETY_UNITS.get(unit, "")):
        return ()
    return _UNITS[unit]


def _place(said: str) -> Decimal:
    """What a half counts after a numeral: 一萬半 is 15000."""
    return Decimal({"萬": 10_000, "万": 10_000, "千": 1000, "百": 100, "億": 10**8, "亿": 10**8}.get(said[-1], 1))


def _value(said: str) -> Decimal | None:
    if len(said) > LONGEST:
        return None
    if not said[0].isdigit():
        found = parse(said)
        return None if found is None else Decimal(found)
    plain = said.replace(",", "")
    return Decimal(plain) if plain.replace(".", "", 1).isdigit() else parse_mixed(plain)


def _plain(number: Decimal) -> str:
    return f"{number:f}".rstrip("0").rstrip(".") if number != int(number) else str(int(number))


_READERS: Final = (
    _each(_ERA_YEAR, _era),
    _each(_YEAR, _year),
    _each(_BARE_ERA_YEAR, _bare_era),
    _each(_WEEKDAY, _weekday),
    _each(_WHOLE, _whole),
    _each(_PERCENT, _percent),
    _each(_FRACTION, _fraction),
    _each(_CLOCK, _clock),
    _each(_COUNT_AND_HALF, _count_and_half),
    _each(_HALF, _half),
    _each(_MIDDLE_OF_NIGHT, _night),
    _each(_FIVES, _fives),
    _each(_SLANG_AMOUNT, _slang),
    _each(_HOW_MUCH, _how_much),
    _each(_TENTHS, _tenths),
    _each(_LUNAR, _lunar),
    _counted,
)
