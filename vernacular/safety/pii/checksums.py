"""Whether a number without separators, in lower case, is one that its issuer could have given."""

from __future__ import annotations

from datetime import date
from typing import Final

_RESIDENT_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_PROVINCES: Final = frozenset({
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44", "45",
    "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82", "83", "91",
})  # fmt: skip
_TAIWAN: Final = "abcdefghjklmnpqrstuvxywzio"
_DNI: Final = "trwagmyfpdxbnjzsqvhlcke"
_CURP: Final = "0123456789abcdefghijklmnñopqrstuvwxyz"
_RFC: Final = "0123456789abcdefghijklmn&opqrstuvwxyz ñ"
_STATES: Final = frozenset(
    [
        "as",
        "bc",
        "bs",
        "cc",
        "cs",
        "ch",
        "cl",
        "cm",
        "df",
        "dg",
        "gt",
        "gr",
        "hg",
        "jc",
        "mc",
        "mn",
        "ms",
        "nt",
        "nl",
        "oc",
        "pl",
        "qt",
        "qr",
        "sp",
        "sl",
        "sr",
        "tc",
        "ts",
        "tl",
        "vz",
        "yn",
        "zs",
        "ne",
    ]
)
_GOVERNORATES: Final = frozenset({*range(1, 5), *range(11, 20), *range(21, 30), *range(31, 36), 88})
IBAN_LENGTHS: Final = {
    "ad": 24, "ae": 23, "al": 28, "at": 20, "az": 28, "ba": 20, "be": 16, "bg": 22, "bh": 22, "br": 29, "by": 28, "ch": 21,
    "cr": 22, "cy": 28, "cz": 24, "de": 22, "dk": 18, "do": 28, "ee": 20, "eg": 29, "es": 24, "fi": 18, "fo": 18, "fr": 27,
    "gb": 22, "ge": 22, "gi": 23, "gl": 18, "gr": 27, "gt": 28, "hr": 21, "hu": 28, "ie": 22, "il": 23, "iq": 23, "is": 26,
    "it": 27, "jo": 30, "kw": 30, "kz": 20, "lb": 28, "lc": 32, "li": 21, "lt": 20, "lu": 20, "lv": 21, "ly": 25, "mc": 27,
    "md": 24, "me": 22, "mk": 19, "mr": 27, "mt": 31, "mu": 30, "nl": 18, "no": 15, "pk": 24, "pl": 28, "ps": 29, "pt": 25,
    "qa": 29, "ro": 24, "rs": 22, "sa": 24, "sc": 31, "sd": 18, "se": 24, "si": 19, "sk": 24, "sm": 27, "st": 25, "sv": 28,
    "tl": 23, "tn": 24, "tr": 26, "ua": 29, "va": 22, "vg": 24, "xk": 20,
}  # fmt: skip
_CARD_LENGTHS: Final = (
    (("34", "37"), (15,)),
    (("1800", "2131"), (15,)),
    (("4",), (13, 16, 19)),
    (tuple(str(n) for n in range(51, 56)), (16,)),
    (tuple(str(n) for n in range(2221, 2721)), (16,)),
    (("6011", "64", "65"), (16, 19)),
    (("62", "81"), (16, 17, 18, 19)),
    (("35",), (16, 19)),
    (("30", "36", "38", "39"), (14, 16, 19)),
    (("60", "508", "82"), (16,)),
    (tuple(str(n) for n in range(2200, 2205)), (16, 17, 18, 19)),
    (("9792",), (16,)),
    (("50", "56", "57", "58", "6304", "67"), (12, 13, 14, 15, 16, 17, 18, 19)),
)
"""Beginnings and lengths of payment cards: Amex, JCB, Visa, Mastercard, Discover, UnionPay, Diners, RuPay, Mir, Troy, Maestro."""
_VERHOEFF_D: Final = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678", "5987604321", "6598710432", "7659821043",
    "8765932104", "9876543210",
)  # fmt: skip
_VERHOEFF_P: Final = (
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip


def luhn(digits: str) -> bool:
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def card(number: str) -> bool:
    """A payment card: Luhn, and a length that its issuer's beginning allows."""
    if len(set(number)) < 2 or not luhn(number):
        return False
    return any(len(number) in lengths and number.startswith(beginnings) for beginnings, lengths in _CARD_LENGTHS)


def iban(number: str) -> bool:
    """ISO 13616: the country's length, and 1 modulo 97."""
    if IBAN_LENGTHS.get(number[:2]) != len(number):
        return False
    return int("".join(str(int(char, 36)) for char in number[4:] + number[:4])) % 97 == 1


def cn_resident(number: str) -> bool:
    """GB 11643: division, birthday, and the check character of ISO 7064 MOD 11-2."""
    if number[:2] not in _PROVINCES or not _day(number[6:14]):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _RESIDENT_WEIGHTS, strict=False))
    return "10x98765432"[total % 11] == number[17]


def hkid(number: str) -> bool:
    """Letters weigh 9 and 8 (a space for the first of two: 36), digits 7 to 2, modulo 11."""
    letters, digits, check = number[:-7], number[-7:-1], number[-1]
    values = [int(char, 36) for char in letters.rjust(2)] if len(letters) == 2 else [36, int(letters, 36)]
    values += [int(digit) for digit in digits]
    total = sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True))
    remainder = (11 - total % 11) % 11
    return check == ("a" if remainder == 10 else str(remainder))


def tw_id(number: str) -> bool:
    """Taiwan's national and resident numbers, those with two letters too."""
    if number[0] not in _TAIWAN:
        return False
    first = _TAIWAN.index(number[0]) + 10
    if number[1].isdigit():
        second = int(number[1])
        if second not in {1, 2, 8, 9}:
            return False
    elif number[1] in "abcd":
        second = (_TAIWAN.index(number[1]) + 10) % 10
    else:
        return False
    values = [first // 10, first % 10, second, *map(int, number[2:])]
    return (
        sum(value * weight for value, weight in zip(values, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1), strict=True)) % 10 == 0
    )


def es_dni(number: str) -> bool:
    """Spain's DNI and NIE: the letter is the number modulo 23."""
    digits = number[:-1].translate(str.maketrans("xyz", "012")) if number[0] in "xyz" else number[:-1]
    return _DNI[int(digits) % 23] == number[-1]


def mx_curp(number: str) -> bool:
    """Birthday, sex, state, and the check digit modulo 10."""
    if not _short_day(number[4:10]) or number[10] not in "hmx" or number[11:13] not in _STATES:
        return False
    total = sum(_CURP.index(char) * (18 - place) for place, char in enumerate(number[:17]))
    return str((10 - total % 10) % 10) == number[17]


def mx_rfc(number: str) -> bool:
    """Of persons (13 characters): birthday, and the check character modulo 11."""
    if not _short_day(number[4:10]):
        return False
    total = sum(_RFC.index(char) * (13 - place) for place, char in enumerate(number[:12]))
    check = (11 - total % 11) % 11
    return number[12] == ("a" if check == 10 else str(check))


def eg_national(number: str) -> bool:
    """Century, birthday and governorate; the last digit's rule is not public."""
    century = {"2": "19", "3": "20"}.get(number[0])
    return century is not None and _day(century + number[1:7]) and int(number[7:9]) in _GOVERNORATES


def sa_national(number: str) -> bool:
    """Citizens begin with 1, residents with 2; Luhn."""
    return number[0] in "12" and luhn(number) and len(set(number)) > 2


def br_cpf(number: str) -> bool:
    """Two check digits modulo 11."""
    if len(set(number)) == 1:
        return False
    for length in (9, 10):
        total = sum(int(digit) * (length + 1 - place) for place, digit in enumerate(number[:length]))
        if str(total * 10 % 11 % 10) != number[length]:
            return False
    return True


def fr_nir(number: str) -> bool:
    """Sex, month, and the key: 97 less the number modulo 97; Corsica's 2A and 2B count as 19 and 18."""
    month = int(number[3:5])
    if number[0] not in "123478" or not (1 <= month <= 12 or 20 <= month <= 42 or 50 <= month <= 99):
        return False
    digits = number[:13].replace("2a", "19").replace("2b", "18") if number[5:7] in {"2a", "2b"} else number[:13]
    return digits.isdigit() and int(number[13:]) == 97 - int(digits) % 97


def us_ssn(number: str) -> bool:
    """The structure of the Social Security Administration; there is no check digit. ITINs begin with 9."""
    area, group, serial = number[:3], number[3:5], number[5:]
    if len(set(number)) == 1 or number in {"123456789", "987654321", "078051120", "219099999"}:
        return False
    return area not in {"000", "666"} and group != "00" and serial != "0000"


def it_fiscal(number: str) -> bool:
    """Italy's codice fiscale: the last letter modulo 26."""
    odd = dict(zip("0123456789abcdefghijklmnopqrstuvwxyz", (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23), strict=True))  # fmt: skip
    total = sum(
        odd[char] if place % 2 == 0 else (int(char) if char.isdigit() else ord(char) - ord("a"))
        for place, char in enumerate(number[:15])
    )
    return chr(ord("a") + total % 26) == number[15]


def pl_pesel(number: str) -> bool:
    """Birthday with the century in the month; weights 1 3 7 9."""
    month = int(number[2:4])
    if not 1 <= month % 20 <= 12 or not 1 <= int(number[4:6]) <= 31:
        return False
    total = sum(int(digit) * (1, 3, 7, 9)[place % 4] for place, digit in enumerate(number[:10]))
    return (10 - total % 10) % 10 == int(number[10])


def be_national(number: str) -> bool:
    """97 less the first nine digits modulo 97, with a 2 before them for those born since 2000."""
    if int(number[2:4]) > 52 or int(number[4:6]) > 31:
        return False
    return int(number[9:]) in {97 - int(number[:9]) % 97, 97 - int("2" + number[:9]) % 97}


def nl_bsn(number: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(number, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True))
    return len(set(number)) > 1 and total % 11 == 0


def de_tax(number: str) -> bool:
    """ISO 7064 MOD 11, 10."""
    if number[0] == "0":
        return False
    product = 10
    for digit in number[:10]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(number[10])


def pt_nif(number: str) -> bool:
    total = sum(int(digit) * (9 - place) for place, digit in enumerate(number[:8]))
    check = 11 - total % 11
    return number[0] in "123568" and int(number[8]) == (0 if check >= 10 else check)


def kr_resident(number: str) -> bool:
    if not _short_day(number[:6]) or number[6] not in "12345678":
        return False
    total = sum(
        int(digit) * weight for digit, weight in zip(number, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), strict=False)
    )
    return (11 - total % 11) % 10 == int(number[12])


def in_aadhaar(number: str) -> bool:
    """Verhoeff."""
    check = 0
    for place, digit in enumerate(reversed(number)):
        check = int(_VERHOEFF_D[check][int(_VERHOEFF_P[place % 8][int(digit)])])
    return number[0] not in "01" and check == 0


def passport_line(line: str) -> bool:
    """The second line of a passport's machine-readable zone (ICAO 9303): four check digits of weights 7 3 1."""
    return all(_mrz_digit(line[start:end]) == line[end] for start, end in ((0, 9), (13, 19), (21, 27)))


def _mrz_digit(text: str) -> str:
    values = (0 if char == "<" else int(char, 36) for char in text)
    return str(sum(value * (7, 3, 1)[place % 3] for place, value in enumerate(values)) % 10)


def _day(text: str) -> bool:
    try:
        day = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return False
    return 1850 <= day.year <= 2100


def _short_day(text: str) -> bool:
    return _day(f"20{text}") or _day(f"19{text}")
