"""What a tenant's administrators set of how it presents itself, in the columns and the profile where the pipelines read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from serve.deps import Access
from serve.tenant_settings.schemas import REGISTERS, BrandingView, SettingsChange, SettingsView
from vernacular.branding import Branding, branding_of, with_branding
from vernacular.db.models import TenantRow
from vernacular.tenancy import Platform, Tenant

_PLAIN: Final = ("greeting", "suggested_questions", "glossary")


def show(access: Access) -> SettingsView:
    """As they are kept at this moment."""
    with access.read() as scope:
        return _view(Platform(scope.session).tenant(access.principal.tenant.slug))


def change(access: Access, asked: SettingsChange) -> SettingsView:
    given = sorted(asked.model_fields_set)
    with access.write() as scope:
        row = Platform(scope.session).tenant_row(access.principal.tenant.slug, lock=True)
        _apply(row, asked)
        scope.session.flush()
        fields = [name.rstrip("_") for name in given]
        access.record(scope, "settings.changed", facts={"section": "tenant", "fields": fields})
        view = _view(Tenant.of(row))
    access.services.keys.forget()
    return view


def _apply(row: TenantRow, asked: SettingsChange) -> None:
    if asked.display_name is not None:
        row.display_name = asked.display_name
    if asked.languages is not None:
        row.languages = list(dict.fromkeys(asked.languages))
    changes: dict[str, Any] = {name: getattr(asked, name) for name in _PLAIN}
    changes |= {"register": asked.register_, "contact": None if asked.contact is None else asked.contact.kept}
    given = {name: value for name, value in changes.items() if value is not None}
    profile = {name: value for name, value in {**row.profile, **given}.items() if name not in given or value}
    if asked.branding is not None:
        profile = with_branding(profile, Branding(asked.branding.color, branding_of(profile).logo))
    row.profile = profile


def _view(tenant: Tenant) -> SettingsView:
    profile, branding = tenant.profile, branding_of(tenant.profile)
    questions, glossary = profile.get("suggested_questions"), profile.get("glossary")
    register = profile.get("register")
    return SettingsView(
        name=tenant.slug,
        display_name=tenant.display_name or tenant.slug,
        languages=list(tenant.languages),
        greeting=str(profile.get("greeting") or ""),
        suggested_questions=[str(each) for each in questions] if isinstance(questions, list) else [],
        contact=_contact(profile.get("contact")),
        register=register if register in REGISTERS else "",
        glossary={str(term): str(meaning or "") for term, meaning in glossary.items()}
        if isinstance(glossary, Mapping)
        else {},
        branding=BrandingView(color=branding.color, logo=branding.logo is not None),
    )


def _contact(kept: Any) -> dict[str, Any]:
    if isinstance(kept, Mapping):
        return {str(name): str(value) for name, value in kept.items() if value}
    return {"text": str(kept)} if kept else {}
