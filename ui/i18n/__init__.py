"""The interface's language: its texts by gettext, the English ones being the message ids, and which language to show.

`make messages` brings the catalogs under `locales/` up to date with the source.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from gettext import NullTranslations
from typing import Final

from ui.i18n.catalog import DEFAULT, available, translations
from ui.i18n.error_texts import ERRORS
from ui.i18n.languages import direction, language_name
from ui.i18n.marking import N_

__all__ = ["DEFAULT", "N_", "Strings", "available", "choose", "load", "match"]

_KIN: Final = {
    "arz": "ar",
    "afb": "ar",
    "apc": "ar",
    "ary": "ar",
    "ars": "ar",
    "arb": "ar",
    "prs": "fa",
    "in": "id",
    "iw": "he",
    "nan": "zh-Hant",
    "hak": "zh-Hant",
    "wuu": "zh-Hans",
}
"""Varieties, and old codes, that are read in a language of the interface."""
_TRADITIONAL: Final = frozenset({"hant", "tw", "hk", "mo"})


@dataclass(frozen=True, slots=True)
class Strings:
    """One language: `direction` is `ltr` or `rtl`, `name` is the language's name in itself."""

    tag: str
    name: str
    direction: str
    translations: NullTranslations

    def text(self, message: str, **values: object) -> str:
        """The English `message` in this language, its `{placeholders}` filled. The call holds the text itself, or what `N_` marked."""
        return self.translations.gettext(message).format(**values)

    def plural(self, one: str, many: str, n: int, **values: object) -> str:
        """The text for `n` things, which it may name as `{n}`; give `shown` for how that is written.

        `strings.plural("{n} document", "{n} documents", n, shown=formats.number(n))`
        """
        values["n"] = values.pop("shown", n)
        return self.translations.ngettext(one, many, n).format(**values)

    def error(self, name: str) -> tuple[str, str] | None:
        """What happened and what to do, for a machine-readable error name; None: there are no words for it here."""
        known = ERRORS.get(name)
        return None if known is None else (self.text(known[0]), self.text(known[1]))


@functools.cache
def load(tag: str) -> Strings:
    return Strings(tag, language_name(tag), direction(tag), translations(tag))


def match(tag: str | None) -> str | None:
    """The offered language that a BCP 47 tag asks for, or None: `zh-HK` is `zh-Hant`, `es-MX` is `es`."""
    subtags = (tag or "").replace("_", "-").casefold().split("-")
    if subtags[0] in ("zh", "cmn"):
        traditional = "hant" in subtags or ("hans" not in subtags and not _TRADITIONAL.isdisjoint(subtags))
        return "zh-Hant" if traditional else "zh-Hans"
    wanted = _KIN.get(subtags[0], subtags[0])
    return wanted if wanted in available() else None


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
