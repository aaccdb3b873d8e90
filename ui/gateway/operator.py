"""Tenants as the platform's operator sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ui.api import Api
from ui.gateway.values import path_to, readable

PATH: Final = "/v1/admin/tenants"


@dataclass(frozen=True, slots=True)
class TenantLine:
    name: str
    display_name: str
    languages: tuple[str, ...]
    suspended: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewTenant:
    """What opens it, told this once only."""

    name: str
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class TenantUsage:
    tenant: str
    requests: int
    refused: int
    tokens: int


def tenants(api: Api) -> tuple[TenantLine, ...]:
    return tuple(_line(body) for body in api.get(PATH).get("data") or ())


def create_tenant(api: Api, name: str, display_name: str, languages: Sequence[str], admin: str) -> NewTenant:
    asked = {"name": name, "display_name": display_name, "languages": list(languages), "admin": admin}
    made = api.post(PATH, asked).get("admin") or {}
    return NewTenant(name, str(made.get("username") or admin), str(made.get("password") or ""))


def suspend_tenant(api: Api, name: str, *, suspended: bool) -> None:
    api.patch(path_to(PATH, name), {"suspended": suspended})


def delete_tenant(api: Api, name: str) -> None:
    api.delete(path_to(PATH, name))


def usage(api: Api) -> tuple[TenantUsage, ...]:
    """Of the last 30 days."""
    return tuple(
        TenantUsage(
            tenant=str(body.get("tenant") or ""),
            requests=int(body.get("requests") or 0),
            refused=int(body.get("refused") or 0),
            tokens=int(body.get("total_tokens") or 0),
        )
        for body in api.get("/v1/admin/usage").get("data") or ()
    )


def _line(body: Mapping[str, Any]) -> TenantLine:
    with readable():
        return TenantLine(
            name=str(body["name"]),
            display_name=str(body.get("display_name") or body["name"]),
            languages=tuple(map(str, body.get("languages") or ())),
            suspended=body.get("suspended_at") is not None,
            created_at=datetime.fromisoformat(str(body["created_at"])),
        )
