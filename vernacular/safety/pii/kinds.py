"""The kinds of personal data that are looked for, and how each is written."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import regex

from vernacular.safety.pii import checksums

Group: TypeAlias = Literal["person", "card", "account", "contact"]

GAP: Final = r"[ \-._/·]{0,2}"
"""What may stand between two characters of a number: at most two spaces or signs."""
_BEFORE, _AFTER = r"(?<![0-9a-z])", r"(?![0-9a-z])"


@dataclass(frozen=True, slots=True)
class Kind:
    """`pattern` finds candidates in folded text; `valid` judges one without its gaps. `near`: it counts only where one of these
    words (folded) stands close before it; `words` are for those that the pattern alone does not tell for sure."""

    id: str
    title: str
    group: Group
    pattern: regex.Pattern[str]
    valid: Callable[[str], bool]
    near: tuple[str, ...] = ()


_ID_WORDS: Final = (
    "id", "dni", "nie", "身份证", "身分证", "证件", "identity", "identidad", "identite", "ausweis", "هويه", "رقم قومي", "الرقم القومي",
    "بطاقه", "cedula", "cpf", "passport",
)  # fmt: skip
_TAX_WORDS: Final = ("tax", "steuer", "idnr", "tin", "nif", "fiscal", "contribuinte", "impuesto", "税")
_SSN_WORDS: Final = (
    "ssn", "social security", "social-security", "seguro social", "seguridad social", "社会安全", "社会保障", "社安", "ضمان", "تامين",
)  # fmt: skip
_CARD_WORDS: Final = (
    "card",
    "tarjeta",
    "carte",
    "karte",
    "cartao",
    "卡号",
    "信用卡",
    "银行卡",
    "卡",
    "بطاقه",
    "visa",
    "mastercard",
)
_PASSPORT_WORDS: Final = ("passport", "pasaporte", "passeport", "reisepass", "passaporte", "护照", "通行证", "جواز")


def _number(*classes: str) -> regex.Pattern[str]:
    """A pattern of characters, each of a class such as `[0-9]` or `[0-9]{8}`, with gaps between them."""
    single: list[str] = []
    for each in classes:
        found = regex.fullmatch(r"(\[[^\]]+\])(?:\{(\d+)\})?", each)
        if found is None:
            raise ValueError(f"{each!r} is no class of characters")
        single += [found[1]] * int(found[2] or 1)
    return regex.compile(_BEFORE + GAP.join(single) + _AFTER)


_D, _L = "[0-9]", "[a-z]"


@functools.cache
def kinds() -> Mapping[str, Kind]:
    """All kinds that are told by their own structure, the surest first; telephones and e-mails are `contacts.py`'s."""
    listed = (
        Kind("cn_resident_id", "Mainland China: resident identity number", "person", _number("[1-9]", f"{_D}{{16}}", "[0-9x]"), checksums.cn_resident),
        Kind("mx_curp", "Mexico: CURP", "person", _number(f"{_L}{{4}}", f"{_D}{{6}}", f"{_L}{{6}}", "[0-9a-z]", _D), checksums.mx_curp),
        Kind("it_fiscal", "Italy: codice fiscale", "person", _number(f"{_L}{{6}}", f"{_D}{{2}}", _L, f"{_D}{{2}}", _L, f"{_D}{{3}}", _L), checksums.it_fiscal),
        Kind("iban", "IBAN", "account", _iban(), checksums.iban),
        Kind("fr_nir", "France: NIR", "person", _number("[1-478]", f"{_D}{{4}}", _D, "[0-9ab]", f"{_D}{{8}}"), checksums.fr_nir),
        Kind("card", "Payment card", "card", _cards(), checksums.card),
        Kind("eg_national_id", "Egypt: national number", "person", _number("[23]", f"{_D}{{13}}"), checksums.eg_national),
        Kind("kr_resident", "Korea: resident registration number", "person", _number(f"{_D}{{13}}"), checksums.kr_resident, ("주민", "id", *_ID_WORDS)),
        Kind("mx_rfc", "Mexico: RFC", "person", _number("[a-z&ñ]{4}", f"{_D}{{6}}", "[0-9a-z]{2}", "[0-9a]"), checksums.mx_rfc),
        Kind("in_aadhaar", "India: Aadhaar", "person", _number("[2-9]", f"{_D}{{11}}"), checksums.in_aadhaar, ("aadhaar", "aadhar", "आधार", "uid")),
        Kind("br_cpf", "Brazil: CPF", "person", _number(f"{_D}{{11}}"), checksums.br_cpf),
        Kind("be_national", "Belgium: national number", "person", regex.compile(rf"{_BEFORE}[0-9]{{2}}\.?[0-9]{{2}}\.?[0-9]{{2}}[ -][0-9]{{3}}[ .][0-9]{{2}}{_AFTER}"), checksums.be_national),
        Kind("pl_pesel", "Poland: PESEL", "person", _number(f"{_D}{{11}}"), checksums.pl_pesel, ("pesel", *_ID_WORDS)),
        Kind("de_tax", "Germany: tax identification number", "person", _number(f"{_D}{{11}}"), checksums.de_tax, _TAX_WORDS),
        Kind("tw_id", "Taiwan: national or resident number", "person", _number(_L, "[a-d1289]", f"{_D}{{8}}"), checksums.tw_id),
        Kind("sa_national_id", "Saudi Arabia: national or resident number", "person", _number("[12]", f"{_D}{{9}}"), checksums.sa_national),
        Kind("es_dni", "Spain: DNI or NIE", "person", _number("[0-9xyz]", f"{_D}{{7}}", _L), checksums.es_dni),
        Kind("hkid", "Hong Kong: identity card number", "person", _hkid(), checksums.hkid),
        Kind("us_ssn", "United States: social security number", "person", regex.compile(rf"{_BEFORE}(?:[0-9]{{3}}[ \-.][0-9]{{2}}[ \-.][0-9]{{4}}){_AFTER}"), checksums.us_ssn),
        Kind("us_ssn", "United States: social security number", "person", _number(f"{_D}{{9}}"), checksums.us_ssn, _SSN_WORDS),
        Kind("nl_bsn", "Netherlands: BSN", "person", _number(f"{_D}{{9}}"), checksums.nl_bsn, ("bsn", "burgerservice", "sofi")),
        Kind("pt_nif", "Portugal: NIF", "person", _number(f"{_D}{{9}}"), checksums.pt_nif, ("nif", "contribuinte")),
        Kind("gb_nino", "United Kingdom: National Insurance number", "person", _number("[a-ceghj-prstw-z]", "[a-ceghj-nprstw-z]", f"{_D}{{6}}", "[a-d]"), lambda number: number[:2] not in {"bg", "gb", "nk", "kn", "tn", "nt", "zz"}),
        Kind("passport", "Passport: machine-readable line", "person", regex.compile(r"(?<![0-9a-z<])[a-z0-9<]{9}[0-9][a-z<]{3}[0-9]{7}[mfx<][0-9]{7}[a-z0-9<]{14}[0-9<][0-9](?![0-9a-z<])"), checksums.passport_line),
        Kind("passport", "Passport number", "person", _number("[a-z]", "[0-9a-z]", f"{_D}{{6}}") , lambda _number: True, _PASSPORT_WORDS),
        Kind("passport", "Passport number", "person", _number("[a-z]", "[0-9a-z]", f"{_D}{{7}}") , lambda _number: True, _PASSPORT_WORDS),
        Kind("passport", "Passport number", "person", _number("[0-9]{9}") , lambda _number: True, _PASSPORT_WORDS),
        Kind("card", "Payment card", "card", regex.compile(rf"{_BEFORE}[0-9](?:{GAP}[0-9]){{11,18}}{_AFTER}"), checksums.luhn, _CARD_WORDS),
    )  # fmt: skip
    return {f"{kind.id}.{at}": kind for at, kind in enumerate(listed)}


CONTACT_KINDS: Final = {"email": "E-mail address", "phone": "Telephone number"}


@functools.cache
def titles() -> Mapping[str, str]:
    """Kind → what it is, in English."""
    return {kind.id: kind.title for kind in reversed(tuple(kinds().values()))} | CONTACT_KINDS


def group_of(kind: str) -> Group:
    return next((each.group for each in kinds().values() if each.id == kind), "contact")


def _iban() -> regex.Pattern[str]:
    by_length: dict[int, list[str]] = {}
    for country, length in checksums.IBAN_LENGTHS.items():
        by_length.setdefault(length, []).append(country)
    ends = []
    for length, countries in sorted(by_length.items()):
        first = "|".join(f"{country[0]}{GAP}{country[1]}" for country in sorted(countries))
        ends.append(rf"(?:{first})(?:{GAP}[0-9]){{2}}(?:{GAP}[0-9a-z]){{{length - 4}}}")
    return regex.compile(rf"{_BEFORE}(?:{'|'.join(ends)}){_AFTER}")


def _cards() -> regex.Pattern[str]:
    """In one piece, in fours, as Amex and Diners group theirs, or every digit apart."""
    single = "".join(
        (
            r"[0-9]{12,19}",
            r"|[0-9]{4}([ \-._/·])[0-9]{4}\1[0-9]{4}\1[0-9]{1,4}(?:\1[0-9]{1,3})?",
            r"|[0-9]{4}([ \-._/·])[0-9]{6}\2[0-9]{4,5}",
            r"|[0-9]{6}([ \-._/·])[0-9]{10,13}",
            r"|[0-9](?:([ \-._/·]{1,2})[0-9])(?:\4[0-9]){10,17}",
        )
    )
    return regex.compile(rf"{_BEFORE}(?:{single}){_AFTER}")


def _hkid() -> regex.Pattern[str]:
    """With its check digit in brackets, in one piece, or every character apart."""
    single = "|".join(
        (
            rf"[a-z](?:{GAP}[a-z])?(?:{GAP}[0-9]){{6}}{GAP}\({GAP}[0-9a]{GAP}\)",
            rf"[a-z]{{1,2}}(?:[ \-]?[0-9]{{6}}|-?[0-9](?:[ \-]?[0-9]){{5}})[ \-/]?[0-9a]{_AFTER}",
            rf"[a-z]([ \-._/·]{{1,2}})(?:[a-z]\1)?(?:[0-9]\1){{6}}[0-9a]{_AFTER}",
        )
    )
    return regex.compile(f"{_BEFORE}(?:{single})")
