from __future__ import annotations

from serve.deps import Access
from vernacular.db.models import UserRow


def can_sign_in(access: Access) -> bool:
    """Whether the caller's tenant has people who sign in: with a password, or at a provider that the front end is a client of."""
    slug = access.principal.tenant.slug
    if any(provider.client_id and provider.serves(slug) for provider in access.services.settings.access.oidc):
        return True
    with access.read() as scope:
        wanted = scope.select(UserRow.id).where(UserRow.password_hash.is_not(None)).limit(1)
        return scope.execute(wanted).first() is not None
