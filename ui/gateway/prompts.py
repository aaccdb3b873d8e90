"""The texts that a tenant's assistants are given, in versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ui.api import Api
from ui.gateway.values import path_to, readable

PATH: Final = "/v1/admin/prompts"


@dataclass(frozen=True, slots=True)
class Version:
    """`author` is empty where nobody knows who it was."""

    number: int
    text: str
    note: str
    active: bool
    author: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Prompt:
    """`versions`: the newest first. `older`: what to ask for those before them with; None: there are none."""

    name: str
    active: int | None
    max_chars: int
    versions: tuple[Version, ...]
    older: int | None

    @property
    def text(self) -> str:
        """What is in force, as far as it is among these versions; empty: nothing."""
        return next((each.text for each in self.versions if each.active), "")

    def find(self, number: int) -> Version | None:
        return next((each for each in self.versions if each.number == number), None)


def prompt(api: Api, name: str, before: int | None = None) -> Prompt:
    return _prompt(name, api.get(path_to(PATH, name), before=before))


def save_version(api: Api, name: str, text: str, note: str, *, activate: bool) -> Version:
    return _version(api.post(path_to(PATH, name), {"text": text, "note": note, "activate": activate}))


def activate(api: Api, name: str, version: int | None) -> None:
    """None: none of them."""
    api.put(f"{path_to(PATH, name)}/active", {"version": version})


def _prompt(name: str, body: Mapping[str, Any]) -> Prompt:
    active, older = body.get("active"), body.get("older")
    return Prompt(
        name=name,
        active=active if isinstance(active, int) else None,
        max_chars=int(body.get("max_chars") or 0),
        versions=tuple(map(_version, body.get("versions") or ())),
        older=older if isinstance(older, int) else None,
    )


def _version(body: Mapping[str, Any]) -> Version:
    with readable():
        return Version(
            number=int(body["version"]),
            text=str(body["text"]),
            note=str(body.get("note") or ""),
            active=bool(body.get("active")),
            author=str(body.get("author") or ""),
            created_at=datetime.fromisoformat(str(body["created_at"])),
        )
