"""A word that only the assistant's instructions hold: where it comes up in an answer, they are being given away."""

from __future__ import annotations

import base64
import codecs
import functools
import hmac
import secrets
from collections.abc import Sequence
from typing import Final

import regex

LETTERS: Final = 14
SHOWN: Final = 3
"""Letters of it that may go out before the rest is held back: any word begins like it now and then."""
_SIGN: Final = regex.compile(r"[^0-9a-z]+")
_VOWELLESS: Final = "bcdfghjklmnpqrstvwxz"


def canary_for(tenant_id: str) -> str:
    """14 letters without a vowel, which no language writes: the same for a tenant as long as this process runs."""
    digest = hmac.digest(_secret(), tenant_id.encode(), "sha256")
    return "".join(_VOWELLESS[byte % len(_VOWELLESS)] for byte in digest[:LETTERS])


@functools.cache
def _secret() -> bytes:
    return secrets.token_bytes(32)


class CanaryWatch:
    """Looks for a canary in folded text, also spelt out, reversed, in ROT13, hexadecimal and base64."""

    def __init__(self, canary: str) -> None:
        self._forms = forms(canary) if canary else ()

    def at(self, plain: str) -> tuple[int, int] | None:
        """Where it begins in the text, and where it ends."""
        squeezed, places = _squeezed(plain)
        for form in self._forms:
            start = squeezed.find(form)
            if start >= 0:
                return places[start], places[start + len(form) - 1] + 1
        return None

    def held_from(self, plain: str) -> int:
        """From where on the text may be the beginning of it, more of which is to come; the length of the text: nowhere."""
        squeezed, places = _squeezed(plain)
        for length in range(min(len(squeezed), max(map(len, self._forms), default=0)), SHOWN, -1):
            tail = squeezed[-length:]
            if any(form.startswith(tail) for form in self._forms):
                return places[len(squeezed) - length]
        return len(plain)


def forms(canary: str) -> tuple[str, ...]:
    """What it may be written as, letters and digits in lower case. Of base64 the part that is the same at each of the three
    offsets."""
    raw = (canary, canary.upper(), canary[::-1])
    found = [canary, canary[::-1], codecs.encode(canary, "rot13")]
    found += [each.encode().hex() for each in raw]
    for each in raw:
        for offset in range(3):
            encoded = base64.b64encode(b"\0" * offset + each.encode()).decode().rstrip("=")
            found.append(_SIGN.sub("", encoded[4 if offset else 0 : -1].lower()))
    return tuple(dict.fromkeys(found))


def _squeezed(plain: str) -> tuple[str, Sequence[int]]:
    places = [at for at, char in enumerate(plain) if char.isascii() and char.isalnum()]
    return "".join(plain[at] for at in places).lower(), places
