"""Telephone numbers and e-mail addresses."""

from __future__ import annotations

from typing import Final

import regex

_BEFORE, _AFTER = r"(?<![0-9a-z+])", r"(?![0-9a-z])"
_S: Final = r"[ \-.·]"

EMAIL: Final = regex.compile(
    r"(?<![a-z0-9._%+-])[a-z0-9](?:[a-z0-9._%+-]{0,62}[a-z0-9_+-])? ?(?:@|\[at\]|\(at\)|\[arroba\]|\(arroba\)) ?"
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.| ?(?:\[dot\]|\(dot\)|\[punto\]|\(punto\)) ?)){1,5}[a-z]{2,24}(?![a-z0-9-])"
)
PHONES: Final = regex.compile(
    _BEFORE
    + "(?:"
    + "|".join((
        rf"\+ ?[1-9](?:{_S}?\(?[0-9]\)?){{7,14}}",  # international
        rf"00(?:{_S}?[0-9]){{2,3}}(?:{_S}?\(?[0-9]\)?){{7,11}}",
        rf"(?:86{_S}?)?1[3-9][0-9](?:{_S}?[0-9]){{8}}",  # mainland China, mobile
        rf"1(?:{_S}[3-9])(?:{_S}[0-9]){{9}}",
        r"\(?0(?:10|2[0-9]|[3-9][0-9]{2})\)?[ -][0-9]{7,8}|\(?0(?:10|2[0-9])\)?[ -][0-9]{4}[ -][0-9]{4}",  # landlines
        rf"852{_S}?[2-9][0-9]{{3}}{_S}?[0-9]{{4}}",  # Hong Kong
        rf"09[0-9]{{2}}{_S}?[0-9]{{3}}{_S}?[0-9]{{3}}",  # Taiwan, mobile
        r"\(?0[2-8]\)?[ -]?[0-9]{4}-[0-9]{4}",
        r"[6789][0-9]{2}([ -])(?!000(?:\1)000)[0-9]{3}\1[0-9]{3}|[6789][0-9]{2} [0-9]{2} [0-9]{2} [0-9]{2}",  # Spain
        r"9[0-9] [0-9]{3} [0-9]{2} [0-9]{2}|9[0-9] [0-9]{3} [0-9]{4}",
        rf"0[1-9](?:{_S}[0-9]{{2}}){{4}}|0[67][0-9]{{8}}",  # France
        rf"01[0125]{_S}?[0-9]{{4}}{_S}?[0-9]{{4}}|01[0125][0-9]{_S}[0-9]{{3}}{_S}[0-9]{{4}}|01[0125]{_S}[0-9]{{3}}{_S}[0-9]{{5}}",  # Egypt
        rf"05[0-9]{{1}}{_S}?[0-9]{{3}}{_S}?[0-9]{{4}}",  # Saudi Arabia
        r"\(?[1-9][0-9]\)? ?9[0-9]{4}-[0-9]{4}|\([1-9][0-9]\) ?[2-5][0-9]{3}-[0-9]{4}",  # Brazil
        r"\([2-9][0-9]{2}\) ?[2-9][0-9]{2}[ \-.][0-9]{4}|[2-9][0-9]{2}([\-.])[2-9][0-9]{2}\2[0-9]{4}|1[\-. ][2-9][0-9]{2}[\-. ][0-9]{3}[\-. ][0-9]{4}",  # North America
        r"07[0-9]{3} ?[0-9]{3} ?[0-9]{3}",  # United Kingdom, mobile
        r"0(?:15[0-9]|16[0-9]|17[0-9])[ /-]?[0-9]{7,8}",  # Germany, mobile
    ))
    + ")"
    + _AFTER
)  # fmt: skip
_ANY: Final = regex.compile(rf"{_BEFORE}\(?[0-9](?:[ \-.·()/]{{0,2}}[0-9]){{6,12}}{_AFTER}")
_WORDS: Final = regex.compile(
    r"(?:(?<![a-z])(?:tel|phone|mobile|cell|call me|whatsapp|fax|telefono|movil|celular|llamame|telephone|portable|telefon|handy|"
    r"telefone|celular|number is|numero es)(?![a-z])|电话|手机|手机号|联系方式|致电|热线|传真|打俾我|هاتف|تليفون|تلفون|جوال|موبايل|اتصل|واتساب)"
    r"[^0-9\n]{0,24}$"
)
FEWEST: Final = 7


def phones(text: str) -> list[tuple[int, int]]:
    """Places of telephone numbers in folded text: as they are written in a country, or any after a word for it."""
    found = [each.span() for each in PHONES.finditer(text)]
    for each in _ANY.finditer(text):
        is_new = not any(start < each.end() and each.start() < end for start, end in found)
        if is_new and _WORDS.search(text, max(0, each.start() - 40), each.start()):
            found.append(each.span())
    return found
