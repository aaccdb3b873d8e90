"""What a tenant holds of people: accounts, groups, keys, widgets, an audit log. Planted and marked, like the rest."""

from __future__ import annotations

from typing import Final

from tests.isolation.world import ADMIN, NOBODY, Things, World
from vernacular.access import groups, users
from vernacular.access.keys import WIDGET_KIND
from vernacular.access.passwords import hash_password
from vernacular.audit.events import Actor, Event
from vernacular.db.base import now
from vernacular.db.models import ApiKeyRow, UsageRow, UserRow
from vernacular.tenancy import TenantScope

CLERK, PASSWORD = "clerk", "a lamp beside seven rivers"
"""An account whose name and password are known to whoever asks for it here."""
PARTS: Final = ("user", "group", "key", "widget")


def plant_people(world: World, slug: str) -> None:
    gateway, things = world.gateway, world.things[slug]
    with gateway.services.database.write() as session:
        scope = TenantScope(session, gateway.tenants[slug])
        user = _plant_user(world, slug, scope, things)
        _plant_group(world, slug, scope, things, user)
        _plant_keys(world, slug, scope, things)
        users.create(scope, username=CLERK, password_hash=hash_password(PASSWORD))
        principal = world.mark(slug, "usage's principal", ADMIN)
        scope.add(UsageRow(day=now().date(), principal=principal, kind="key", requests=1))
    for number in range(2):
        _log(world, slug, user.id, number)
        gateway.services.audit.checkpoint(gateway.tenants[slug])


def _plant_user(world: World, slug: str, scope: TenantScope, things: Things) -> UserRow:
    user = users.create(
        scope,
        username=world.mark(slug, "user name", ADMIN),
        display_name=world.mark(slug, "display name", ADMIN),
        email=f"{world.mark(slug, 'email address', ADMIN)}@example.org",
        password_hash=world.mark(slug, "password hash", NOBODY),
        external_id=world.mark(slug, "external id", ADMIN),
        issuer=world.mark(slug, "issuer", ADMIN),
    )
    things.more["user"] = world.known(slug, "user's id", ADMIN, user.id)
    return user


def _plant_group(world: World, slug: str, scope: TenantScope, things: Things, user: UserRow) -> None:
    group = groups.create(scope, world.mark(slug, "group's name", ADMIN))
    things.more["group"] = world.known(slug, "group's id", ADMIN, group.id)
    groups.add_member(scope, group, user.id)


def _plant_keys(world: World, slug: str, scope: TenantScope, things: Things) -> None:
    ring = world.gateway.ring
    for kind, name in (("key", "key"), (WIDGET_KIND, "widget")):
        row = ApiKeyRow(
            name=world.mark(slug, f"name of a {name}", ADMIN),
            role="public",
            kind=kind,
            groups=[world.mark(slug, f"group of a {name}", ADMIN)] if kind == "key" else [],
            origins=[_origin(world, slug, things)] if kind != "key" else [],
            created_by=world.mark(slug, f"maker of a {name}", ADMIN),
        )
        credential = ring.add(scope, row)
        # People tell keys apart by how they begin, so that much of one may be shown.
        world.known(slug, f"planted {name}", NOBODY, credential)
        world.known(slug, f"digest of the planted {name}", NOBODY, row.digest)
        things.more[name] = world.known(slug, f"{name}'s id", ADMIN, row.id)


def _origin(world: World, slug: str, things: Things) -> str:
    things.more["origin"] = f"https://{world.mark(slug, 'origin of a widget', ADMIN)}.example"
    return things.more["origin"]


def _log(world: World, slug: str, user_id: str, number: int) -> None:
    services, tenant = world.gateway.services, world.gateway.tenants[slug]
    subject = world.known(slug, f"pseudonym {number}", ADMIN, services.audit.subjects.account(tenant, user_id))
    event = Event(
        "document.deleted",
        Actor("user", user_id, "editor"),
        subject=subject,
        facts={"document": world.mark(slug, f"fact of entry {number}", ADMIN)},
        content={"question": world.mark(slug, f"content of entry {number}", ADMIN)},
    )
    services.audit.later(tenant, event)
    services.audit.flush()
