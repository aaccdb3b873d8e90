"""What comes in and goes out, made harmless: questions without invisible characters, answers without live markup."""

from __future__ import annotations

from typing import Final

import regex

_INVISIBLE: Final = regex.compile(r"(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Co}\p{Cs}]")
_WORD: Final = regex.compile(r"[\p{L}\p{N}]")
_TAG: Final = regex.compile(r"<(?=[A-Za-z/!?]|$)")
_LINK: Final = regex.compile(r"(?<=\])[(:]")
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
    return _MARKER.sub("［\\1］", _without_tags(line, 0).replace("](", "]\\("))


def inert(text: str, before: str = "") -> str:
    """A model's text between its code and its markers, made harmless as `harmless` does; white space stays.

    `before`: what was sent before it, the last characters at least: half of a link may have gone already.
    """
    text = _MARKER.sub("［\\1］", _INVISIBLE.sub("", text).replace("`", "'"))
    joined = before + text
    joined = _LINK.sub(lambda found: "\\(" if found.group() == "(" else " :", joined, pos=len(before))
    return _without_tags(joined, len(before))[len(before) :]


def visible(code: str) -> str:
    """A line of code without the characters that would show it other than it is."""
    return _INVISIBLE.sub("", code)


def _without_tags(text: str, start: int) -> str:
    """`<` of what may be a tag gets a backslash from `start` on, unless it has one that is none of its own's escape."""

    def escape(found: regex.Match[str]) -> str:
        head = text[: found.start()]
        return "<" if (len(head) - len(head.rstrip("\\"))) % 2 else "\\<"

    return _TAG.sub(escape, text, pos=start)
