"""Texts by language, as the suites' files hold them: a variety's own, or those of the standard language it belongs to."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

from vernacular.redteam.refusals import family_of


def texts_of(suite: str) -> dict[str, Any]:
    """The suite's file; not to be changed."""
    return _read(f"{suite}.json")


def standard(texts: Mapping[str, Any], language: str) -> Any:
    """What there is for the language's family: `zh` for `yue-Hant-HK`."""
    return texts[family_of(language)]


@functools.cache
def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        resources.files("vernacular.redteam.suites").joinpath(name).read_text(encoding="utf-8")
    )
    return found
