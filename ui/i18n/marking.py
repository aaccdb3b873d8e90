"""Marks texts that are translated later than where they stand."""

from __future__ import annotations


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for it, which extraction looks for
    """The text itself. It is put into the catalogs; `Strings.text` translates it when it is shown."""
    return text
