"""What comes in and goes out, made harmless: questions without invisible characters, answers without live markup."""

from __future__ import annotations

from typing import Final

import regex

_INVISIBLE: Final = regex.compile(r"(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Co}\p{Cs}]")
_WORD: Final = regex.compile(r"[\p{L}\p{N}]")
_HTML: Final = regex.compile(r"<(?=[A-Za-z/!?])")
_MARKER: Final = regex.compile(r"\[(\d{1,3})\]")


def clean(question: str) -> str:
    """The question without control, direction, tag and private characters; joiners that spelling needs stay."""
    return _INVISIBLE.sub("", question).strip()


def has_words(question: str) -> bool:
    return _WORD.search(question) is not None


def harmless(quoted: str) -> str:
    """Quoted text for the answer: one line that a Markdown renderer shows as text and that loads nothing.

    Links and images lose the joint between `]` and `(`, tags their `<`, by a backslash; `[3]`, which would read as a
    citation of ours, gets full-width brackets. The quote in the annotations stays as it was written.
    """
    line = " ".join(_INVISIBLE.sub("", quoted).split())
    return _MARKER.sub("［\\1］", _HTML.sub(r"\\<", line).replace("](", "]\\("))
