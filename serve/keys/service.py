"""API keys of the caller's tenant, and the tokens of its widgets."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, Literal

from serve.deps import Access
from serve.keys.schemas import KeyForm, KeyView, WidgetChange, WidgetForm, WidgetView
from serve.models.service import check_model
from serve.widget.service import tag
from vernacular.access import grants
from vernacular.access.keys import WIDGET_KIND
from vernacular.access.names import origin_of
from vernacular.access.scopes import parse_scopes
from vernacular.db.base import now
from vernacular.db.models import ApiKeyRow
from vernacular.errors import BadRequest, NotFound
from vernacular.tenancy import TenantScope

KEY: Final = "key"
Row = ApiKeyRow


def show_all(access: Access, kind: str) -> list[Row]:
    """The newest first, those that no longer hold among them."""
    with access.read() as scope:
        wanted = scope.select(Row).where(Row.kind == kind).order_by(Row.created_at.desc(), Row.id)
        return list(scope.execute(wanted).scalars())


def create_key(access: Access, asked: KeyForm) -> tuple[str, Row]:
    """
    Raises:
        BadRequest: there is no such scope, or the end lies in the past.
        Forbidden: the role or a scope is not the caller's to give.
    """
    grants.check_role(access.principal, asked.role)
    grants.check_scopes(access.principal, asked.scopes)
    _check_end(asked.expires_at)
    row = ApiKeyRow(
        name=asked.name,
        role=asked.role,
        groups=list(dict.fromkeys(asked.groups)),
        scopes=list(parse_scopes(asked.scopes)),
        expires_at=asked.expires_at,
        created_by=_creator(access),
    )
    return _add(access, row, "key.created")


def create_widget(access: Access, asked: WidgetForm) -> tuple[str, Row]:
    """
    Raises:
        BadRequest: an origin is none, there is no such assistant, or the end lies in the past.
    """
    _check_end(asked.expires_at)
    row = ApiKeyRow(
        name=asked.name,
        role="public",
        kind=WIDGET_KIND,
        origins=_origins(asked.origins),
        assistant=_assistant(asked.assistant),
        expires_at=asked.expires_at,
        created_by=_creator(access),
    )
    return _add(access, row, "widget.created")


def change_widget(access: Access, widget: str, asked: WidgetChange) -> Row:
    """
    Raises:
        NotFound: there is no such widget.
        BadRequest: an origin is none, or there is no such assistant.
    """
    given = asked.model_fields_set
    with access.write() as scope:
        row = _find(access, scope, widget, WIDGET_KIND)
        if asked.name is not None:
            row.name = asked.name
        if asked.origins is not None:
            row.origins = _origins(asked.origins)
        if "assistant" in given:
            row.assistant = _assistant(asked.assistant)
        scope.session.flush()
        access.record(scope, "widget.changed", facts={**_facts(row), "fields": sorted(given)})
    access.services.keys.forget()
    return row


def rotate(access: Access, key: str, kind: str, overlap_hours: float) -> tuple[str, Row]:
    """
    Raises:
        NotFound: there is no such key.
        Conflict: it no longer holds, or has been replaced already.
        Forbidden: its role or a scope is not the caller's to give.
    """
    with access.write() as scope:
        row = _find(access, scope, key, kind)
        if kind == KEY:
            grants.check_role(access.principal, row.role)
            grants.check_scopes(access.principal, row.scopes)
        overlap = timedelta(hours=overlap_hours)
        plaintext, fresh = access.services.keys.ring.rotate(scope, row, overlap, _creator(access))
        facts = {**_facts(fresh), "replaces": row.id, "old_ends": _text(row.expires_at)}
        access.record(scope, f"{kind}.rotated", facts=facts)
    access.services.keys.forget()
    return plaintext, fresh


def revoke(access: Access, key: str, kind: str) -> str:
    """
    Raises:
        NotFound: there is no such key.
    """
    with access.write() as scope:
        row = _find(access, scope, key, kind)
        row.revoked_at = row.revoked_at or now()
        scope.session.flush()
        access.record(scope, f"{kind}.revoked", facts=_facts(row))
    access.services.keys.forget()
    return row.id


def key_view(row: Row) -> KeyView:
    return KeyView(**_credential(row), role=row.role, groups=row.groups, scopes=row.scopes)


def widget_view(row: Row, address: str) -> WidgetView:
    """`address`: of the gateway, as browsers know it."""
    return WidgetView(**_credential(row), origins=row.origins, assistant=row.assistant, tag=tag(row.id, address))


def _credential(row: Row) -> dict[str, Any]:
    told = ("id", "name", "prefix", "replaces", "created_by", "created_at", "expires_at", "last_used_at")
    return {"state": _state(row), **{name: getattr(row, name) for name in told}}


def _add(access: Access, row: Row, event: str) -> tuple[str, Row]:
    with access.write() as scope:
        plaintext = access.services.keys.ring.add(scope, row)
        access.record(scope, event, facts=_facts(row))
    access.services.keys.forget()
    return plaintext, row


def _find(access: Access, scope: TenantScope, key: str, kind: str) -> Row:
    row = access.services.keys.ring.find(scope, key)
    if row.kind != kind:
        raise NotFound(f"The tenant has no such {kind}.")
    return row


def _facts(row: Row) -> dict[str, Any]:
    facts: dict[str, Any] = {"key": row.id, "expires_at": _text(row.expires_at)}
    if row.kind == WIDGET_KIND:
        return {**facts, "origins": row.origins, "assistant": row.assistant}
    return {**facts, "role": row.role, "groups": row.groups, "scopes": row.scopes}


def _creator(access: Access) -> str:
    return f"{access.principal.kind}:{access.principal.id}"


def _origins(given: list[str]) -> list[str]:
    return list(dict.fromkeys(map(origin_of, given)))


def _assistant(name: str | None) -> str | None:
    return None if name is None else check_model(name)


def _check_end(moment: datetime | None) -> None:
    if moment is not None and moment <= now():
        raise BadRequest("`expires_at` lies in the past.", "Give a later moment, or none.")


def _state(row: Row) -> Literal["active", "expired", "revoked"]:
    if row.revoked_at is not None:
        return "revoked"
    return "expired" if row.expires_at is not None and row.expires_at <= now() else "active"


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
