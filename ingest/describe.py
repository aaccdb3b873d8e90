"""YAML front matter, sidecar files and records: one reading of the fields that describe a document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from ingest.clean import sanitise
from vernacular.errors import InvalidRecord

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_NAMED = (
    "title",
    "id",
    "uri",
    "language",
    "groups",
    "valid_from",
    "valid_until",
    "metadata",
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8})*\Z")
_ACTIVE = re.compile(
    r"(?:javascript|vbscript|data|blob|filesystem|livescript|mocha|view-source)(?::|%3a|&)", re.IGNORECASE
)
_IGNORED = re.compile(r"[\x00-\x20\x7f-\xa0\xad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]+")
MAX_ID = 512
_MAX_LANGUAGE = 35
_MAX_FRONT = 20_000
_MAX_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Description:
    """What a document says about itself besides its text. None and empty: nothing said."""

    id: str | None = None
    title: str = ""
    uri: str | None = None
    language: str | None = None
    groups: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


def describe(fields: Mapping[str, Any]) -> Description:
    """Reads the named fields, null as absent; every other field becomes metadata.

    Raises InvalidRecord naming the field that cannot be understood.
    """
    metadata = fields.get("metadata")
    if metadata is None:
        metadata = {}
    elif not isinstance(metadata, Mapping):
        raise _refused("metadata", metadata, "an object")
    others = {str(key): value for key, value in fields.items() if key not in _NAMED and value is not None}
    valid_from, valid_until = _day("valid_from", fields), _day("valid_until", fields)
    if valid_from and valid_until and valid_until < valid_from:
        raise InvalidRecord(
            f"`valid_until` ({valid_until}) is before `valid_from` ({valid_from}).",
            "Swap or correct them.",
        )
    return Description(
        id=_id(fields),
        title=(_string("title", fields, numbers=True) or "").strip(),
        uri=_uri(fields),
        language=_language(fields),
        groups=_groups(fields),
        valid_from=valid_from,
        valid_until=valid_until,
        metadata=_plain({**others, **metadata}) if others or metadata else {},
    )


def split_front_matter(text: str) -> tuple[Description, str]:
    """The description in a leading `---` block and the text after it; a block that is no YAML mapping stays text."""
    match = _FRONT.match(text) if text.startswith("---") else None
    if match is None or len(match[1]) > _MAX_FRONT:
        return Description(), text
    import yaml  # noqa: PLC0415 - most files have no front matter, and the import costs more than reading them

    try:
        # An alias can be expanded into gigabytes; front matter has no use for one.
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(match[1])):
            return Description(), text
        fields = yaml.safe_load(match[1])
    except (yaml.YAMLError, ValueError, RecursionError):
        return Description(), text
    if not isinstance(fields, dict):
        return Description(), text
    return describe({str(key): value for key, value in fields.items()}), text[match.end() :].lstrip("\n")


def _refused(name: str, value: object, wanted: str) -> InvalidRecord:
    shown = repr(value)
    return InvalidRecord(
        f"`{name}` must be {wanted}, not {shown[:60]}.",
        f"Correct `{name}` or leave it out.",
    )


def _string(name: str, fields: Mapping[str, Any], *, numbers: bool = False) -> str | None:
    value = fields.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return sanitise(value)
    if numbers and isinstance(value, int | float | date) and not isinstance(value, bool):
        return str(value)
    raise _refused(name, value, "a string")


def _uri(fields: Mapping[str, Any]) -> str | None:
    uri = _string("uri", fields)
    if uri is None:
        return None
    # Browsers leave out white space and controls wherever they stand in a scheme.
    if _ACTIVE.match(_IGNORED.sub("", uri)):
        raise _refused("uri", uri, "the address of something to read: this one would run code")
    return uri.strip()


def _id(fields: Mapping[str, Any]) -> str | None:
    found = _string("id", fields, numbers=True)
    if found is not None and len(found) > MAX_ID:
        raise InvalidRecord(f"The `id` is longer than {MAX_ID} characters.", "Use a shorter one.")
    return found


def _language(fields: Mapping[str, Any]) -> str | None:
    value = fields.get("language")
    if value is False:  # `language: no` (Norwegian) is a boolean in YAML 1.1
        return "no"
    tag = _string("language", fields)
    if tag is not None and (len(tag) > _MAX_LANGUAGE or not _LANGUAGE.match(tag)):
        raise _refused("language", tag, "a BCP 47 tag such as `zh-Hant`")
    return tag.replace("_", "-") if tag else None


def _groups(fields: Mapping[str, Any]) -> tuple[str, ...]:
    value = fields.get("groups")
    if value is None:
        return ()
    if isinstance(value, str):
        value = [value]
    # An unreadable group must never widen who may read: refuse rather than skip it.
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) and each.strip() for each in value):
        raise _refused("groups", value, "a list of group names")
    return tuple(dict.fromkeys(sanitise(each).strip() for each in value))


def _day(name: str, fields: Mapping[str, Any]) -> date | None:
    value = fields.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value.strip()).date()
        except ValueError:
            pass
    raise _refused(name, value, "a day such as 2026-01-31")


def _plain(value: Any, depth: int = 0) -> Any:
    """The value as JSON can hold it: dates as ISO strings, keys as strings, texts sanitised."""
    if isinstance(value, str):
        return sanitise(value)
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return str(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth >= _MAX_DEPTH:
        return sanitise(str(value))[:1000]
    if isinstance(value, Mapping):
        return {sanitise(str(key)): _plain(each, depth + 1) for key, each in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(each, depth + 1) for each in value]
    return value.isoformat() if isinstance(value, date | datetime) else sanitise(str(value))
