"""The world with its callers, ready to be asked."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final
from unittest.mock import patch

from argon2 import PasswordHasher

from serve.quotas import ledger
from tests.isolation.people import plant_people
from tests.isolation.principals import CALLERS, OWNERS, Headers, plant_callers
from tests.isolation.quality import plant_quality
from tests.isolation.world import GROUP, HOME_TENANT, World, plant_conversation, plant_saved_search, planted_world
from tests.oidc_provider import OidcProvider
from vernacular.access import passwords
from vernacular.access.issuers import OidcIssuer
from vernacular.settings import AccessSettings
from vernacular.telemetry import JsonFormatter

_CHEAP: Final = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""What is tried here is who gets in, not how long a guess takes."""
_FROM_ONE_ADDRESS: Final = 10 * len(CALLERS)
PEOPLE: Final = {"ana": {"name": "Ana", "groups": [GROUP]}}


@contextmanager
def logged(lines: list[str]) -> Iterator[None]:
    """Have every line of the log put into `lines`, as it would be written."""
    handler, root = _Kept(lines), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


class _Kept(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self._lines = lines
        self.setFormatter(JsonFormatter())

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith("httpx"):  # the test's own client
            self._lines.append(self.format(record))


@contextmanager
def isolated_world(home: Path) -> Iterator[tuple[World, dict[str, Headers]]]:
    """A gateway with both tenants, and the request headers of each caller."""
    provider = OidcProvider(people=PEOPLE)
    with ExitStack() as stack:
        issuer = stack.enter_context(provider.listen())
        log: list[str] = []
        stack.enter_context(logged(log))
        stack.enter_context(patch.object(passwords, "_hasher", _CHEAP))
        stack.enter_context(patch.object(ledger, "WRITE_S", 86_400.0))  # no row comes between two looks
        trusted = OidcIssuer(issuer=issuer, audience=provider.audience, tenant=HOME_TENANT)
        access = AccessSettings(oidc=[trusted], address_failures=_FROM_ONE_ADDRESS)
        world = stack.enter_context(planted_world(home, access))
        world.log = log
        for slug in OWNERS:
            plant_people(world, slug)
        headers = plant_callers(world, provider)
        for slug, owner in OWNERS.items():
            plant_conversation(world, slug, world.keys[owner])
            plant_saved_search(world, slug, world.keys[owner])
            plant_quality(world, slug)
        world.gateway.call("GET", "/v1/me", headers=headers["token"])  # makes the person's account
        first = world.gateway.call("GET", "/v1/documents", params={"limit": 1}, headers=headers["admin"]).json()
        world.here.cursor = first["next_cursor"]
        world.keep()
        yield world, headers
