"""The demo's tenants: their profiles, and an account to look at all pages with."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vernacular.access import passwords, users
from vernacular.db.models import TenantRow
from vernacular.db.session import Database
from vernacular.errors import NoSuchPath, UnknownTenant
from vernacular.secret_files import secret_in
from vernacular.settings import Settings
from vernacular.tenancy import Platform, Tenant, TenantScope

PERSON: Final = "demo"
"""The name of the account, an administrator of each tenant."""
_COLUMNS: Final = ("display_name", "languages", "dialects")
_SHOWN: Final = ("contact", "greeting", "suggested_questions")
_GIVEN: Final = "demo_given"


@dataclass(frozen=True, slots=True)
class Example:
    """A tenant of the examples: what its `tenant.json` says, and where its documents lie."""

    profile: dict[str, Any]
    documents: Path

    @property
    def slug(self) -> str:
        return str(self.profile["name"])

    def signature(self) -> str:
        """Changes whenever a document does: unchanged examples are not read again."""
        files = sorted(path for path in self.documents.rglob("*") if path.is_file())
        told = [(path.name, path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()) for path in files]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def read_examples(folder: Path) -> list[Example]:
    """
    Raises:
        NoSuchPath: the folder holds no example tenant.
    """
    found = [
        Example(json.loads(path.read_text(encoding="utf-8")), path.parent / "documents")
        for path in sorted(folder.glob("*/tenant.json"))
    ]
    if not found:
        raise NoSuchPath(
            f"There are no example tenants in {folder}.", "Give the folder of a checkout: --examples PATH."
        )
    return found


def ensure_tenant(database: Database, example: Example) -> Tenant:
    """The example's tenant, made or brought up to date. What somebody changed in it since stays as it is."""
    told = example.profile
    shown: dict[str, Any] = {key: told[key] for key in _SHOWN if key in told}
    columns: dict[str, Any] = {key: told[key] for key in _COLUMNS}
    with database.write() as session:
        platform = Platform(session)
        try:
            row = platform.tenant_row(example.slug)
        except UnknownTenant:
            row = TenantRow(slug=example.slug, profile={})
            platform.create_tenant(row)
        before = row.profile.get(_GIVEN, {})
        for key, value in columns.items():
            if not getattr(row, key) or getattr(row, key) == before.get(key):
                setattr(row, key, value)
        fresh = {key: value for key, value in shown.items() if row.profile.get(key) == before.get(key)}
        row.profile = {**row.profile, **fresh, _GIVEN: {**columns, **shown}}
        session.flush()
        return Tenant.of(row)


def ensure_people(settings: Settings, database: Database, tenants: list[Tenant]) -> str:
    """An administrator's account in each tenant, with one random password, which is told; it is the same the next time."""
    password = secret_in(settings.home / "secrets" / "demo-password", _random).decode()
    hashed, own = "", False
    for tenant in tenants:
        with database.write() as session:
            scope = TenantScope(session, tenant)
            row = users.by_name(scope, PERSON)
            if row is None:
                hashed = hashed or passwords.hash_password(password)
                users.create(scope, username=PERSON, role="admin", password_hash=hashed)
            else:
                own = own or not passwords.verify(row.password_hash, password)
    return f"password {password}" + (" (or the one that you chose)" if own else "")


def _random() -> bytes:
    return passwords.random_password().encode()
