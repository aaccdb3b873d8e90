"""A tenant's colour and logo, seen on a light and on a dark screen before they are saved."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import streamlit as st

from ui.desk import Desk, forget_tenant
from ui.gateway import images, settings
from ui.gateway.settings import Settings
from ui.gateway_errors import GatewayError
from ui.widgets import meanwhile
from ui.widgets.asking import asked_first
from ui.widgets.brand_preview import preview_html, scheme_css
from ui.widgets.notices import problem_html
from ui.widgets.part import part, told
from ui.widgets.recent import forget, recent
from ui.widgets.saying import say
from vernacular.colours import READABLE, WHITE, contrast, readable_under

SETTINGS: Final = "settings:settings"
"""What the settings' forms began with."""
OWN: Final = "#0b6b5d"
MAX_BYTES: Final = 1_000_000
_TYPES: Final = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}
_UPLOADS: Final = "logo:uploads"


def show_look_part(desk: Desk, kept: Settings, save: Callable[..., None]) -> None:
    """`save(place, **fields)` saves settings, and begins the page anew."""
    strings = desk.strings
    with part("look", strings.text("Colour and logo")):
        logo = _kept_logo(desk, kept)
        sent = _upload(desk)
        color = _pick_color(desk, kept)
        question = next(iter(kept.suggested_questions), "")
        st.html(f"<style>{scheme_css()}</style>")
        st.html(preview_html(strings, kept.display_name, question, color or OWN, sent[0] if sent else logo))
        _save_color(desk, kept, color, save)
        _save_logo(desk, kept, sent)


def _pick_color(desk: Desk, kept: Settings) -> str:
    """ "": none of its own."""
    strings = desk.strings
    own = st.toggle(strings.text("A colour of our own"), bool(kept.color), key="own-color")
    if not own:
        return ""
    st.session_state.setdefault("color", kept.color or OWN)
    return str(st.color_picker(strings.text("Colour"), key="color")).lower()


def _save_color(desk: Desk, kept: Settings, color: str, save: Callable[..., None]) -> None:
    strings, formats = desk.strings, desk.formats
    if color and contrast(WHITE, color) < READABLE:
        nearest = readable_under(WHITE, color)
        reached = int(contrast(WHITE, color) * 10) / 10
        st.html(
            problem_html(
                strings.text("White text cannot be read on {color}.", color=color),
                strings.text(
                    "Its contrast is {reached}:1, and {needed}:1 is needed. The nearest colour that has it is {nearest}.",
                    reached=formats.number(reached, 1),
                    needed=formats.number(READABLE, 1),
                    nearest=nearest,
                ),
            )
        )
        label = strings.text("Take {color}", color=nearest)
        st.button(label, key="take-nearest", on_click=_set_color, args=(nearest,))
        return
    if st.button(strings.text("Save colour"), key="save-color", type="primary", disabled=color == kept.color):
        with told(strings):
            save("look", branding={"color": color or None})


def _set_color(color: str) -> None:
    st.session_state["color"] = color


def _upload(desk: Desk) -> tuple[str, bytes, str] | None:
    """What was chosen: as a `data:` address, its bytes, its media type."""
    strings = desk.strings
    file = st.file_uploader(
        strings.text("Logo: PNG, JPEG or WebP, at most 1 MB. A transparent background suits both screens."),
        type=["png", "jpg", "jpeg", "webp"],
        max_upload_size=1,
        key=f"logo-{st.session_state.get(_UPLOADS, 0)}",
    )
    if file is None:
        return None
    data = file.getvalue()
    media_type = next((kind for head, kind in _TYPES.items() if data.startswith(head)), "")
    if len(data) > MAX_BYTES or not media_type:
        st.html(
            problem_html(
                strings.text("This file cannot be a logo."),
                strings.text("Send a PNG, JPEG or WebP image of at most 1 MB."),
            )
        )
        return None
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}", data, media_type


def _save_logo(desk: Desk, kept: Settings, sent: tuple[str, bytes, str] | None) -> None:
    strings = desk.strings
    if sent:
        if st.button(strings.text("Save logo"), key="save-logo", type="primary"):
            with told(strings):
                settings.put_logo(desk.api, sent[1], sent[2])
                _done(replace(kept, logo=True), strings.text("The logo is saved."))
    elif kept.logo and asked_first(
        strings,
        "remove-logo",
        strings.text("Remove logo"),
        strings.text("Remove the logo from all pages?"),
        strings.text("Remove it"),
        icon=":material/delete:",
    ):
        with told(strings):
            settings.remove_logo(desk.api)
            _done(replace(kept, logo=False), strings.text("The logo is removed."))


def _done(kept: Settings, text: str) -> None:
    meanwhile.reopen(SETTINGS, kept)
    st.session_state[_UPLOADS] = st.session_state.get(_UPLOADS, 0) + 1
    forget("settings:")
    for name in [name for name in st.session_state if str(name).startswith("logo:") and name != _UPLOADS]:
        del st.session_state[name]  # the pages' own copies
    forget_tenant()
    say("look", text)


def _kept_logo(desk: Desk, kept: Settings) -> str:
    if not kept.logo:
        return ""
    try:
        return recent("settings:logo", lambda: images.logo(desk.api), seconds=600)
    except GatewayError:  # the page is as good without it
        return ""
