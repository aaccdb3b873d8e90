"""API keys, and the tokens of widgets: 256 random bits for the caller, an HMAC-SHA256 of them in SQL.

The HMAC's secret, the pepper, lies in a file under `home` and not in the database, so that a stolen database opens nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from sqlalchemy import or_

from vernacular.access.principal import Principal, Role
from vernacular.access.scopes import IMPLIED, WIDGET, parse_scopes
from vernacular.db.models import ApiKeyRow
from vernacular.errors import Conflict, NotFound, Unauthorized
from vernacular.secret_files import secret_in
from vernacular.tenancy import Platform, Tenant, TenantScope

PEPPER_BYTES = 32
MAX_KEY_CHARS = 200
WIDGET_KIND = "widget"
_PREFIX_CHARS = 16


class KeyRing:
    """Makes and checks the keys of the installation whose data lie under `home`. Thread-safe."""

    def __init__(self, home: Path) -> None:
        self._pepper_path = home / "secrets" / "pepper"

    @cached_property
    def _pepper(self) -> bytes:
        return secret_in(self._pepper_path, lambda: secrets.token_bytes(PEPPER_BYTES))

    def digest(self, plaintext: str) -> str:
        return hmac.new(self._pepper, plaintext.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def cache_salt(self, tenant: Tenant) -> str:
        """What keeps this tenant's prompts apart in a model server's cache: the same at all times, and not to be guessed."""
        return self.digest(f"cache salt of {tenant.id}")

    def issue(
        self,
        scope: TenantScope,
        *,
        role: str,
        name: str = "",
        groups: Sequence[str] = (),
        expires_at: datetime | None = None,
        scopes: Sequence[str] = (),
        created_by: str = "",
    ) -> str:
        """The new key, which can be had this once only; its row is added to the scope's session. No `scopes`: not limited.

        Raises:
            BadRequest: there is no such role or scope.
        """
        row = ApiKeyRow(
            name=name,
            role=Role.named(role).name,
            groups=list(groups),
            scopes=list(parse_scopes(scopes)),
            expires_at=expires_at,
            created_by=created_by,
        )
        return self.add(scope, row)

    def add(self, scope: TenantScope, row: ApiKeyRow) -> str:
        """The new key for a row that has none yet; see `issue`."""
        kind = "wt" if row.kind == WIDGET_KIND else "vk"
        plaintext = f"{kind}_{scope.tenant.slug}_{secrets.token_urlsafe(32)}"
        row.prefix, row.digest = plaintext[:_PREFIX_CHARS], self.digest(plaintext)
        scope.add(row)
        scope.session.flush()
        return plaintext

    def find(self, scope: TenantScope, key: str) -> ApiKeyRow:
        """A key, given by its id or in full.

        Raises:
            NotFound: the tenant has no such key.
        """
        wanted = scope.select(ApiKeyRow).where(or_(ApiKeyRow.id == key, ApiKeyRow.digest == self.digest(key)))
        row: ApiKeyRow | None = scope.execute(wanted).scalar_one_or_none()
        if row is None:
            raise NotFound(
                "The tenant has no such key.", "`vernacular key list` shows the tenant's keys with their ids."
            )
        return row

    def revoke(self, scope: TenantScope, key: str) -> str:
        """Refuse a key, given by its id or in full, from now on, and return its id. Gateways follow within seconds.

        Raises:
            NotFound: the tenant has no such key.
        """
        row = self.find(scope, key)
        row.revoked_at = row.revoked_at or datetime.now(UTC)
        scope.session.flush()
        return row.id

    def rotate(
        self, scope: TenantScope, row: ApiKeyRow, overlap: timedelta, created_by: str = ""
    ) -> tuple[str, ApiKeyRow]:
        """A new key in the place of one, with the same rights and, if that expires, as long a life. The old one holds for
        `overlap` more, unless it ends before.

        Raises:
            Conflict: the key is revoked, expired, or has been replaced already.
        """
        now = datetime.now(UTC)
        replaced = scope.count(ApiKeyRow, ApiKeyRow.replaces == row.id, ApiKeyRow.revoked_at.is_(None))
        if row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now) or replaced:
            raise Conflict(
                "This key is revoked, expired or replaced already.", "Rotate the one that holds, or make a new one."
            )
        fresh = ApiKeyRow(
            name=row.name,
            role=row.role,
            groups=list(row.groups),
            kind=row.kind,
            scopes=list(row.scopes),
            origins=list(row.origins),
            assistant=row.assistant,
            replaces=row.id,
            created_by=created_by,
            expires_at=None if row.expires_at is None else now + (row.expires_at - row.created_at),
        )
        plaintext = self.add(scope, fresh)
        ends = now + overlap
        row.expires_at = ends if row.expires_at is None else min(row.expires_at, ends)
        scope.session.flush()
        return plaintext, fresh

    def authenticate(self, platform: Platform, plaintext: str) -> Principal:
        """
        Raises:
            Unauthorized: the key is unknown, revoked or expired, or its tenant is suspended; which, is not said.
        """
        found = platform.live_key(self.digest(plaintext)) if len(plaintext) <= MAX_KEY_CHARS else None
        if found is None:
            raise Unauthorized(
                "This API key is not valid: it is mistyped, revoked or expired.",
                "Check that it was copied whole, or ask for a new one (`vernacular key create`).",
            )
        row, tenant = found
        return principal_of(row, tenant)


def principal_of(row: ApiKeyRow, tenant: Tenant) -> Principal:
    widget = row.kind == WIDGET_KIND
    limited = frozenset(row.scopes) | IMPLIED if row.scopes else None
    return Principal(
        tenant,
        Role.public if widget else Role.named(row.role),
        tuple(row.groups),
        row.id,
        kind="widget" if widget else "key",
        name=row.name,
        scopes=WIDGET if widget else limited,
        origins=tuple(row.origins),
        assistant=row.assistant,
    )
