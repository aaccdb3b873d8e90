"""Secrets that everybody knows are none: they are refused before anything listens."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, SecretStr

from vernacular.errors import InvalidSetting

SHORTEST: Final = 8
NO_KEY: Final = frozenset({"EMPTY", "none"})
"""What model servers that ask for no key are given by convention."""
_KNOWN: Final = frozenset(
    {
        "admin",
        "administrator",
        "change-me",
        "change_me",
        "changeit",
        "changeme",
        "default",
        "demo",
        "dummy",
        "example",
        "guest",
        "letmein",
        "master",
        "minioadmin",
        "mysecretpassword",
        "pass",
        "passw0rd",
        "password",
        "password1",
        "password123",
        "postgres",
        "qdrant",
        "qwerty",
        "redis",
        "replace-me",
        "replace_me",
        "root",
        "secret",
        "sk-xxx",
        "supersecret",
        "test",
        "todo",
        "token",
        "vernacular",
        "your-api-key",
        "your_api_key",
        "your-secret",
        "12345678",
        "123456789",
        "1234567890",
    }
)


def refuse_default_secrets(section: BaseModel, prefix: str = "VERNACULAR_") -> None:
    """
    Raises:
        InvalidSetting: a secret, or the password in an address, is one that everybody knows.
    """
    for name in type(section).model_fields:
        value, variable = getattr(section, name), f"{prefix}{name.upper()}"
        if isinstance(value, BaseModel):
            refuse_default_secrets(value, f"{variable}__")
        elif isinstance(value, list):
            for each in value:
                if isinstance(each, BaseModel):
                    refuse_default_secrets(each, f"{variable}__")
        elif weak := _weakness(name, value):
            raise InvalidSetting(
                f"{variable} {weak}.", "Make one at random, e.g. with `openssl rand -hex 24`, and set it on both sides."
            )


def _weakness(name: str, value: object) -> str | None:
    if isinstance(value, SecretStr):
        secret = value.get_secret_value()
        if name.endswith("url"):
            return _weak_password(secret)
        return weakness(secret) if secret and secret not in NO_KEY else None
    return _weak_password(value) if name == "url" and isinstance(value, str) else None


def _weak_password(url: str) -> str | None:
    """Of an address `scheme://user:password@host`."""
    try:
        password = unquote(urlsplit(url).password or "")
    except ValueError:
        return None  # not an address; whoever uses it says so
    weak = weakness(password) if password else None
    return f"has a password that {weak}" if weak else None


def weakness(secret: str) -> str | None:
    """Why it is no secret, as the end of a sentence; None: it may be one."""
    plain = secret.strip().casefold()
    if plain in _KNOWN:
        return "is a well-known default"
    if len(plain) < SHORTEST:
        return f"has fewer than {SHORTEST} characters"
    if len(set(plain)) < 4:
        return "repeats the same few characters"
    return None
