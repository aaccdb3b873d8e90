"""The parts of a page that each are saved by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import streamlit as st

from ui.gateway_errors import GatewayError
from ui.i18n import Strings
from ui.widgets.escape import escape_html
from ui.widgets.saying import show_said
from ui.widgets.sign_in_again import show_trouble

_LOOK: Final = Path(__file__).parent.parent / "assets" / "assistant.css"


def show_look() -> None:
    """To be called once on a page that has parts."""
    st.html(_LOOK)


@contextmanager
def part(key: str, title: str, intro: str = "") -> Iterator[None]:
    """A framed part under a heading; what `say(key, …)` left stands at its end."""
    with st.container(border=True, key=f"part-{key}"):
        below = f'<p class="vn-part-intro">{escape_html(intro)}</p>' if intro else ""
        st.html(f'<h2 class="vn-part">{escape_html(title)}</h2>{below}')
        yield
        show_said(key)


@contextmanager
def told(strings: Strings) -> Iterator[None]:
    """What the gateway refuses inside is shown in its place, and the rest of the page goes on."""
    try:
        yield
    except GatewayError as error:
        show_trouble(error, strings)
