"""The assistants a tenant's people can talk to: for now the one that every tenant has."""

from __future__ import annotations

from vernacular.errors import UnknownModel

DEFAULT_ASSISTANT = "default"


def assistants() -> list[str]:
    return [DEFAULT_ASSISTANT]


def check_model(name: str) -> str:
    """
    Raises:
        UnknownModel: no assistant has that name.
    """
    if name not in assistants():
        raise UnknownModel(f"There is no model named {name[:80]!r}.")
    return name
