"""API keys: 256 random bits for the caller, an HMAC-SHA256 of them in SQL.

The HMAC's secret, the pepper, lies in a file under `home` and not in the database, so that a stolen database opens nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from sqlalchemy import or_

from vernacular.access.principal import Principal, Role
from vernacular.db.models import ApiKeyRow
from vernacular.errors import NotFound, Unauthorized
from vernacular.tenancy import Platform, Tenant, TenantScope

PEPPER_BYTES = 32
MAX_KEY_CHARS = 200
_PREFIX_CHARS = 16


class KeyRing:
    """Makes and checks the keys of the installation whose data lie under `home`. Thread-safe."""

    def __init__(self, home: Path) -> None:
        self._pepper_path = home / "secrets" / "pepper"

    @cached_property
    def _pepper(self) -> bytes:
        """Made at random on first use; processes that race for it all read the same one."""
        path = self._pepper_path
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _create_once(path, secrets.token_bytes(PEPPER_BYTES))
        return path.read_bytes()

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
    ) -> str:
        """The new key, which can be had this once only; its row is added to the scope's session.

        Raises:
            BadRequest: there is no such role.
        """
        plaintext = f"vk_{scope.tenant.slug}_{secrets.token_urlsafe(32)}"
        row = ApiKeyRow(
            name=name,
            role=Role.named(role).name,
            groups=list(groups),
            prefix=plaintext[:_PREFIX_CHARS],
            digest=self.digest(plaintext),
            expires_at=expires_at,
        )
        scope.add(row)
        scope.session.flush()
        return plaintext

    def revoke(self, scope: TenantScope, key: str) -> str:
        """Refuse a key, given by its id or in full, from now on, and return its id. Gateways follow within seconds.

        Raises:
            NotFound: the tenant has no such key.
        """
        wanted = scope.select(ApiKeyRow).where(or_(ApiKeyRow.id == key, ApiKeyRow.digest == self.digest(key)))
        row: ApiKeyRow | None = scope.execute(wanted).scalar_one_or_none()
        if row is None:
            raise NotFound(
                "The tenant has no such key.", "`vernacular tenant show NAME` lists the tenant's keys with their ids."
            )
        row.revoked_at = row.revoked_at or datetime.now(UTC)
        scope.session.flush()
        return row.id

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
        return Principal(tenant, Role.named(row.role), tuple(row.groups), row.id)


def _create_once(path: Path, content: bytes) -> None:
    """Write the file whole or not at all; whoever comes second leaves the first one's in place."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
