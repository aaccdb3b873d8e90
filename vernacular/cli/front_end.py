"""The public keys with which the front end of this home speaks for its tenants."""

from __future__ import annotations

import fcntl
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from vernacular.access.keys import KeyRing
from vernacular.db.models import ApiKeyRow
from vernacular.db.session import Database
from vernacular.settings import Settings
from vernacular.tenancy import Tenant, TenantScope

FRONT_END_KEY = "front end"


def give_public_key(settings: Settings, database: Database, tenant: Tenant) -> None:
    """Let the front end serve the tenant's chat page: a new public key, in a file that only this user can read."""
    key = fresh_key(settings, database, tenant, FRONT_END_KEY, "public")
    with _kept_keys(settings) as keys:
        keys[tenant.slug] = key


def forget_public_key(settings: Settings, tenant: Tenant) -> None:
    with _kept_keys(settings) as keys:
        keys.pop(tenant.slug, None)


def fresh_key(settings: Settings, database: Database, tenant: Tenant, name: str, role: str) -> str:
    """A new random key; the tenant's earlier one of that name stops working."""
    with database.write() as session:
        scope = TenantScope(session, tenant)
        earlier = scope.update(ApiKeyRow).where(ApiKeyRow.name == name, ApiKeyRow.revoked_at.is_(None))
        scope.execute(earlier.values(revoked_at=datetime.now(UTC)))
        return KeyRing(settings.home).issue(scope, role=role, name=name)


@contextmanager
def _kept_keys(settings: Settings) -> Iterator[dict[str, str]]:
    """The keys by tenant, written back on leaving; commands that run at once take turns."""
    path = settings.home / "ui-keys.json"
    with path.with_suffix(".lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        keys: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        yield keys
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(keys), encoding="utf-8")
        draft.replace(path)
