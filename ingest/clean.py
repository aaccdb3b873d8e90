"""Text that can always be stored as UTF-8 and never hides anything: the last step of every parser."""

from __future__ import annotations

import re

_DROPPED = re.compile(
    "["
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # C0 and C1 controls; tab, newlines, form feed and NEL are handled below
    "\u2061-\u2064\u206a-\u206f"  # invisible operators and deprecated format characters
    "\u202d\u202e"  # bidirectional overrides, which show text in another order than it is read
    "\ufff9-\ufffb\ufffe\uffff"  # interlinear annotation, noncharacters
    "\ud800-\udfff"  # lone surrogates
    "\U000e0000-\U000e007f"  # tag characters: invisible letters, a known way to smuggle instructions
    "]"
)
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
"""Soft hyphen, zero width space, word joiner, byte order mark: what a layout left behind."""
_NEWLINE = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SUSPECT = re.compile(_DROPPED.pattern[:-1] + "\r\x0b\x0c\x85\u2028\u2029]")
_BLANK_LINES = re.compile(r"\n{3,}")


def sanitise(text: str) -> str:
    r"""Drops what cannot be stored or only deceives (NUL, controls, surrogates, tags, overrides) and makes newlines `\n`.

    All else stays as written, so that a quote stands verbatim in the source too; matching ignores invisible characters.
    """
    if _SUSPECT.search(text) is None:
        return text
    return _DROPPED.sub("", _NEWLINE.sub("\n", text))


def tidy(text: str) -> str:
    """`sanitise` for text taken out of a layout: no soft hyphens, spaces at the ends of lines, or runs of blank lines."""
    lines = "\n".join(line.rstrip() for line in _INVISIBLE.sub("", sanitise(text)).split("\n"))
    return _BLANK_LINES.sub("\n\n", lines).strip("\n")
