"""The interface's strings: one JSON file a language, all with the same keys.

A language is offered when its file is there; the file's name is the tag that `Strings.tag` carries.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources

DEFAULT = "en"


@dataclass(frozen=True, slots=True)
class Strings:
    """One language: `direction` is `ltr` or `rtl`, `name` is the language's name in itself."""

    tag: str
    name: str
    direction: str
    texts: Mapping[str, str]
    errors: Mapping[str, Mapping[str, str]]

    def text(self, key: str, **values: object) -> str:
        """The string for `key`, its `{placeholders}` filled. Raises KeyError for a key that no file has."""
        return self.texts[key].format(**values)

    def error(self, name: str) -> Mapping[str, str] | None:
        """`message` and `hint` for a machine-readable error name, or None when it has no translation."""
        return self.errors.get(name)


@functools.cache
def load(tag: str) -> Strings:
    content = json.loads(resources.files(__name__).joinpath(f"{tag}.json").read_text(encoding="utf-8"))
    return Strings(tag, content["name"], content["direction"], content["texts"], content["errors"])


@functools.cache
def available() -> tuple[str, ...]:
    names = (entry.name for entry in resources.files(__name__).iterdir())
    tags = sorted(name.removesuffix(".json") for name in names if name.endswith(".json"))
    return tuple(sorted(tags, key=lambda tag: tag != DEFAULT))


def match(tag: str | None) -> str | None:
    """The offered language that a BCP 47 tag asks for, or None: `zh-HK` is `zh-Hant`, `es-MX` is `es`."""
    subtags = (tag or "").replace("_", "-").casefold().split("-")
    offered = available()
    if subtags[0] in ("zh", "cmn"):
        traditional = "hant" in subtags or ("hans" not in subtags and any(r in subtags for r in ("tw", "hk", "mo")))
        return "zh-Hant" if traditional else "zh-Hans"
    primary = "ar" if subtags[0] in ("arz", "afb", "apc", "ary", "ars") else subtags[0]
    return primary if primary in offered else None


def choose(wanted: str | None, browser: str | None, tenant_languages: Iterable[str]) -> str:
    """The language to show: the one picked, else the browser's if the tenant serves it, else the tenant's first."""
    picked = match(wanted)
    if picked:
        return picked
    served = [tag for tag in map(match, tenant_languages) if tag]
    preferred = match(browser)
    if preferred and (preferred in served or not served):
        return preferred
    return served[0] if served else DEFAULT
