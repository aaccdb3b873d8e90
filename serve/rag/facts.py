"""What of a sentence can be checked without understanding it: its figures, currencies, names, and whether it denies.

Figures are numbers in digits or words, months beside a number, and days of the week, in one form for every language: a
claim in English and a quote in Arabic are compared by the same figures. The lists are in `phrases/facts.json`.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Final, TypeAlias

import regex

from serve.rag.matching import pad

Figure: TypeAlias = frozenset[str]
"""The readings of one figure: `5 pm` is 5 or 17. Two figures agree where they share a reading."""

_NUMBER: Final = regex.compile(r"[0-9]+(?:\ue000[0-9]+)?")
_HAN_NUMBER: Final = regex.compile(
    r"([〇零一二三四五六七八九十百千万亿两廿卅]+)"
    r"(?=([个日天月年岁元蚊块次人小时分秒%成份倍号层折间张位名公里米步项条件种级楼周星钟本章]|$|_)?)"
)
_HAN_LIST: Final = regex.compile(
    r"[十百千万亿]{1,2}分(?!钟)|千万(?![元人名])|一[些般定直样切起致旦共]|万一|统一|唯一|第一时间|十足|十分"
)
_HAN_DAY: Final = regex.compile(r"(?:星期|周|礼拜|拜)([一二三四五六日天])")
_DIGITS: Final = {char: at for at, char in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_UNITS: Final = {"十": 10, "百": 100, "千": 1000}
_LARGE: Final = {"万": 10_000, "亿": 100_000_000}
_AFTERNOON: Final = regex.compile(r"[0-9]+(?:_[0-9]{2})?_?(?=p_?m_)|(?:下午|晚上|夜晚|傍晚)_?[0-9]+")
_AMOUNT_BEFORE: Final = regex.compile(r"[\p{N}〇零一二三四五六七八九十百千万萬亿億两兩][\s*]*$")
_DIGIT: Final = regex.compile(r"[0-9]+")
_HAN: Final = regex.compile(r"\p{Han}")
_LATIN: Final = regex.compile(r"\p{Latin}[\p{Latin}\p{M}'’-]*[\p{Latin}]")
_CAPITAL: Final = regex.compile(r"\p{Lu}[\p{L}\p{M}'’-]+")
_STARTS: Final = regex.compile(r"(?:^|[.!?:;“\"«(\[¿¡*_`#>|—–-]\s*|\d[.)]\s*)$")
_OTHER_LETTERS: Final = "am ar bg bn el fa he hi hy ja ka km ko lo mr my ne ru ta te th uk ur zh"
_ALL_NOUNS: Final = frozenset({"de"})
"""Languages that write every noun with a capital."""
_LEAST_STRICT: Final = 2
"""`one` is as often a pronoun as a number."""
_CIRCUMFIXES: Final = {"ar": r"ما_[^_]+ش"}
"""Negation around a word: `ما تقدرش`."""
_MONEY_PREFIX: Final = regex.compile(r"\p{Lu}{2,3}(?=[$€£¥₹])")
_HUNDRED, _THOUSAND = 100, 1000
_MOST_DIGITS: Final = 30
"""Longer runs are no numbers that anyone reads, and Python refuses to make one of thousands of digits."""


@dataclass(frozen=True, slots=True)
class Facts:
    """`currencies`: for each one beside a number, the codes it may stand for; `mentioned`: so for each one anywhere.

    `soft`: a word that denies without a negator.
    """

    figures: tuple[Figure, ...]
    currencies: tuple[frozenset[str], ...]
    mentioned: tuple[frozenset[str], ...]
    denies: bool
    soft: bool


@dataclass(frozen=True, slots=True)
class _Lists:
    numbers: Mapping[str, int]
    months: Mapping[str, int]
    days: Mapping[str, int]
    words: frozenset[str]
    negator: regex.Pattern[str]
    not_negating: regex.Pattern[str]
    soft: regex.Pattern[str]
    clause: regex.Pattern[str]


def facts(text: str, language: str, padded: str | None = None) -> Facts:
    """The facts of a sentence in `language`; `padded`: `pad([text])[0]`, where it is at hand."""
    padded = pad([text])[0] if padded is None else padded
    lists = _lists(family(language))
    return Facts(
        tuple(dict.fromkeys(_figures(padded, lists))),
        *_currencies(text),
        lists.negator.search(lists.not_negating.sub("_", padded)) is not None,
        lists.soft.search(padded) is not None,
    )


def missing_figures(claimed: Iterable[Figure], told: Iterable[Figure]) -> list[Figure]:
    readings = frozenset[str]().union(*told)
    return [figure for figure in claimed if readings.isdisjoint(figure)]


def is_money(word: str) -> bool:
    return word in _money()[1]


def currencies_agree(claimed: Facts, told: Iterable[Facts]) -> bool:
    """Whether every amount of the claim is in a currency that is told."""
    mentioned = [codes for each in told for codes in each.mentioned]
    return all(any(one & other for other in mentioned) for one in claimed.currencies)


def clauses(text: str, language: str) -> list[str]:
    return [part for part in _lists(family(language)).clause.split(text) if part and any(map(str.isalnum, part))]


def names(text: str, language: str) -> list[str]:
    """Words that name someone or something: capitalised within a sentence, or Latin letters in another script."""
    if family(language) in _ALL_NOUNS:
        return []
    text = _MONEY_PREFIX.sub("", text)
    if family(language) in _OTHER_LETTERS.split():
        return _LATIN.findall(text)
    return [each.group() for each in _CAPITAL.finditer(text) if not _STARTS.search(text, 0, each.start())]


def family(language: str) -> str:
    """The language whose lists and whose words a variety shares: Cantonese is written with Chinese's."""
    code = language.partition("-")[0].casefold()
    return _FAMILIES.get(code, code)


_FAMILIES: Final = dict.fromkeys(("yue", "nan", "wuu", "hak", "cmn", "gan", "hsn", "cdo"), "zh") | dict.fromkeys(
    ("arz", "ary", "afb", "apc", "acm", "aeb", "ars", "ajp", "acw", "ayl", "apd"), "ar"
)


def _figures(padded: str, lists: _Lists) -> Iterator[Figure]:
    afternoon = {_DIGIT.search(found.group(), 0).group() for found in _AFTERNOON.finditer(padded)}  # type: ignore[union-attr]
    for found in _NUMBER.finditer(padded):
        yield _readings(found.group().replace("\ue000", "."), found.group() in afternoon)
    yield from _worded(padded.split("_"), lists)
    if _HAN.search(padded):
        yield from _han(padded)


def _readings(number: str, afternoon: bool) -> Figure:
    plain = number.lstrip("0") or "0"
    plain = f"0{plain}" if plain.startswith(".") else plain
    is_hour = afternoon and plain.isdecimal() and len(plain) <= _MOST_DIGITS
    return frozenset({plain, str(int(plain) + 12)} if is_hour else {plain})


def _worded(words: list[str], lists: _Lists) -> Iterator[Figure]:
    """Numbers in words, months beside a number, and days."""
    if lists.words.isdisjoint(words):
        return
    run: list[int] = []
    for at, word in enumerate(words):
        value = lists.numbers.get(word)
        if value is not None:
            run.append(value)
            continue
        if run and word in {"and", "y", "et", "und", "e", "و", ""}:
            continue
        yield from _counted(run)
        run = []
        if (day := lists.days.get(word)) is not None:
            yield frozenset({f"day {day}"})
        near = words[max(0, at - 2) : at] + words[at + 1 : at + 3]
        if (month := lists.months.get(word)) is not None and any(each[:1].isdigit() for each in near):
            yield frozenset({str(month)})
    yield from _counted(run)


def _counted(run: list[int]) -> Iterator[Figure]:
    total = current = 0
    for value in run:
        if value == _HUNDRED:
            current = max(current, 1) * value
        elif value >= _THOUSAND:
            total, current = total + max(current, 1) * value, 0
        else:
            current += value
    if total + current >= _LEAST_STRICT:
        yield frozenset({str(total + current)})


def _han(padded: str) -> Iterator[Figure]:
    for found in _HAN_DAY.finditer(padded):
        yield frozenset({f"day {'一二三四五六日天'.index(found[1]) % 7 + 1}" if found[1] != "天" else "day 7"})
    text = _HAN_DAY.sub("_", _HAN_LIST.sub("_", padded))
    for found in _HAN_NUMBER.finditer(text):
        run, unit = found[1], found[2]
        value = _han_value(run)
        if value is not None and value >= _LEAST_STRICT and (unit or len(run) > 1):
            yield frozenset({str(value)})


def _han_value(run: str) -> int | None:
    """The number that Chinese numerals write, digit by digit (二〇二六) or by tens; None where they write none."""
    run = run.replace("廿", "二十").replace("卅", "三十")
    if len(run) > _MOST_DIGITS:
        return None
    if all(char in _DIGITS for char in run):
        return int("".join(str(_DIGITS[char]) for char in run))
    total = section = digit = 0
    for char in run:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _UNITS:
            section, digit = section + max(digit, 1) * _UNITS[char], 0
        elif char in _LARGE:
            total, section, digit = total + max(section + digit, 1) * _LARGE[char], 0, 0
        else:
            return None
    return total + section + digit


def _currencies(text: str) -> tuple[tuple[frozenset[str], ...], tuple[frozenset[str], ...]]:
    """The currencies beside a number, and all."""
    pattern, codes = _money()
    folded = text.casefold()
    words = [found for found in pattern.finditer(folded) if found.group() in codes]
    found = [(codes[word.group()], _is_amount(folded, word)) for word in words]
    beside = tuple(dict.fromkeys(code for code, amount in found if amount))
    return beside, tuple(dict.fromkeys(code for code, _ in found))


def _is_amount(text: str, word: regex.Match[str]) -> bool:
    before, after = text[max(0, word.start() - 3) : word.start()], text[word.end() : word.end() + 2]
    return _AMOUNT_BEFORE.search(before) is not None or after.lstrip()[:1].isdecimal()


@functools.cache
def _money() -> tuple[regex.Pattern[str], dict[str, frozenset[str]]]:
    """What may name a currency (a sign, a word of letters, or one of the Han words), and what those that do stand for."""
    codes: dict[str, set[str]] = {}
    for code, written in _data()["currencies"].items():
        for word in written.split():
            codes.setdefault(word, set()).add(code)
    for simplified, traditional in _TRADITIONAL_MONEY.items():  # the lists hold Chinese in Simplified characters
        codes[traditional] = codes[simplified]
    han = sorted((word for word in codes if _HAN.match(word)), key=len, reverse=True)
    pattern = rf"{'|'.join(han)}|(?:us|hk|nt)?\$|[€£¥￥₹₽]|(?:(?!\p{{Han}})\p{{L}})+"
    return regex.compile(pattern), {word: frozenset(each) for word, each in codes.items()}


_TRADITIONAL_MONEY: Final = {
    "港币": "港幣", "新台币": "新台幣", "台币": "台幣", "圆": "圓", "块": "塊", "块钱": "塊錢", "人民币": "人民幣",
    "日圆": "日圓", "欧元": "歐元", "英镑": "英鎊", "卢比": "盧比",
}  # fmt: skip


@functools.cache
def _lists(code: str) -> _Lists:
    data = _data()
    unspaced = code in {"zh", "ja", "ko"}

    def numbered(name: str, cycle: int) -> dict[str, int]:
        words = pad_words(data[name].get(code, "").split())
        return {word: at % cycle + 1 for at, word in enumerate(words) if word}

    counts = [entry.partition("=") for entry in data["numbers"].get(code, "").split()]
    values = dict(zip(pad_words([word for word, _, _ in counts]), [int(value) for _, _, value in counts], strict=True))
    months, days = numbered("months", 12), numbered("days", 7)
    return _Lists(
        values,
        months,
        days,
        frozenset((*values, *months, *days)),
        _any(pad_words(data["negators"].get(code, "").split()), unspaced, _CIRCUMFIXES.get(code)),
        _any(pad_words(data["not_negating"].get(code, "").split()), unspaced),
        _any(pad_words(data["soft"].get(code, "").split()), unspaced),
        regex.compile(
            r"[,،](?!\d)|[;，；、:：—–؛\n]"
            + "".join(rf"|\b{word}\b" for word in data["clauses"].get(code, "").split()),
            regex.IGNORECASE,
        ),
    )


def pad_words(words: list[str]) -> list[str]:
    return [word.strip("_") for word in pad(words)] if words else []


def _any(words: list[str], unspaced: bool, further: str | None = None) -> regex.Pattern[str]:
    words = [regex.escape(word) for word in sorted(words, key=len, reverse=True) if word]
    if not words:
        return regex.compile(r"(?!)")
    joined = "|".join([*words, further] if further else words)
    return regex.compile(joined if unspaced else rf"(?<=_)(?:{joined})(?=_)")


@functools.cache
def _data() -> dict[str, dict[str, str]]:
    text = resources.files("serve.rag.phrases").joinpath("facts.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = json.loads(text)
    return found
