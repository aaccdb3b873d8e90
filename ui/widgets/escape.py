"""Text of documents, questions and answers is data: nothing in it may become markup."""

from __future__ import annotations

import html
import re
from urllib.parse import urlsplit

_FIGURES = re.compile(r"(?<!\d)(?:\d{4}-\d{2}-\d{2}|\+?\d{3,}(?: \d{2,})+)(?!\d)", re.ASCII)
# What Streamlit's Markdown makes a link of, backslashes or not: web addresses and e-mail addresses that stand in the text as they are.
_ADDRESS = re.compile(r"(?i)https?:(?=//)|www(?=\.)|@")
_WORD_JOINER = "\u2060"
# Overrides of the direction that letters have by themselves. No language needs them; isolates and embeddings, which text may need, stay.
_FROM_LEFT, _FROM_RIGHT = "\u202d", "\u202e"
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def escape_html(text: str) -> str:
    """Safe between tags and inside quoted attributes."""
    return html.escape(in_order(text), quote=True)


def in_order(text: str) -> str:
    """Text that is read as it is written: a name such as `bill\\u202Efdp.exe` cannot pass for one that ends in `.pdf`, nor turn the words beside it."""
    return text.replace(_FROM_LEFT, "").replace(_FROM_RIGHT, "")


def prose_html(text: str) -> str:
    """Escaped text in which dates and telephone numbers keep their order and their line, whichever way the text runs."""
    return _FIGURES.sub(r'<bdi class="vn-figures" dir="ltr">\g<0></bdi>', escape_html(text))


def escape_markdown(text: str) -> str:
    """Safe in a widget's label, which Streamlit reads as Markdown, images and links included.

    Addresses get a character in them that is not seen and keeps them from being links.
    """
    plain = _ADDRESS.sub(lambda found: found.group() + _WORD_JOINER, " ".join(in_order(text).split()))
    return _PUNCTUATION.sub(r"\\\1", plain)


def web_link(uri: str | None) -> str | None:
    """`uri` if a browser may open it as a web page, else None: no `javascript:`, no `file:`, no relative address."""
    try:
        parts = urlsplit((uri or "").strip())
    except ValueError:
        return None
    return parts.geturl() if parts.scheme in ("http", "https") and parts.netloc else None
