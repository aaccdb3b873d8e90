"""PATCH (RFC 7644, 3.5.2): what is to be done, one attribute at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from serve.scim.errors import InvalidSyntax, InvalidValue, NoTarget
from serve.scim.filters import Path, parse_path
from serve.scim.values import field_of

PATCH: Final = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
MOST_OPERATIONS: Final = 1000
READ_ONLY: Final = frozenset({"id", "meta", "groups"})
_CORE: Final = "urn:ietf:params:scim:schemas:core:2.0:"


@dataclass(frozen=True, slots=True)
class Operation:
    """`kind`: add, replace or remove."""

    kind: str
    path: Path
    value: Any = None


def operations_of(body: Mapping[str, Any]) -> list[Operation]:
    """The operations in order; one without a path, whose value names the attributes, is as many as it names.

    Entra ID writes `Replace` for `replace`, and paths as the names in such a value.

    Raises:
        InvalidSyntax, InvalidValue, InvalidPath, NoTarget: they are not what PATCH takes.
    """
    listed = field_of(body, "Operations")
    if not isinstance(listed, list) or not listed:
        raise InvalidSyntax("A PATCH has a list of `Operations`.")
    if len(listed) > MOST_OPERATIONS:
        raise InvalidValue(f"A PATCH has at most {MOST_OPERATIONS} operations.", "Send it in parts.")
    return [operation for entry in listed for operation in _operations(entry)]


def assignments_of(resource: Mapping[str, Any]) -> list[Operation]:
    """A whole resource, as it is sent to be made or to replace another, as operations; what is the server's own is passed over."""
    return [found for found in _assignments("replace", resource) if found.path.attribute not in READ_ONLY]


def _operations(entry: Any) -> Iterator[Operation]:
    if not isinstance(entry, Mapping):
        raise InvalidSyntax("Each of the `Operations` is an object with `op`, `path` and `value`.")
    kind, path, value = (field_of(entry, name) for name in ("op", "path", "value"))
    kind = kind.lower() if isinstance(kind, str) else ""
    if kind not in ("add", "replace", "remove"):
        raise InvalidSyntax("The `op` of an operation is add, replace or remove.")
    if path is not None and not isinstance(path, str):
        raise InvalidSyntax("The `path` of an operation is a text.")
    if path:
        yield Operation(kind, parse_path(path), value)
    elif kind == "remove":
        raise NoTarget("What is to be removed is not said.", "Name it in `path`.")
    elif not isinstance(value, Mapping):
        raise InvalidValue("An operation without a path has an object as its value.")
    else:
        yield from _assignments(kind, value)


def _assignments(kind: str, values: Mapping[str, Any]) -> Iterator[Operation]:
    for name, value in values.items():
        if name.lower() == "schemas":
            continue
        if name.lower().startswith("urn:") and isinstance(value, Mapping):
            if name.startswith(_CORE):
                yield from _assignments(kind, value)
            continue  # a schema that is not kept here
        yield Operation(kind, parse_path(name), value)
