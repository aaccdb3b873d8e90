"""The world with its callers, ready to be asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.isolation.principals import OWNERS, Headers, plant_callers
from tests.isolation.world import World, plant_conversation, planted_world


@contextmanager
def isolated_world(home: Path) -> Iterator[tuple[World, dict[str, Headers]]]:
    """A gateway with both tenants, and the request headers of each caller."""
    with planted_world(home) as world:
        headers = plant_callers(world)
        for slug, owner in OWNERS.items():
            plant_conversation(world, slug, world.keys[owner])
        first = world.gateway.call("GET", "/v1/documents", params={"limit": 1}, headers=headers["admin"]).json()
        world.here.cursor = first["next_cursor"]
        world.keep()
        yield world, headers
