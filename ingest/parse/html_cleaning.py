"""HTML with everything active taken out of it, before anything else reads it: what is left is structure and words."""

from __future__ import annotations

import functools
from typing import Final

import nh3

STRUCTURE: Final = frozenset(
    ["a", "abbr", "address", "article", "aside", "b", "bdi", "bdo", "blockquote", "body", "br", "button", "caption",
     "center", "cite", "code", "col", "colgroup", "data", "dd", "del", "details", "dfn", "dialog", "div", "dl", "dt",
     "em", "fieldset", "figcaption", "figure", "font", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
     "hgroup", "hr", "i", "img", "ins", "kbd", "label", "legend", "li", "main", "mark", "menu", "nav", "ol", "option",
     "p", "pre", "q", "rp", "rt", "ruby", "s", "samp", "section", "select", "small", "span", "strong", "sub", "summary",
     "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "tt", "u", "ul", "var", "wbr"]
)  # fmt: skip
REMOVED: Final = frozenset(
    ["applet", "audio", "canvas", "embed", "frame", "frameset", "iframe", "link", "meta", "noembed", "noframes", "noscript",
     "object", "param", "script", "style", "svg", "template", "title", "video"]
)  # fmt: skip
"""With all that is in them."""
# What tells a menu or a hidden part from the page's own words; no address, and nothing that a browser would run.
_ATTRIBUTES: Final = {
    "*": {"class", "id", "role", "hidden", "aria-hidden", "style", "lang", "dir", "colspan", "rowspan"}
}


def cleaned(html: str) -> str:
    """The page's body without scripts, frames, comments, handlers, addresses and styles but for whether it is shown."""
    return _cleaner().clean(html)


@functools.cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(STRUCTURE),
        clean_content_tags=set(REMOVED),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        filter_style_properties={"display", "visibility"},
        strip_comments=True,
        link_rel=None,
        url_schemes=set(),
    )
