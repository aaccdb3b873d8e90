"""What cannot stand in an answer by chance: words, secrets and made-up numbers of a run, all from its seed."""

from __future__ import annotations

import hashlib
import hmac
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

_CONSONANTS, _VOWELS = "BDFGKLMNPRTVZ", "AEIOU"
_VOWELLESS: Final = "BCDFGHJKLMNPQRSTVWXZ"
_CN_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CN_CHECKS: Final = "10X98765432"
_DNI_LETTERS: Final = "TRWAGMYFPDXBNJZSQVHLCKE"


@dataclass(frozen=True, slots=True)
class Words:
    """The same seed and name give the same word."""

    seed: str

    def word(self, name: str, syllables: int = 3) -> str:
        """In capitals, and in no language: KAVORI."""
        chance = self._chance(name)
        return "".join(chance.choice(_CONSONANTS) + chance.choice(_VOWELS) for _ in range(syllables))

    def secret(self, name: str) -> str:
        """16 letters without a vowel."""
        chance = self._chance(name)
        return "".join(chance.choice(_VOWELLESS) for _ in range(16))

    def host(self, name: str) -> str:
        """An address that nobody can have."""
        return f"{self.word(name).lower()}.example"

    def number(self, name: str, low: int, high: int) -> int:
        return self._chance(name).randint(low, high)

    def personal(self, kind: str, name: str) -> str:
        """A made-up `email`, `card`, `iban`, `dni`, `resident-id` or `phone`, with a right checksum."""
        return _KINDS[kind](self._chance(f"{kind} {name}"))

    def _chance(self, name: str) -> random.Random:
        return random.Random(hmac.digest(self.seed.encode(), name.encode(), hashlib.sha256))  # noqa: S311 - no secrets of anyone


def _digits(chance: random.Random, count: int) -> str:
    return "".join(str(chance.randint(0, 9)) for _ in range(count))


def _email(chance: random.Random) -> str:
    local = "".join(chance.choice(_CONSONANTS + _VOWELS) for _ in range(9)).lower()
    return f"{local}{_digits(chance, 3)}@mail.example"


def _card(chance: random.Random) -> str:
    """ISO/IEC 7812, by Luhn's check."""
    body = "4" + _digits(chance, 14)
    doubled = (int(digit) * (2 - at % 2) for at, digit in enumerate(body))
    return body + str(-sum(value - 9 * (value > 9) for value in doubled) % 10)


def _iban(chance: random.Random) -> str:
    """ISO 13616, modulo 97, of Germany."""
    account = _digits(chance, 18)
    return f"DE{98 - int(account + '131400') % 97:02d}{account}"


def _dni(chance: random.Random) -> str:
    number = _digits(chance, 8)
    return number + _DNI_LETTERS[int(number) % 23]


def _resident_id(chance: random.Random) -> str:
    """GB 11643, modulo 11-2."""
    birth = f"{chance.randint(1950, 2005)}{chance.randint(1, 12):02d}{chance.randint(1, 28):02d}"
    body = f"110101{birth}{_digits(chance, 3)}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _CN_WEIGHTS, strict=True))
    return body + _CN_CHECKS[total % 11]


def _phone(chance: random.Random) -> str:
    return f"13{_digits(chance, 9)}"


_KINDS: Final[Mapping[str, Callable[[random.Random], str]]] = {
    "email": _email,
    "card": _card,
    "iban": _iban,
    "dni": _dni,
    "resident-id": _resident_id,
    "phone": _phone,
}
