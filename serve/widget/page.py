"""The files of the widget, and the frame's page made of them."""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import dataclass
from html import escape
from importlib import resources
from string import Template
from typing import Final

from serve.transparency.notices import label, notice
from serve.widget.wording import direction, languages
from vernacular.access.widget_sessions import FrameKey

_ON_THE_PAGE: Final = ("ask", "close", "fresh", "suggested")
"""Words that stand on it from the start; the others are for its script."""


@dataclass(frozen=True, slots=True)
class File:
    content: bytes
    version: str


@functools.cache
def file(name: str) -> File:
    """One of `static`, as it is served."""
    content = resources.files("serve.widget").joinpath("static", name).read_bytes()
    return File(content, hashlib.sha256(content).hexdigest()[:16])


def frame_page(*, widget: str, assistant: str, site: str, key: FrameKey, language: str, name: str, color: str) -> str:
    """The chat, for a frame in a page of the origin `site`. `name`: the tenant's, for people."""
    words = languages()[language] | {"label": label(language)}
    told = {
        "lang": language,
        "dir": direction(language),
        **{word: words.pop(word) for word in _ON_THE_PAGE},
        "title": words.pop("title").format(name=name),
        "notice": notice(language, name),
        "widget": widget,
        "assistant": assistant,
        "site": site,
        "frame": key.name,
        "secret": key.secret,
        "color": color,
        "css": file("frame.css").version,
        "js": file("frame.js").version,
    }
    page = Template(file("frame.html").content.decode("utf-8"))
    return page.substitute({name: escape(value) for name, value in told.items()}, words=_attribute(words))


def _attribute(words: dict[str, str]) -> str:
    """As JSON between single quotes of HTML, in which the many double ones can stay as they are."""
    said = json.dumps(words, ensure_ascii=False, separators=(",", ":"))
    return said.replace("&", "\\u0026").replace("'", "\\u0027").replace("<", "\\u003c")


def frame_policy(site: str) -> str:
    """What the frame may do: load its own two files, ask the gateway, and stand in that one site."""
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src blob:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            f"frame-ancestors {site}",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    )
