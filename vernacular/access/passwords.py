"""Passwords of local accounts: argon2id hashes, what is refused as one, and random ones to begin with."""

from __future__ import annotations

import functools
import re
import secrets
import string
import unicodedata
from importlib import resources
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from vernacular.errors import PasswordRefused

MAX_PASSWORD_CHARS: Final = 256
_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"  # none that looks like another
_GROUPS, _GROUP_CHARS = 5, 5
_LOOKALIKE: Final = str.maketrans("@4301!5$7", "aaeolisst")
_ROWS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertz", "azerty", string.ascii_lowercase, "01234567890")
_HINT: Final = "Several words that belong to nothing make a good one."
_hasher: Final = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


def hash_password(password: str) -> str:
    """An argon2id hash (RFC 9106, second recommended parameters: 64 MiB), in PHC string form. Takes about a tenth of a second."""
    return _hasher.hash(_encoded(password))


def verify(password_hash: str | None, password: str) -> bool:
    """Whether it is the password. Without a hash it takes as long, and is not."""
    try:
        matches = _hasher.verify(password_hash or _nobodys(), _encoded(password[: MAX_PASSWORD_CHARS + 1]))
    except (VerificationError, InvalidHashError):
        return False
    return matches and password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether it was made with other parameters than today's: a good moment to make it anew is when it was verified."""
    return _hasher.check_needs_rehash(password_hash)


def random_password() -> str:
    """125 random bits, to be read aloud and typed: `k3vqm-…`."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_CHARS)) for _ in range(_GROUPS))
    return "-".join(groups)


def check_password(password: str, shortest: int, *, about: tuple[str, ...] = ()) -> None:
    """`about`: what others know of the person, such as the user name, which may not be all there is to the password.

    Raises:
        PasswordRefused: it is too short, too long, or easily guessed.
    """
    if len(password) < shortest:
        raise PasswordRefused(f"The password has fewer than {shortest} characters.", _HINT)
    if len(password) > MAX_PASSWORD_CHARS:
        raise PasswordRefused(f"The password has more than {MAX_PASSWORD_CHARS} characters.", "Choose a shorter one.")
    if is_common(password, about):
        raise PasswordRefused("The password is among those that are guessed first.", _HINT)


def is_common(password: str, about: tuple[str, ...] = ()) -> bool:
    """Whether it comes to common words, rows of keys, repetitions or what others know of the person, with figures and signs
    around them or letters written as figures."""
    known = (*common_words(), *_rows(), *(_bare(part) for text in about for part in re.split(r"[\s@._-]+", text)))
    words = frozenset(word for word in known if len(word) >= 3)
    folded = unicodedata.normalize("NFKC", password).casefold()
    return any(_is_made_of(_bare(form), words) for form in (folded, folded.translate(_LOOKALIKE)))


@functools.cache
def common_words() -> frozenset[str]:
    text = resources.files("vernacular.access").joinpath("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if (word := line.strip()) and not line.startswith("#"))


def _is_made_of(text: str, words: frozenset[str]) -> bool:
    """Whether hardly a letter is left of it without repetitions and words."""
    left = re.sub(r"(.{1,6}?)\1{2,}", "", text)
    longest = max(map(len, words))
    kept, at = 0, 0
    while at < len(left):
        sizes = range(min(longest, len(left) - at), 2, -1)
        size = next((size for size in sizes if left[at : at + size] in words), 0)
        kept, at = kept + (not size and not left[at].isdigit()), at + (size or 1)
    return kept <= 4


@functools.cache
def _rows() -> frozenset[str]:
    """Stretches of four keys and more that lie side by side, in either direction."""
    both = [each for row in _ROWS for each in (row, row[::-1])]
    stretches = {row[i:j] for row in both for i in range(len(row)) for j in range(i + 4, len(row) + 1)}
    return frozenset(stretches)


def _bare(text: str) -> str:
    """Letters and figures alone, case-folded, without figures at either end."""
    letters = "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())
    return letters.strip(string.digits)


def _encoded(password: str) -> bytes:
    """The same characters give the same bytes however a keyboard composes them."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


@functools.cache
def _nobodys() -> str:
    """A hash of no password that anyone knows."""
    return _hasher.hash(secrets.token_bytes(32))
