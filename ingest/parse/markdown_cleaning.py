"""Markdown without the HTML, images and scripts in it; code stays as it is written.

What a reader of the page does not see (comments, scripts, hidden frames) is what hides instructions to a model, and what a
renderer loads by itself (images) is what carries an answer's words away. Every step is linear: the file is its sender's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from ingest.parse.html_cleaning import REMOVED, STRUCTURE

_FENCE: Final = re.compile(r"[ ]{0,3}(`{3,}|~{3,})")
_CODE: Final = re.compile(r"(`+)[^`\n]{1,2000}\1(?!`)")
_COMMENT_OR_CODE: Final = re.compile(rf"<!--|{_CODE.pattern}")
_OPENING: Final = re.compile(rf"<({'|'.join(sorted(REMOVED))})(?=[\s/>])", re.IGNORECASE)
_TAG: Final = re.compile(r"</?([A-Za-z][A-Za-z0-9-]{0,20})(?=[\s/>])[^<>]{0,4000}>")
_AUTOLINK: Final = re.compile(r"<((?:https?://|mailto:)[^\s<>]{1,2000})>", re.IGNORECASE)
_IMAGE: Final = re.compile(
    r"!\[([^\[\]\n]{0,500})\](?:\([^()\n]{0,4000}(?:\([^()\n]{0,500}\)[^()\n]{0,4000})?\)|\[[^\[\]\n]{0,500}\])"
)
_ACTIVE_LINK: Final = re.compile(
    r"\[([^\[\]\n]{0,500})\]\(\s*<?[\s\x00-\x20]*(?:javascript|vbscript|data|blob|filesystem)\s*:[^\n)]{0,300}\)?\)",
    re.IGNORECASE,
)
_NAMES: Final = (
    STRUCTURE
    | REMOVED
    | {"base", "html", "head", "input", "marquee", "portal", "select", "source", "textarea", "track"}
)


def cleaned_markdown(text: str) -> str:
    if "<" not in text and "![" not in text and "](" not in text:
        return text
    kept: list[str] = []
    prose: list[str] = []
    fence = ""
    for line in text.splitlines(keepends=True):
        mark = _FENCE.match(line)
        if fence:
            kept.append(line)
            if mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif mark and not ("`" in mark[1] and "`" in line[mark.end() :]):
            kept.append(_prose("".join(prose)))
            prose.clear()
            kept.append(line)
            fence = mark[1]
        else:
            prose.append(line)
    return "".join(kept) + _prose("".join(prose))


def _prose(text: str) -> str:
    if "<" in text:
        text = _without_comments(text)
        text = _outside_code(text, _without_elements)
    return _outside_code(text, _without_markup)


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    pieces: list[str] = []
    at = 0
    for code in _CODE.finditer(text):
        pieces += [change(text[at : code.start()]), code.group()]
        at = code.end()
    return "".join(pieces) + change(text[at:])


def _without_markup(text: str) -> str:
    text = _IMAGE.sub(r"\1", text)
    text = _ACTIVE_LINK.sub(r"\1", text)
    text = _AUTOLINK.sub(r"\1", text)
    return _TAG.sub(lambda tag: "" if tag[1].lower() in _NAMES else tag.group(), text) if "<" in text else text


def _without_comments(text: str) -> str:
    pieces: list[str] = []
    at = 0
    for comment in _COMMENT_OR_CODE.finditer(text):
        if comment.group() != "<!--" or comment.start() < at:
            continue
        end = text.find("-->", comment.end())
        if end < 0:
            break
        pieces.append(text[at : comment.start()])
        at = end + len("-->")
    return "".join(pieces) + text[at:]


def _without_elements(text: str) -> str:
    """`text` without the elements that are removed with all that is in them; one that is never closed loses its tag alone."""
    pieces: list[str] = []
    lower = text.lower()
    at = 0
    unclosed: set[str] = set()
    for opening in _OPENING.finditer(text):
        name = opening[1].lower()
        if opening.start() < at or name in unclosed:
            continue
        closing = lower.find(f"</{name}", opening.end())
        end = lower.find(">", closing) + 1 if closing >= 0 else 0
        if not end:
            unclosed.add(name)
            continue
        pieces.append(text[at : opening.start()])
        at = end
    return "".join(pieces) + text[at:]
