"""SCIM's filters and paths (RFC 7644, 3.4.2.2 and 3.5.2), as trees.

Names of attributes are lower case and without the URN of their schema in the trees: they mean the same in any case.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

from serve.scim.errors import InvalidFilter, InvalidPath

MAX_CHARS: Final = 4000
MAX_DEPTH: Final = 20
OPERATORS: Final = frozenset({"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"})

Value = str | bool | int | float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """`operator` "pr": there is a value at all."""

    attribute: str
    operator: str
    value: Value = None


@dataclass(frozen=True, slots=True)
class Joined:
    """`operator`: `and` or `or`."""

    operator: str
    parts: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Negated:
    inner: Filter


Filter = Comparison | Joined | Negated
"""`emails[type eq "work"]` is the comparison of `emails.type`: people here have one address, and groups are asked for one member."""


@dataclass(frozen=True, slots=True)
class Path:
    """What a PATCH operation is about: an attribute, those of its values that `within` picks, and a part of them."""

    attribute: str
    within: Filter | None = None
    part: str = ""


_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>"(?:[^"\\]|\\.)*")
    | (?P<mark>[()\[\]])
    | (?P<word>(?:urn:[A-Za-z0-9:._-]+:)?[A-Za-z$][A-Za-z0-9_$.-]*)
    | (?P<number>-?\d+(?:\.\d+)?)
    | (?P<part>\.[A-Za-z$][A-Za-z0-9_$-]*)
    )""",
    re.VERBOSE,
)
_SCHEMA = re.compile(r"urn:ietf:params:scim:schemas:core:2\.0:(?:User|Group):", re.IGNORECASE)


def parse_filter(text: str) -> Filter:
    """
    Raises:
        InvalidFilter: it is not one.
    """
    parser = _Parser(text)
    found = parser.either("", 0)
    parser.end()
    return found


def parse_path(text: str) -> Path:
    """
    Raises:
        InvalidPath: it is not one.
    """
    try:
        parser = _Parser(text)
        attribute, within = parser.name(), None
        if parser.take("["):
            within = parser.either(f"{attribute}.", 0)
            parser.need("]")
        part = parser.part()
        parser.end()
    except InvalidFilter as error:
        raise InvalidPath(f"The path {text[:100]!r} cannot be read.", error.message) from None
    if within is None:
        attribute, _, part = attribute.partition(".")
    return Path(attribute, within, part)


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._next = 0

    def either(self, prefix: str, depth: int) -> Filter:
        parts = [self._both(prefix, depth)]
        while self._word("or"):
            parts.append(self._both(prefix, depth))
        return parts[0] if len(parts) == 1 else Joined("or", tuple(parts))

    def name(self) -> str:
        kind, text = self._peek()
        if kind != "word":
            raise self._wrong("the name of an attribute")
        self._next += 1
        return _SCHEMA.sub("", text).lower()

    def part(self) -> str:
        kind, text = self._peek()
        if kind != "part":
            return ""
        self._next += 1
        return text[1:].lower()

    def take(self, mark: str) -> bool:
        found = self._peek() == ("mark", mark)
        self._next += found
        return found

    def need(self, mark: str) -> None:
        if not self.take(mark):
            raise self._wrong(f"“{mark}”")

    def end(self) -> None:
        if self._next < len(self._tokens):
            raise self._wrong("the end")

    def _both(self, prefix: str, depth: int) -> Filter:
        parts = [self._one(prefix, depth)]
        while self._word("and"):
            parts.append(self._one(prefix, depth))
        return parts[0] if len(parts) == 1 else Joined("and", tuple(parts))

    def _one(self, prefix: str, depth: int) -> Filter:
        if depth > MAX_DEPTH:
            raise InvalidFilter("The filter is nested too deeply.", "Ask for less at once.")
        if self._is_negation():
            self._next += 2
            inner: Filter = Negated(self.either(prefix, depth + 1))
            self.need(")")
            return inner
        if self.take("("):
            inner = self.either(prefix, depth + 1)
            self.need(")")
            return inner
        return self._comparison(prefix, depth)

    def _comparison(self, prefix: str, depth: int) -> Filter:
        attribute = prefix + self.name()
        if not prefix and self.take("["):
            inner = self.either(f"{attribute}.", depth + 1)
            self.need("]")
            part = self.part()  # Entra ID asks for emails[type eq "work"].value eq "…"
            return Joined("and", (inner, self._compared(f"{attribute}.{part}"))) if part else inner
        return self._compared(attribute)

    def _compared(self, attribute: str) -> Comparison:
        kind, text = self._peek()
        operator = text.lower()
        if kind != "word" or (operator not in OPERATORS and operator != "pr"):
            raise self._wrong("an operator: eq, ne, co, sw, ew, gt, ge, lt, le or pr")
        self._next += 1
        return Comparison(attribute, operator) if operator == "pr" else Comparison(attribute, operator, self._value())

    def _value(self) -> Value:
        kind, text = self._peek()
        literal = text.lower() if kind == "word" else text
        if kind not in ("string", "number") and literal not in ("true", "false", "null"):
            raise self._wrong("a value, e.g. a text in double quotes")
        self._next += 1
        try:
            value: Value = json.loads(literal)
        except ValueError:
            raise self._wrong("a value that JSON allows") from None
        return value

    def _is_negation(self) -> bool:
        following = self._tokens[self._next + 1] if self._next + 1 < len(self._tokens) else ("", "")
        kind, text = self._peek()
        return kind == "word" and text.lower() == "not" and following == ("mark", "(")

    def _word(self, word: str) -> bool:
        kind, text = self._peek()
        found = kind == "word" and text.lower() == word
        self._next += found
        return found

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._next] if self._next < len(self._tokens) else ("", "")

    def _wrong(self, wanted: str) -> InvalidFilter:
        _, text = self._peek()
        found = f"{text[:60]!r}" if text else "the end"
        return InvalidFilter(f"The filter {self._text[:100]!r} has {found} where {wanted} is due.")


def _tokens(text: str) -> list[tuple[str, str]]:
    if len(text) > MAX_CHARS:
        raise InvalidFilter(f"The filter has more than {MAX_CHARS} characters.", "Ask for less at once.")
    found: list[tuple[str, str]] = []
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise InvalidFilter(f"The filter {text[:100]!r} cannot be read from {text[at:].strip()[:20]!r} on.")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found
