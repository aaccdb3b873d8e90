"""The widget's words, a file for each language."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable
from importlib import resources
from typing import Final, Literal

from serve.transparency.notices import FALLBACK, nearest

RIGHT_TO_LEFT: Final = frozenset({"ar", "fa", "he", "ur"})


@functools.cache
def languages() -> dict[str, dict[str, str]]:
    """By BCP 47 tag, each with all of its words."""
    folder = resources.files("serve.widget").joinpath("strings")
    files = (file for file in folder.iterdir() if file.name.endswith(".json"))
    return {file.name.removesuffix(".json"): json.loads(file.read_text(encoding="utf-8")) for file in files}


def choose(wanted: Iterable[str]) -> str:
    """The first of the wanted languages that there are words in; English where there is none."""
    found = (nearest(_written(tag), languages()) for tag in wanted)
    return next((tag for tag in found if tag), FALLBACK)


def direction(language: str) -> Literal["ltr", "rtl"]:
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


def _written(tag: str) -> str:
    """As RFC 5646 recommends to write it, with the codes that Java and old pages still use made today's."""
    first, *rest = tag.strip().replace("_", "-").split("-")
    first = {"iw": "he", "in": "id"}.get(first.lower(), first.lower())
    parts = [part.title() if len(part) == 4 else part.upper() if len(part) == 2 else part.lower() for part in rest]
    return "-".join([first, *parts])
