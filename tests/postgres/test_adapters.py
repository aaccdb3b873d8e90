"""Adapters whose rows lie in PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from tests.serve.adapters import test_endpoints as adapters
from tests.serve.engine.adapters import test_choice as choice
from tests.serve.engine.adapters.test_reconciler import World
from tests.serve.gateway import Gateway

pytestmark = pytest.mark.postgres


class TestChanging(adapters.TestChanging): ...


class TestTenants(adapters.TestTenants): ...


class TestChoose(choice.TestChoose): ...


def test_a_row_that_was_changed_by_hand_is_followed(gateway: Gateway, tmp_path: Path) -> None:
    world = World(gateway, tmp_path / "made")
    row = world.add()
    for state, loaded in (("active", {row.name}), ("retired", set()), ("active", {row.name})):
        with gateway.services.database.engine.begin() as connection:
            connection.execute(text("UPDATE adapters SET state = :state"), {"state": state})
        world.round()
        assert world.loaded == loaded
