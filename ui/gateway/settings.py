"""How a tenant presents itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ui.api import Api
from vernacular.colours import HEX

PATH: Final = "/v1/admin/settings"


@dataclass(frozen=True, slots=True)
class Settings:
    """`contact` has any of name, phone, email, hours, uri, text. `color`: `#rrggbb`; "": none of its own. `logo`: it has one."""

    name: str
    display_name: str
    languages: tuple[str, ...]
    greeting: str
    suggested_questions: tuple[str, ...]
    contact: Mapping[str, str]
    register: str
    glossary: Mapping[str, str]
    color: str
    logo: bool


def settings(api: Api) -> Settings:
    return _settings(api.get(PATH))


def change_settings(api: Api, **fields: Any) -> Settings:
    """Those fields of the gateway's; the rest stays."""
    return _settings(api.patch(PATH, fields))


def put_logo(api: Api, data: bytes, media_type: str) -> None:
    api.put(f"{PATH}/logo", content=data, media_type=media_type)


def remove_logo(api: Api) -> None:
    api.delete(f"{PATH}/logo")


def _settings(body: Mapping[str, Any]) -> Settings:
    branding = body.get("branding") or {}
    color = str(branding.get("color") or "").lower()
    return Settings(
        name=str(body.get("name") or ""),
        display_name=str(body.get("display_name") or ""),
        languages=tuple(map(str, body.get("languages") or ())),
        greeting=str(body.get("greeting") or ""),
        suggested_questions=tuple(map(str, body.get("suggested_questions") or ())),
        contact={str(name): str(value) for name, value in (body.get("contact") or {}).items()},
        register=str(body.get("register") or ""),
        glossary={str(term): str(meaning) for term, meaning in (body.get("glossary") or {}).items()},
        color=color if HEX.fullmatch(color) else "",
        logo=bool(branding.get("logo")),
    )
