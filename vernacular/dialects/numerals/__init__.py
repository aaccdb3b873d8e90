"""Numbers, amounts, hours and dates as people say them, in the forms in which documents write them."""

from __future__ import annotations

from vernacular.dialects.numerals.arabic import arabic
from vernacular.dialects.numerals.chinese import chinese
from vernacular.dialects.numerals.european import FAMILIES, european
from vernacular.types import Expansion

__all__ = ["numerals"]


def numerals(text: str, family: str, tag: str | None) -> list[Expansion]:
    """What the numbers in `text` may look like in documents, by place; empty for a language that is not known.

    `family`: the language, such as `zh`; `tag`: the variety, where it is known. Some words are numbers in one variety alone.
    """
    if family == "zh":
        return chinese(text, tag)
    if family == "ar":
        return arabic(text, tag)
    if family in FAMILIES:
        return european(text, family, tag)
    return []
