"""Cells of tables that people open in a spreadsheet, where a text that begins with `=` is a formula and may run a program."""

from __future__ import annotations

import re
from typing import Final

_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)*%?")
_ESCAPED: Final = re.compile(r"(?m)(^|\t)'(?=[=+\-@＝＋－＠])")


def safe_cell(text: str) -> str:
    """`text` as a spreadsheet shows it and does nothing else: an apostrophe stands before what it would take for a formula.

    OWASP, CSV Injection. Numbers stay numbers.
    """
    beginning = text.lstrip(" ")
    if beginning.startswith(_STARTS) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def as_written(table: str) -> str:
    """A table of tab-separated cells without the apostrophes that `safe_cell` put there."""
    return _ESCAPED.sub(r"\1", table)
