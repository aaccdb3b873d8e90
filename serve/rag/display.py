"""Chinese answers in the characters that a tenant's readers know, whatever those of the documents are.

By OpenCC's phrase tables, which tell 头发 from 发展. What is cited stays as the document has it: quotes are checked before, and
annotations are left alone.
"""

from __future__ import annotations

import functools
from typing import Final

from opencc import OpenCC

_TABLES: Final = {"Hans": "t2s", "Hant": "s2t", "Hant-TW": "s2tw", "Hant-HK": "s2hk"}


class Display:
    """`script`: `as_written`, `Hans` or `Hant`; `tag`: the variety of the answer, whose region's forms are used."""

    def __init__(self, script: str, tag: str = "") -> None:
        region = next((part for part in tag.split("-")[1:] if part in {"TW", "HK"}), "")
        table = _TABLES.get(f"{script}-{region}") or _TABLES.get(script)
        self._converter = None if table is None else _converter(table)

    def show(self, text: str) -> str:
        """`text` in the script; always as long as before, so that offsets into it stay true."""
        if self._converter is None or text.isascii():
            return text
        try:
            shown = str(self._converter.convert(text))
        except UnicodeEncodeError:  # half a character, as a model may write
            return text
        return shown if len(shown) == len(text) else "".join(map(self._letter, text))

    def _letter(self, char: str) -> str:
        shown = str(self._converter.convert(char)) if self._converter else char
        return shown if len(shown) == 1 else char


@functools.cache
def _converter(table: str) -> OpenCC:
    return OpenCC(table)
