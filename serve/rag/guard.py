"""What comes in and goes out, made harmless: questions without invisible characters, answers without live markup."""

from __future__ import annotations

from typing import Final

import regex

_INVISIBLE: Final = regex.compile(r"(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Co}\p{Cs}]")
_WORD: Final = regex.compile(r"[\p{L}\p{N}]")
_TAG: Final = regex.compile(r"<(?=[A-Za-z/!?]|$)")
_ENTITY: Final = regex.compile(r"&(?=#?\w{2,10};)")
_LINK: Final = regex.compile(r"(?<=\])[(:]")
_MARKER: Final = regex.compile(r"\[(\d{1,3})\]")
_TERMINAL: Final = regex.compile(r"\\(?=(?:x1b|u001b|033|0?27|e)[\[\]]|(?:x|u00)9[bd])", regex.IGNORECASE)
_TERMINAL_JOINT: Final = regex.compile(r"(?<=\\(?:x1b|u001b|033|0?27|e))[\[\]]|(?<=\\(?:x|u00)9)[bd]", regex.IGNORECASE)
"""What a shell or a viewer of logs would make a terminal's control sequence of: its backslash, or what follows it."""
_SCRIPT_ADDRESS: Final = regex.compile(r"(?<=(?:java|vb|live)script\s?|\bdata):(?=\S|$)", regex.IGNORECASE)
_CODE: Final = regex.compile(
    r"!?\[[^\]]*\]\s*[\[(:]\S*"  # a link or an image
    r"|</?[a-z!][^<>]*>|&\#?\w{2,10};"  # a tag, an entity
    r"|\b(?:[a-z][a-z0-9+.-]{1,20}:/\S*|(?:(?:java|vb|live)script|data|blob|mailto):\S+)"  # an address
    r"|\S*\\(?:[xu][0-9a-f]|\d{2}|e[\[\]])\S*"  # an escape sequence
    r"|\S*(?:\w\s?\([^()\s]*\)\s?;|\bon\w+\s?=)\S*",  # a call, an event's handler
    regex.IGNORECASE,
)


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
    return _MARKER.sub("［\\1］", _without_tags(_unescaped(line)).replace("](", "]\\("))


def repeated(question: str) -> str:
    """A person's question as it is said back to them: their words, with `…` for addresses, markup and code among them."""
    line = " ".join(_INVISIBLE.sub("", question).split())
    return harmless(regex.sub(r"…(?:\W{0,3}…)+", "…", _CODE.sub("…", line)).replace("`", "'"))


def inert(text: str, before: str = "") -> str:
    """A model's text between its code and its markers, made harmless; white space stays.

    Links and images lose their joint as in `harmless`. Nobody quotes here, so that tags and entities get letters that only look
    like `<` and `&`: they are none for readers who take the text for HTML either.

    `before`: what was sent before it, the last characters at least: half of a link may have gone already.
    """
    text = _MARKER.sub("［\\1］", _TERMINAL.sub("＼", _INVISIBLE.sub("", text)).replace("`", "'"))
    joined = before + text
    joined = _TERMINAL_JOINT.sub(_fullwidth, _SCRIPT_ADDRESS.sub("：", joined, pos=len(before)), pos=len(before))
    joined = _LINK.sub(lambda found: "\\(" if found.group() == "(" else " :", joined, pos=len(before))
    return _ENTITY.sub("＆", _TAG.sub("‹", joined, pos=len(before)), pos=len(before))[len(before) :]


def visible(code: str) -> str:
    """A line of code without the characters that would show it other than it is."""
    return _INVISIBLE.sub("", code)


def _unescaped(text: str) -> str:
    """Text whose escape sequences no terminal and whose addresses of scripts no browser knows any more."""
    return _SCRIPT_ADDRESS.sub("：", _TERMINAL.sub("＼", text))


def _fullwidth(found: regex.Match[str]) -> str:
    return chr(ord(found.group()) + 0xFEE0)


def _without_tags(text: str) -> str:
    """`<` of what may be a tag gets a backslash, unless it has one that is none of its own's escape."""

    def escape(found: regex.Match[str]) -> str:
        head = text[: found.start()]
        return "<" if (len(head) - len(head.rstrip("\\"))) % 2 else "\\<"

    return _TAG.sub(escape, text)
