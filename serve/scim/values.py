"""What clients send as values: what SCIM says they are, and the forms that Entra ID and others give them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from serve.scim.errors import InvalidValue


def field_of(resource: Mapping[str, Any], name: str) -> Any:
    """The attribute of that name in any case; None: it is not there."""
    if name in resource:
        return resource[name]
    return next((value for key, value in resource.items() if key.lower() == name.lower()), None)


def text_of(value: Any, name: str) -> str:
    """A text; None is the empty one, and a list or object of one value is that value.

    Raises:
        InvalidValue: it is something else.
    """
    if isinstance(value, list):
        value = value[0] if len(value) == 1 else value or None
    if isinstance(value, Mapping):
        value = field_of(value, "value")
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidValue(f"{name} must be a text.")
    return value.strip()


def truth_of(value: Any, name: str) -> bool:
    """True or false, also as the text that Entra ID sends.

    Raises:
        InvalidValue: it is neither.
    """
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, Mapping):
        value = field_of(value, "value")
    if isinstance(value, bool):
        return value
    known = {"true": True, "false": False}
    if not isinstance(value, str) or value.strip().lower() not in known:
        raise InvalidValue(f"{name} must be true or false.")
    return known[value.strip().lower()]


def chosen_of(value: Any, name: str, kind: str = "") -> str:
    """Of a list of values the primary one, else that of type `kind`, else the first; "" for none.

    Raises:
        InvalidValue: it is no list of values.
    """
    if value is None or isinstance(value, str):
        return (value or "").strip()
    entries = [entry if isinstance(entry, Mapping) else {"value": entry} for entry in _listed(value)]
    if not entries:
        return ""

    def rank(entry: Mapping[str, Any]) -> tuple[bool, bool]:
        primary, found = field_of(entry, "primary"), field_of(entry, "type")
        return str(primary).lower() != "true", not kind or str(found).lower() != kind

    return text_of(field_of(min(entries, key=rank), "value"), name)


def ids_of(value: Any, name: str) -> list[str]:
    """The `value`s of a list of references, or of a single one, each once.

    Raises:
        InvalidValue: one of them has none, or is not an account.
    """
    found: dict[str, None] = {}
    for entry in _listed(value):
        reference = field_of(entry, "value") if isinstance(entry, Mapping) else entry
        kind = field_of(entry, "type") if isinstance(entry, Mapping) else None
        if not isinstance(reference, str) or not reference.strip():
            raise InvalidValue(f"{name} must be a list of objects with a `value` each.")
        if isinstance(kind, str) and kind.lower() == "group":
            raise InvalidValue("A group cannot be a member of a group.", "Send the people in it.")
        found[reference.strip()] = None
    return list(found)


def _listed(value: Any) -> Iterator[Any]:
    if value is None:
        return
    if isinstance(value, list):
        yield from value
    else:
        yield value
