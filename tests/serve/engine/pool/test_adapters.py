from __future__ import annotations

from pathlib import Path

import pytest

from serve.engine.models import Models
from tests.serve.engine.driving import settings_for, until, with_models
from tests.serve.engine.fake_model_server import fake_model_server
from vernacular.errors import AdapterRefused

MODEL = "fake-model"


class TestLoad:
    def test_brings_it_to_every_replica(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            assert await models.load_adapter(MODEL, "a", "/adapters/a") == 2
            assert models.adapters_on(MODEL) == {"a"}

        with fake_model_server() as one, fake_model_server() as two:
            with_models(settings_for(tmp_path, [one, two]), use)
            assert one.adapters == two.adapters == {"a": "/adapters/a"}

    def test_brings_it_to_a_replica_that_comes_back(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            await models.load_adapter(MODEL, "a", "/adapters/a")
            server.adapters.clear()  # it was started anew
            server.healthy = False
            await models.look()
            assert models.adapters_on(MODEL) == set()
            server.healthy = True
            await models.look()
            assert models.adapters_on(MODEL) == {"a"}

        with fake_model_server() as server:
            with_models(settings_for(tmp_path, [server]), use)

    def test_that_hangs_at_one_server_does_not_hold_up_the_health_of_the_others(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            await models.load_adapter(MODEL, "a", "/adapters/a")
            stuck.adapters.clear()
            stuck.hangs_at_loading.set()
            await until(lambda: "a" not in models.adapters_on(MODEL))
            other.healthy = False
            await until(lambda: [card.up for card in models.cards() if card.name == "other"] == [0])
            stuck.hangs_at_loading.clear()

        with fake_model_server() as stuck, fake_model_server(model="other") as other:
            with_models(settings_for(tmp_path, [stuck, other], health_every_s=0.01), use)

    def test_waits_for_a_replica_while_there_is_none(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            assert await models.load_adapter(MODEL, "a", "/adapters/a") == 0
            server.healthy = True
            await models.look()
            assert server.adapters == {"a": "/adapters/a"}

        with fake_model_server(healthy=False) as server:
            with_models(settings_for(tmp_path, [server]), use)

    def test_does_nothing_where_it_is_already(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            assert await models.load_adapter(MODEL, "a", "/adapters/a") == 1

        with fake_model_server(adapters={"a": "/adapters/a"}) as server:
            with_models(settings_for(tmp_path, [server]), use)

    def test_takes_the_place_of_one_from_another_path(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            await models.load_adapter(MODEL, "a", "/adapters/new")
            assert server.adapters == {"a": "/adapters/new"}

        with fake_model_server(adapters={"a": "/adapters/old"}) as server:
            with_models(settings_for(tmp_path, [server]), use)

    def test_leaves_none_behind_when_one_replica_refuses(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            with pytest.raises(AdapterRefused, match="rank too large"):
                await models.load_adapter(MODEL, "a", "/adapters/a")
            await models.look()
            assert (one.adapters, two.adapters) == ({}, {})

        with fake_model_server() as one, fake_model_server(refused_adapters={"a"}) as two:
            with_models(settings_for(tmp_path, [one, two]), use)

    def test_is_refused_by_a_server_that_loads_none(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            with pytest.raises(AdapterRefused, match="at run time"):
                await models.load_adapter(MODEL, "a", "/adapters/a")

        with fake_model_server(loads_adapters=False) as server:
            with_models(settings_for(tmp_path, [server]), use)


class TestUnload:
    def test_takes_it_from_every_replica_and_from_one_that_comes_back_with_it(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            await models.load_adapter(MODEL, "a", "/adapters/a")
            await models.unload_adapter(MODEL, "a")
            assert (server.adapters, models.adapters_on(MODEL)) == ({}, set())
            server.adapters["a"] = "/adapters/a"
            await models.look()
            assert server.adapters == {}

        with fake_model_server() as server:
            with_models(settings_for(tmp_path, [server]), use)

    def test_of_what_is_not_there_is_no_error(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            await models.unload_adapter(MODEL, "never")

        with fake_model_server() as server:
            with_models(settings_for(tmp_path, [server]), use)
