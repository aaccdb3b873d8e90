"""Text that can always be stored as UTF-8 and never hides anything: the last step of every parser."""

from __future__ import annotations

import re

_DROPPED = re.compile(
    "["
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # C0 and C1 controls; tab, newlines, form feed and NEL are handled below
    "\u00ad\u200b\u2060-\u2064\u206a-\u206f\ufeff"  # soft hyphen, zero width space, invisible operators, byte order mark
    "\u202a-\u202e\u2066-\u2069"  # bidirectional overrides and isolates
    "\ufff9-\ufffb\ufffe\uffff"  # interlinear annotation, noncharacters
    "\ud800-\udfff"  # lone surrogates
    "\U000e0000-\U000e007f"  # tag characters: invisible letters, a known way to smuggle instructions
    "]"
)
_NEWLINE = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SUSPECT = re.compile(_DROPPED.pattern[:-1] + "\r\x0b\x0c\x85\u2028\u2029]")
_BLANK_LINES = re.compile(r"\n{3,}")


def sanitise(text: str) -> str:
    r"""Drops what cannot be stored or seen (NUL, controls, surrogates, invisible characters) and makes newlines `\n`.

    Joiners that change how a word is written (U+200C, U+200D) and direction marks stay.
    """
    if _SUSPECT.search(text) is None:
        return text
    return _DROPPED.sub("", _NEWLINE.sub("\n", text))


def tidy(text: str) -> str:
    """`sanitise`, then no spaces at the ends of lines and never more than one blank line."""
    lines = "\n".join(line.rstrip() for line in sanitise(text).split("\n"))
    return _BLANK_LINES.sub("\n\n", lines).strip("\n")
