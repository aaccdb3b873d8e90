"""Images that an HTML page holds itself, as `data:` addresses; others are elsewhere and never fetched."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final

from resiliparse.parse.html import ElementNode, HTMLTree, Node, NodeType

from ingest.parse.encoding import decode
from ingest.parse.html import flattened
from ingest.parse.html_markdown import children, is_hidden
from ingest.parse.images.embedded import LARGEST_BYTES, Candidate, Embedded, Look, Place

_DATA: Final = re.compile(r"\s*data:image/[\w.+-]+(?:;[\w=-]+)*;base64,", re.IGNORECASE)
_KEY_CHARS: Final = 40


def in_html(data: bytes, look: Look) -> list[Embedded]:
    return look(_in_text(data))


def _in_text(data: bytes) -> Iterator[Candidate]:
    tree = HTMLTree.parse(flattened(decode(data)))
    words: list[str] = []
    stack: list[Node] = [tree.body] if tree.body else []
    while stack:
        node = stack.pop()
        if node.type == NodeType.TEXT:
            words.append(node.value or "")
        elif isinstance(node, ElementNode) and not is_hidden(node):
            source = node.getattr("src") if node.tag == "img" else None
            if source and (head := _DATA.match(source)):
                yield _candidate(source, head.end(), " ".join("".join(words).split()))
            stack.extend(reversed(children(node)))


def _candidate(source: str, start: int, before: str) -> Candidate:
    key = before[-_KEY_CHARS:]
    if " " in key:  # a key that began within a word would not be found
        key = key.partition(" ")[2] if len(before) > _KEY_CHARS else key
    behind = ((key, before.count(key) - 1),) if key else ()
    return Candidate(source[start:], Place(behind=behind), lambda: _decoded(source[start:]))


def _decoded(text: str) -> bytes | None:
    if len(text) > LARGEST_BYTES * 4 // 3:
        return None
    try:
        return base64.b64decode("".join(text.split()), validate=False)
    except (binascii.Error, ValueError):
        return None
