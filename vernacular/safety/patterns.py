"""Regular expressions that tenants write: only such as cannot take long, whatever text they meet."""

from __future__ import annotations

from typing import Any, Final

import regex

_TRIED_S: Final = 0.05
_TRIALS: Final = ("a" * 3000, "1" * 3000, " " * 3000, "ab" * 1500, "a " * 1500, "一" * 3000, "1 " * 1500 + "!")
_ADVANCED: Final = regex.compile(r"\\[1-9]|\(\?P=|\(\?[<!=]|\(\?\(|\(\?R\)|\(\?[0-9]+\)|\(\?&|\{e|\{[0-9,]*[isd<]")
_NESTED: Final = regex.compile(r"\((?:[^()\\]|\\.)*[*+}](?:[^()\\]|\\.)*\)(?:[*+]|\{\d*,\d*\})")


def check_pattern(pattern: str) -> None:
    """
    Raises:
        ValueError: it is not valid, could take long, or matches everything; the message says so after the field's name.
    """
    if found := _ADVANCED.search(pattern):
        raise ValueError(f"uses {found.group()!r}: look-around, references, recursion and fuzzy matching are not taken")
    if _NESTED.search(pattern):
        raise ValueError(
            "repeats a group that holds a repetition, which can take for ever; write it without one of them"
        )
    try:
        compiled: Any = regex.compile(pattern)
    except regex.error as error:
        raise ValueError(f"is not a regular expression ({error})") from None
    if compiled.search(""):
        raise ValueError("matches empty text; say what must stand there")
    try:
        for text in _TRIALS:
            for _ in compiled.finditer(text, timeout=_TRIED_S):
                pass
    except TimeoutError:
        raise ValueError("takes too long on a long text; bound its repetitions, e.g. {0,20}") from None
