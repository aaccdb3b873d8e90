"""The items of a JSON array, one by one, without holding the whole file as objects or text."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vernacular.errors import InvalidRecord

_BLOCK = 1 << 18
_MAX_ITEM = 16 * 1024 * 1024
_BETWEEN = " \t\r\n,"


def read_array(path: Path) -> Iterator[Any]:
    """The items of the array in `path`: the file itself, or the first array in its outermost object.

    Raises InvalidRecord where the file stops being JSON: what came before has been yielded.
    """
    blocks = _blocks(path)
    buffer = next(blocks, "").lstrip("\ufeff \t\r\n")
    at = buffer.find("[") + 1
    if at == 0 or buffer[:1] not in "[{":
        raise InvalidRecord(f"`{path.name}` holds no JSON array of products.", "Send `[{…}, {…}]`.")
    decoder = json.JSONDecoder()
    while True:
        while at < len(buffer) and buffer[at] in _BETWEEN:
            at += 1
        if at < len(buffer) and buffer[at] == "]":
            return
        try:
            value, end = decoder.raw_decode(buffer, at)
            # A number at the end of the buffer may go on in the next block.
            complete = end < len(buffer)
        except (json.JSONDecodeError, RecursionError):
            complete = False
        if complete:
            yield value
            at = end
            continue
        more = next(blocks, "")
        if not more or len(buffer) - at > _MAX_ITEM:
            raise InvalidRecord(f"`{path.name}` stops being valid JSON.", "Check it with a JSON validator.")
        buffer, at = buffer[at:] + more, 0


def _blocks(path: Path) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    with path.open("rb") as raw:
        while block := raw.read(_BLOCK):
            yield decoder.decode(block)
