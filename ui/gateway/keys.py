"""API keys, widgets and quotas of a tenant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ui.api import Api
from ui.gateway.values import moment, path_to

_KEYS, _WIDGETS, _QUOTAS = "/v1/admin/keys", "/v1/admin/widgets", "/v1/admin/quotas"


@dataclass(frozen=True, slots=True)
class Credential:
    """A key or a widget. `prefix`: how it begins. `role` and `scopes` (none: all that the role may) are a key's, `origins` and `tag`, what is
    pasted into web pages, a widget's."""

    id: str
    name: str
    prefix: str
    state: str
    created_at: datetime | None
    expires_at: datetime | None
    last_used_at: datetime | None
    role: str = ""
    scopes: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    tag: str = ""

    @property
    def title(self) -> str:
        return self.name or f"{self.prefix}…"


@dataclass(frozen=True, slots=True)
class Limits:
    """In force; 0: none."""

    requests_per_minute: int
    tokens_per_day: int
    documents: int = 0
    megabytes: int = 0


@dataclass(frozen=True, slots=True)
class Quotas:
    """What the tenant as a whole, every account and key, and every visitor may use; `documents` and `bytes` that it holds. `own`: what administrators
    set, as it is sent back."""

    tenant: Limits
    principal: Limits
    visitor: Limits
    documents: int
    bytes: int
    own: Mapping[str, Any]


def keys(api: Api) -> tuple[Credential, ...]:
    return tuple(_credential(each) for each in api.get(_KEYS)["data"])


def create_key(api: Api, **form: Any) -> str:
    """The key itself."""
    return str(api.post(_KEYS, form)["key"])


def rotate_key(api: Api, key_id: str, overlap_hours: float) -> str:
    """The new key."""
    return str(api.post(f"{path_to(_KEYS, key_id)}/rotate", {"overlap_hours": overlap_hours})["key"])


def revoke_key(api: Api, key_id: str) -> None:
    api.delete(path_to(_KEYS, key_id))


def widgets(api: Api) -> tuple[Credential, ...]:
    return tuple(_credential(each) for each in api.get(_WIDGETS)["data"])


def create_widget(api: Api, name: str, origins: Sequence[str]) -> str:
    """What is pasted into the pages."""
    return str(api.post(_WIDGETS, {"name": name, "origins": list(origins)})["tag"])


def change_widget(api: Api, widget_id: str, name: str, origins: Sequence[str]) -> None:
    api.patch(path_to(_WIDGETS, widget_id), {"name": name, "origins": list(origins)})


def revoke_widget(api: Api, widget_id: str) -> None:
    api.delete(path_to(_WIDGETS, widget_id))


def quotas(api: Api) -> Quotas:
    return _quotas(api.get(_QUOTAS))


def change_quotas(api: Api, principal: Mapping[str, int | None], visitor: Mapping[str, int | None], own: Any) -> Quotas:
    """None: as the installation says; 0: no limit but the tenant's. What `own` has for single principals stays."""
    kept = {"principals": own.get("principals") or {}}
    return _quotas(api.put(_QUOTAS, {"principal": dict(principal), "visitor": dict(visitor), **kept}))


def _credential(told: Mapping[str, Any]) -> Credential:
    return Credential(
        id=str(told["id"]),
        name=str(told.get("name") or ""),
        prefix=str(told["prefix"]),
        state=str(told["state"]),
        created_at=moment(told.get("created_at")),
        expires_at=moment(told.get("expires_at")),
        last_used_at=moment(told.get("last_used_at")),
        role=str(told.get("role") or ""),
        scopes=tuple(told.get("scopes") or ()),
        groups=tuple(told.get("groups") or ()),
        origins=tuple(told.get("origins") or ()),
        tag=str(told.get("tag") or ""),
    )


def _quotas(told: Mapping[str, Any]) -> Quotas:
    force, holdings = told["in_force"], told["holdings"]
    whose = ("tenant", "principal", "visitor")
    tenant, principal, visitor = (
        Limits(**{name: int(force[each].get(name) or 0) for name in Limits.__dataclass_fields__}) for each in whose
    )
    return Quotas(tenant, principal, visitor, int(holdings["documents"]), int(holdings["bytes"]), told["set"])
