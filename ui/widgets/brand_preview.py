"""What visitors will see of a colour and a logo, on a light screen and on a dark one, whichever the one looking has."""

from __future__ import annotations

import functools
import re
from importlib import resources
from typing import Final

from ui.i18n import Strings
from ui.widgets.escape import escape_html

_BLOCK: Final = re.compile(r":root \{\s*([^{}]*--vn-[^{}]*)\}")
_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_COLOR: Final = re.compile(r"#[0-9a-fA-F]{6}")
DERIVES: Final = "@supports (color: oklch(from red l c h))"


@functools.cache
def scheme_css() -> str:
    """For what `preview_html` makes: the page's two sets of colours, read from its own style sheet."""
    style = resources.files("ui").joinpath("assets", "colours.css").read_text(encoding="utf-8")
    blocks = _BLOCK.findall(_COMMENT.sub("", style))
    light, dark, of_light, of_dark = (" ".join(found.split()) for found in blocks[:4])
    return (
        f".vn-as-light {{ {light} }} .vn-as-dark {{ {light} {dark} }} "
        f"{DERIVES} {{ .vn-as-light {{ {of_light} }} .vn-as-dark {{ {of_light} {of_dark} }} }}"
    )


def preview_html(strings: Strings, name: str, question: str, color: str, logo: str) -> str:
    """`color` "": the front end's own; `logo`: a `data:` address, "": the first letter of the name."""
    style = f' style="--vn-tenant: {color}"' if _COLOR.fullmatch(color) else ""
    sign = (
        f'<img class="vn-logo" src="{escape_html(logo)}" alt="">'
        if logo
        else f'<span class="vn-monogram" aria-hidden="true">{escape_html(name[:1])}</span>'
    )
    asked = question or strings.text("What does it cost?")
    link = escape_html(strings.text("Sources"))
    schemes = (("light", strings.text("On a light screen")), ("dark", strings.text("On a dark screen")))
    shown = "".join(
        f'<figure class="vn-preview vn-as-{scheme}"{style}><figcaption>{escape_html(label)}</figcaption>'
        f'<div class="vn-preview-head">{sign}<b dir="auto">{escape_html(name)}</b></div>'
        f'<p class="vn-bubble" dir="auto">{escape_html(asked)}</p>'
        f'<p><span class="vn-preview-link">{link}</span> <span class="vn-preview-chip">1</span></p></figure>'
        for scheme, label in schemes
    )
    return f'<div class="vn-previews">{shown}</div>'
