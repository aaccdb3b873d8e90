"""Made-up personal data with right check digits, written as people write it, in sentences of several languages."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from vernacular.safety.pii import checksums

_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_ARABIC: Final = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_FULL: Final = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


@dataclass(frozen=True, slots=True)
class Sample:
    """`value` as it was made stands, written in the way of `variant`, at start:end of `text`."""

    kind: str
    language: str
    variant: str
    text: str
    start: int
    end: int


SENTENCES: Final = {
    "zh": ("我的号码是{}，请帮我查一下。", "这是{}吧", "请把{}登记到系统里。"),
    "ar": ("رقمي هو {} أرجو التحقق منه.", "سجلوا {} في النظام من فضلكم.", "هل {} صحيح؟"),
    "es": (
        "Mi número es {}, ¿me lo pueden comprobar?",
        "Les dejo {} para el trámite.",
        "({}) es lo que pone en la tarjeta.",
    ),
    "en": ("My number is {}, can you check it?", "Please use {} for the form.", "It says {} on the letter."),
}


def samples(seed: int, of_each: int) -> Iterator[Sample]:
    """`of_each` values of every kind, each in every variant and language that it can be written in."""
    chance = random.Random(seed)
    for kind, make in MAKERS.items():
        for _ in range(of_each):
            value = make(chance)
            for variant, write in VARIANTS.items():
                written = write(value, chance)
                for language, sentences in SENTENCES.items():
                    sentence = chance.choice(sentences)
                    start = sentence.index("{}")
                    yield Sample(kind, language, variant, sentence.format(written), start, start + len(written))


def _digits(chance: random.Random, count: int) -> str:
    return "".join(chance.choice("0123456789") for _ in range(count))


def _day(chance: random.Random) -> str:
    return f"{chance.randint(1940, 2012)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"


def _completed(body: str, alphabet: str, valid: Callable[[str], bool]) -> str:
    """With the last character that makes it valid; of several, the first."""
    return next((body + char.upper() for char in alphabet if valid((body + char).lower())), "")


def _until(make: Callable[[], str]) -> str:
    while not (found := make()):
        pass
    return found


def _cn_resident(chance: random.Random) -> str:
    place = chance.choice(("110105", "310104", "440305", "510107", "230102", "820000", "650103"))
    return _completed(place + _day(chance) + _digits(chance, 3), "0123456789x", checksums.cn_resident)


def _hkid(chance: random.Random) -> str:
    letters = chance.choice(("A", "C", "G", "K", "Y", "WX"))
    body = letters + _digits(chance, 6)
    return _completed(body, "0123456789a", checksums.hkid)


def _tw_id(chance: random.Random) -> str:
    return _completed(
        chance.choice(_LETTERS) + chance.choice("1289") + _digits(chance, 7), "0123456789", checksums.tw_id
    )


def _card(chance: random.Random) -> str:
    beginning, length = chance.choice(
        (("4", 16), ("51", 16), ("2221", 16), ("37", 15), ("6222", 19), ("6011", 16), ("3528", 16))
    )
    return _completed(beginning + _digits(chance, length - len(beginning) - 1), "0123456789", checksums.card)


def _iban(chance: random.Random) -> str:
    country, bank = chance.choice((("ES", 20), ("DE", 18), ("FR", 23), ("SA", 20), ("EG", 25), ("GB", 18), ("NL", 14)))
    body = "".join(chance.choice(_LETTERS) for _ in range(4)) if country in {"GB", "NL"} else ""
    body += _digits(chance, bank - len(body))
    return next(f"{country}{n:02}{body}" for n in range(2, 99) if checksums.iban(f"{country}{n:02}{body}".lower()))


def _es_dni(chance: random.Random) -> str:
    body = chance.choice(("", "X", "Y", "Z"))
    return _completed(body + _digits(chance, 8 - len(body)), "trwagmyfpdxbnjzsqvhlcke", checksums.es_dni)


def _mx_curp(chance: random.Random) -> str:
    body = "".join(chance.choice(_LETTERS) for _ in range(4)) + _day(chance)[2:] + chance.choice("HM")
    body += chance.choice(("DF", "JC", "NL", "YN", "MC")) + "".join(
        chance.choice("BCDFGHJKLMNPQRSTVWXYZ") for _ in range(3)
    )
    return _completed(body + chance.choice("0A1B"), "0123456789", checksums.mx_curp)


def _mx_rfc(chance: random.Random) -> str:
    body = "".join(chance.choice(_LETTERS) for _ in range(4)) + _day(chance)[2:]
    body += "".join(chance.choice("123456789ABCDEFGHIJ") for _ in range(2))
    return _completed(body, "0123456789a", checksums.mx_rfc)


def _eg_national(chance: random.Random) -> str:
    day = _day(chance)
    return ("2" if day < "2000" else "3") + day[2:] + chance.choice(("01", "02", "12", "21", "88")) + _digits(chance, 5)


def _sa_national(chance: random.Random) -> str:
    return _completed(chance.choice("12") + _digits(chance, 8), "0123456789", checksums.sa_national)


def _br_cpf(chance: random.Random) -> str:
    body = _digits(chance, 9)
    return next((f"{body}{n:02}" for n in range(100) if checksums.br_cpf(f"{body}{n:02}")), "")


def _fr_nir(chance: random.Random) -> str:
    body = chance.choice("12") + _day(chance)[2:6] + chance.choice(("75", "13", "2A", "69")) + _digits(chance, 6)
    return next(f"{body}{n:02}" for n in range(1, 98) if checksums.fr_nir(f"{body}{n:02}".lower()))


MAKERS: Final[dict[str, Callable[[random.Random], str]]] = {
    kind: (lambda chance, make=make: _until(lambda: make(chance)))  # type: ignore[misc]
    for kind, make in {
        "cn_resident_id": _cn_resident,
        "hkid": _hkid,
        "tw_id": _tw_id,
        "card": _card,
        "iban": _iban,
        "es_dni": _es_dni,
        "mx_curp": _mx_curp,
        "mx_rfc": _mx_rfc,
        "eg_national_id": _eg_national,
        "sa_national_id": _sa_national,
        "br_cpf": _br_cpf,
        "fr_nir": _fr_nir,
    }.items()
}
VARIANTS: Final[dict[str, Callable[[str, random.Random], str]]] = {
    "plain": lambda value, _: value,
    "lower case": lambda value, _: value.lower(),
    "fullwidth": lambda value, _: value.translate(_FULL),
    "in fours": lambda value, _: " ".join(value[at : at + 4] for at in range(0, len(value), 4)),
    "dashed": lambda value, _: "-".join(value[at : at + 4] for at in range(0, len(value), 4)),
    "spaced": lambda value, _: " ".join(value),
    "zero width": lambda value, chance: (
        "".join(char + chance.choice(("", "\u200b", "\u200d", "\u2060")) for char in value[:-1]) + value[-1]
    ),
    "zero width everywhere": lambda value, _: "\u200b".join(value),
    "arabic digits": lambda value, _: value.translate(_ARABIC),
    "fullwidth and spaced": lambda value, _: "\u3000".join(value.translate(_FULL)),
}
