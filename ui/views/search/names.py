"""What people call the fields and values of documents."""

from __future__ import annotations

from typing import Final

from babel import Locale, UnknownLocaleError

from ui.i18n import N_, Strings
from ui.i18n.formats import Formats
from ui.views.search.wish import METADATA

_FIELDS: Final = {
    "source": N_("Source"),
    "type": N_("Type"),
    "language": N_("Language"),
    "updated": N_("Date"),
    "metadata.tags": N_("Tags"),
    "metadata.tag": N_("Tags"),
    "metadata.price": N_("Price"),
    "metadata.category": N_("Category"),
    "metadata.brand": N_("Brand"),
    "metadata.author": N_("Author"),
    "metadata.color": N_("Colour"),
    "metadata.colour": N_("Colour"),
}
_TYPES: Final = {
    "application/pdf": N_("PDF"),
    "text/html": N_("Web page"),
    "application/xhtml+xml": N_("Web page"),
    "text/plain": N_("Text"),
    "text/markdown": N_("Text"),
    "text/csv": N_("Record"),
    "application/json": N_("Record"),
    "message/rfc822": N_("E-mail"),
    "application/epub+zip": N_("E-book"),
}
_TYPE_PARTS: Final = (
    ("wordprocessing", N_("Word document")),
    ("msword", N_("Word document")),
    ("opendocument.text", N_("Word document")),
    ("spreadsheet", N_("Spreadsheet")),
    ("ms-excel", N_("Spreadsheet")),
    ("presentation", N_("Slides")),
    ("ms-powerpoint", N_("Slides")),
    ("image/", N_("Image")),
)
SORT_NAMES: Final = {
    "relevance": N_("Best match first"),
    "newest": N_("Newest first"),
    "oldest": N_("Oldest first"),
}
_CHANGES: Final = {
    "added": N_("New"),
    "changed": N_("Changed"),
    "in_force": N_("Now in force"),
    "expired": N_("No longer in force"),
}


def field_name(field: str, strings: Strings) -> str:
    known = _FIELDS.get(field.lower())
    return strings.text(known) if known else field.removeprefix(METADATA).replace("_", " ").strip().capitalize()


def change_name(kind: str, strings: Strings) -> str:
    return strings.text(_CHANGES[kind]) if kind in _CHANGES else kind


def type_name(media_type: str, strings: Strings) -> str:
    known = _TYPES.get(media_type) or next((name for part, name in _TYPE_PARTS if part in media_type), "")
    return strings.text(known) if known else media_type.rpartition("/")[2]


def tongue_name(tag: str, formats: Formats) -> str:
    """The name of a language in the language of the page; the tag where it has none."""
    try:
        return Locale.parse(tag, sep="-").get_display_name(formats.locale) or tag
    except (ValueError, UnknownLocaleError):
        return tag


def value_name(field: str, value: str | bool, strings: Strings, formats: Formats) -> str:
    if isinstance(value, bool):
        return strings.text("Yes") if value else strings.text("No")
    if field == "type":
        return type_name(value, strings)
    return tongue_name(value, formats) if field == "language" else value
