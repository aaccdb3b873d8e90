from __future__ import annotations

from serve.deps import Access
from serve.retention.schemas import TermsChange
from vernacular.retention import terms_of, with_terms
from vernacular.tenancy import Platform, Tenant


def show(access: Access) -> dict[str, int]:
    """In the shape of `TermsView`, as they are kept at this moment."""
    with access.read() as scope:
        tenant = Platform(scope.session).tenant(access.principal.tenant.slug)
    return terms_of(tenant, access.services.settings).described()


def change(access: Access, asked: TermsChange) -> dict[str, int]:
    """
    Raises:
        BadRequest: the audit log is to be kept for less than the law asks for.
    """
    with access.write() as scope:
        row = Platform(scope.session).tenant_row(access.principal.tenant.slug, lock=True)
        row.profile = with_terms(row.profile, **asked.model_dump())
        scope.session.flush()
        found = terms_of(Tenant.of(row), access.services.settings).described()
        access.record(scope, "settings.changed", facts={"section": "retention", **found})
    access.services.keys.forget()
    return found
