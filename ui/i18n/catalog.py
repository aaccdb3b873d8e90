"""The message catalogs: gettext's `.po` files, one a language, read as they are."""

from __future__ import annotations

import functools
import io
from collections.abc import Iterator
from gettext import GNUTranslations, NullTranslations
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

DEFAULT: Final = "en"
"""The language of the source: its texts are the message ids, and it has no catalog."""
FILE: Final = "messages.po"


def translations(tag: str) -> NullTranslations:
    """Of an offered language; those of `DEFAULT` give every text back."""
    if tag == DEFAULT:
        return NullTranslations()
    source = _folder().joinpath(tag.replace("-", "_"), "LC_MESSAGES", FILE)
    with source.open("rb") as file:
        # Only a catalog that knows its locale is compiled with the plural forms that its header tells.
        catalog = read_po(file, locale=tag.replace("-", "_"))
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return GNUTranslations(compiled)


@functools.cache
def available() -> tuple[str, ...]:
    """The languages of the interface, `DEFAULT` first: one is offered when its catalog is there."""
    return (DEFAULT, *sorted(_tags()))


def _tags() -> Iterator[str]:
    for folder in _folder().iterdir():
        if folder.joinpath("LC_MESSAGES", FILE).is_file():
            yield folder.name.replace("_", "-")


def _folder() -> Traversable:
    return resources.files(__package__).joinpath("locales")
