from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from serve.engine.adapters import reconciler as module
from serve.engine.adapters.reconciler import AdapterReconciler
from serve.engine.adapters.registry import AdapterRegistry, Registration, find_adapter
from tests.serve.engine.adapters.made import adapter, tensors
from tests.serve.gateway import Gateway
from vernacular.db.models import AdapterRow
from vernacular.errors import AdapterRefused
from vernacular.tenancy import TenantScope


@dataclass(frozen=True)
class Card:
    name: str


@dataclass
class FakeServers:
    """One replica of each base model, and the requests it got."""

    has: dict[str, dict[str, str]] = field(default_factory=lambda: {"tiny": {}})
    refuses: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def cards(self) -> list[Card]:
        return [Card(name) for name in self.has]

    def adapters_on(self, base_model: str) -> set[str]:
        return set(self.has.get(base_model, {}))

    async def load_adapter(self, base_model: str, name: str, path: str) -> int:
        self.asked.append(f"load {name}")
        assert os.path.isfile(f"{path}/adapter_model.safetensors")  # noqa: ASYNC240, PTH113
        if name in self.refuses:
            raise AdapterRefused("The model server does not take the adapter: its rank is too high.")
        self.has.setdefault(base_model, {})[name] = path
        return 1

    async def unload_adapter(self, base_model: str, name: str) -> None:
        self.asked.append(f"unload {name}")
        self.has.get(base_model, {}).pop(name, None)


class World:
    """A gateway's database and files, a registry over them, and servers that a reconciler looks after."""

    def __init__(self, gateway: Gateway, folder: Path) -> None:
        self.gateway, self.folder = gateway, folder
        self.servers = FakeServers()
        self.registry = AdapterRegistry(gateway.services.settings, gateway.services.database)
        self.reconciler = self.started_anew()

    def started_anew(self) -> AdapterReconciler:
        return AdapterReconciler(self.gateway.services.database, self.registry.store, self.servers, 1.0)

    def add(self, slug: str = "acme", seed: int = 0, *, active: bool = True) -> AdapterRow:
        source = adapter(self.folder / f"{slug}-{seed}", tensors(seed=seed))
        tenant = self.gateway.tenants[slug]
        row = self.registry.add(tenant, source, Registration("tiny"))
        return self.registry.change(tenant, row.id, state="active") if active else row

    def round(self) -> None:
        asyncio.run(self.reconciler.reconcile())

    def row(self, name: str, slug: str = "acme") -> AdapterRow:
        with self.gateway.services.database.read() as session:
            return find_adapter(TenantScope(session, self.gateway.tenants[slug]), name)

    def weights(self, row: AdapterRow) -> Path:
        return self.registry.store.path(row.tenant_id, row.digest) / "adapter_model.safetensors"

    def by_hand(self, statement: str) -> None:
        """As an administrator of the database would, past all of this program."""
        connection = sqlite3.connect(self.gateway.services.settings.home / "vernacular.sqlite")
        with connection:
            connection.execute(statement)
        connection.close()

    @property
    def loaded(self) -> set[str]:
        return set(self.servers.has["tiny"])


@pytest.fixture
def world(gateway: Gateway, tmp_path: Path) -> World:
    return World(gateway, tmp_path / "made")


def overwrite(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.parent.chmod(0o700)
    path.chmod(0o600)
    path.write_bytes(change(path.read_bytes()))


class TestReconcile:
    def test_loads_what_is_active_and_nothing_else(self, world: World) -> None:
        wanted = [world.add(seed=1), world.add("other", seed=2)]
        world.add(seed=3, active=False)
        world.round()
        assert world.loaded == {row.name for row in wanted}
        assert world.servers.has["tiny"][wanted[0].name].endswith(wanted[0].path)

    def test_asks_for_nothing_twice(self, world: World) -> None:
        world.add()
        world.round()
        world.round()
        assert len(world.servers.asked) == 1

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE adapters SET state = 'retired'",
            "DELETE FROM adapters",
            "UPDATE adapters SET base_model = 'another'",
            "UPDATE tenants SET suspended_at = '2026-01-01'",
        ],
    )
    def test_follows_a_row_that_was_changed_by_hand(self, world: World, statement: str) -> None:
        world.add()
        world.round()
        world.by_hand(statement)
        world.round()
        assert not world.loaded

    def test_follows_a_row_that_was_activated_by_hand(self, world: World) -> None:
        row = world.add(active=False)
        world.by_hand("UPDATE adapters SET state = 'active'")
        world.round()
        assert world.loaded == {row.name}

    def test_unloads_what_an_earlier_gateway_left_but_not_an_operators_own(self, world: World) -> None:
        world.servers.has["tiny"] = {"acme--any--v1-0123abcd": "/gone", "house-style": "/static"}
        world.round()
        assert world.loaded == {"house-style"}

    def test_reads_no_sql_where_there_are_no_servers(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        world.servers.has.clear()
        monkeypatch.setattr(world.reconciler, "_wanted", lambda: pytest.fail("read"))
        world.round()


class TestFiles:
    def test_that_were_changed_before_loading_are_never_loaded(self, world: World) -> None:
        row = world.add()
        overwrite(world.weights(row), lambda data: data[:-1] + bytes([data[-1] ^ 1]))
        world.round()
        assert not world.servers.asked
        assert "someone changed them" in world.row(row.name).note

    def test_that_are_changed_later_are_unloaded(self, world: World) -> None:
        row = world.add()
        world.round()
        overwrite(world.weights(row), lambda data: data[:-1] + bytes([data[-1] ^ 1]))
        world.round()
        assert not world.loaded
        assert "someone changed them" in world.row(row.name).note

    def test_that_were_changed_and_given_their_old_times_are_found_out(self, world: World) -> None:
        row = world.add()
        world.round()
        path = world.weights(row)
        before = path.stat()
        overwrite(path, lambda data: data[:-1] + bytes([data[-1] ^ 1]))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        world.round()
        assert not world.loaded

    @pytest.mark.parametrize("extra", ["adapter_model.bin", "config.py"])
    def test_that_were_joined_by_others_are_not_loaded(self, world: World, extra: str) -> None:
        row = world.add()
        folder = world.weights(row).parent
        folder.chmod(0o700)
        (folder / extra).write_bytes(b"\x80\x02")
        world.round()
        assert not world.loaded

    def test_that_are_gone_are_told_and_taken_up_when_they_are_back(self, world: World, tmp_path: Path) -> None:
        row = world.add()
        folder = world.weights(row).parent
        shutil.copytree(folder, tmp_path / "backup")
        folder.chmod(0o700)
        shutil.rmtree(folder)
        world.round()
        assert world.row(row.name).note == "The adapter's files are gone."
        (tmp_path / "backup").rename(folder)
        world.round()
        assert (world.loaded, world.row(row.name).note) == ({row.name}, "")

    def test_replaced_by_a_link_are_not_followed(self, world: World) -> None:
        mine, theirs = world.add(seed=1), world.add("other", seed=2)
        place = world.weights(mine).parent
        place.chmod(0o700)
        shutil.rmtree(place)
        place.symlink_to(world.weights(theirs).parent)
        world.round()
        assert world.loaded == {theirs.name}


class TestRows:
    @pytest.mark.parametrize(
        "change",
        [
            "path = '../../etc'",
            "path = '/etc'",
            "digest = '..'",
            "digest = 'x'",
            "name = 'tiny'",
            "name = '../x'",
        ],
    )
    def test_that_no_registry_wrote_are_not_loaded(self, world: World, change: str) -> None:
        row = world.add()
        world.by_hand(f"UPDATE adapters SET {change}")
        world.round()
        assert not world.loaded
        assert world.row(row.id).note

    def test_cannot_point_to_another_tenants_files(self, world: World) -> None:
        mine, theirs = world.add(seed=1), world.add("other", seed=2)
        world.by_hand(f"UPDATE adapters SET path = '{theirs.path}', digest = '{theirs.digest}' WHERE id = '{mine.id}'")
        world.round()
        assert world.loaded == {theirs.name}


class TestRefusals:
    def test_by_the_server_are_told_and_not_repeated(self, world: World) -> None:
        row = world.add()
        world.servers.refuses.add(row.name)
        for _ in range(3):
            world.round()
        assert world.servers.asked.count(f"load {row.name}") == 1
        assert "rank is too high" in world.row(row.name).note

    def test_are_forgotten_when_the_adapter_is_activated_anew(self, world: World) -> None:
        row = world.add()
        world.servers.refuses.add(row.name)
        world.round()
        world.servers.refuses.clear()
        world.registry.change(world.gateway.tenants["acme"], row.id, state="active")
        world.round()
        assert (world.loaded, world.row(row.name).note) == ({row.name}, "")

    def test_are_tried_again_after_a_while_and_by_a_gateway_that_starts(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = world.add()
        world.servers.refuses.add(row.name)
        world.round()
        monkeypatch.setattr(module, "AGAIN_S", -1.0)
        world.reconciler = world.started_anew()
        world.round()
        world.servers.refuses.clear()
        world.round()
        assert (world.loaded, world.row(row.name).note) == ({row.name}, "")

    def test_of_one_keep_no_other_from_being_loaded(self, world: World) -> None:
        bad, good = world.add(seed=1), world.add(seed=2)
        world.servers.refuses.add(bad.name)
        world.round()
        assert world.loaded == {good.name}
