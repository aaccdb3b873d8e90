"""Languages and varieties to choose among, by their names in themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import streamlit as st

from ui.gateway.dialects import Pack
from ui.i18n import Strings
from ui.i18n.formats import locale_of
from ui.i18n.languages import language_name

OFFERED: Final = (
    "en", "zh-Hans", "zh-Hant", "yue-Hant-HK", "ar", "es", "fr", "pt", "ru", "de", "ja", "ko", "vi", "th", "id", "ms", "fil",
    "hi", "bn", "ur", "ta", "te", "mr", "gu", "pa", "kn", "ml", "ne", "si", "fa", "ps", "ku", "tr", "az", "kk", "uz", "ky",
    "he", "am", "sw", "ha", "yo", "zu", "it", "nl", "pl", "uk", "cs", "sk", "hu", "ro", "bg", "el", "sr", "hr", "sl", "sq", "mk",
    "sv", "da", "nb", "fi", "is", "et", "lv", "lt", "ka", "hy", "mn", "km", "lo", "my", "ca", "eu", "gl", "ga", "cy",
)  # fmt: skip


def native_name(tag: str) -> str:
    """By this front end's own table, else by Unicode's; the tag itself where neither knows it."""
    found = language_name(tag)
    if found != tag:
        return found
    locale = locale_of(tag)
    known = locale.language == tag.partition("-")[0].lower()
    name = locale.get_display_name() if known else None
    return f"{name[:1].upper()}{name[1:]}" if name else tag


def pick_languages(strings: Strings, chosen: Sequence[str], key: str) -> list[str]:
    """Any tag can be typed; the gateway says which is none."""
    return st.multiselect(
        strings.text("Languages"),
        _options(OFFERED, chosen),
        default=list(chosen),
        format_func=lambda tag: _label(native_name(tag), tag),
        accept_new_options=True,
        key=key,
        placeholder=strings.text("Choose, or type a language tag such as fr-CA"),
    )


def pick_dialects(strings: Strings, packs: Iterable[Pack], chosen: Sequence[str], key: str) -> list[str]:
    """Of those that something is known of, and those that are chosen already."""
    names = {pack.tag: pack.native for pack in packs}
    return st.multiselect(
        strings.text("Dialects and varieties"),
        _options(names, chosen),
        default=list(chosen),
        format_func=lambda tag: _label(names.get(tag) or native_name(tag), tag),
        key=key,
        placeholder=strings.text("Choose those that your people write in"),
    )


def _options(offered: Iterable[str], chosen: Sequence[str]) -> list[str]:
    return list(dict.fromkeys((*offered, *chosen)))


def _label(name: str, tag: str) -> str:
    return name if name == tag else f"{name} · {tag}"
