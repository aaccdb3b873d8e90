from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from serve.engine.models import ModelCard, Models
from serve.engine.pool import pool
from tests.serve.engine.driving import settings_for, with_models
from tests.serve.engine.fake_model_server import FakeModelServer, fake_model_server
from vernacular.endpoints import ModelEndpoint, announce, withdraw
from vernacular.settings import EndpointSettings, GenerationSettings, Settings

FIGURES = """# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="m"} 3.0
vllm:num_requests_running{engine="1",model_name="m"} 2.0
# TYPE vllm:num_requests_waiting gauge
vllm:num_requests_waiting{engine="0",model_name="m"} 7.0
# TYPE vllm:kv_cache_usage_perc gauge
vllm:kv_cache_usage_perc{engine="0",model_name="m"} 0.25
"""


async def cards_of(models: Models) -> list[ModelCard]:
    return models.cards()


def looked_at(home: Path, *servers: FakeModelServer) -> list[ModelCard]:
    return with_models(settings_for(home, servers), cards_of)


class TestLook:
    def test_learns_what_a_vllm_offers_and_has_to_do(self, tmp_path: Path) -> None:
        with fake_model_server(metrics=FIGURES, model="skyllm-7b", context_tokens=8192) as server:
            (card,) = looked_at(tmp_path, server)
        assert (card.name, card.context_tokens, card.up) == ("skyllm-7b", 8192, 1)
        (replica,) = card.replicas
        assert (replica.running, replica.waiting, replica.kv_usage) == (5, 7, 0.25)

    def test_takes_an_address_and_a_key_that_contradict_each_other_for_a_server_that_is_down(
        self, tmp_path: Path
    ) -> None:
        with fake_model_server() as server:
            twice = EndpointSettings(url=server.url.replace("//", "//me:mine-7f3a9c@"), api_key=SecretStr("key-7f3a9c"))
            settings = Settings(home=tmp_path, generation=GenerationSettings(endpoints=[twice]))
            (card,) = with_models(settings, cards_of)
        assert card.up == 0
        assert "mine" not in repr(card)

    def test_passes_over_figures_that_are_no_numbers(self, tmp_path: Path) -> None:
        odd = FIGURES.replace("3.0", "NaN").replace("7.0", "+Inf").replace("0.25", "NaN")
        with fake_model_server(metrics=odd) as server:
            (card,) = looked_at(tmp_path, server)
        (replica,) = card.replicas
        assert (card.up, replica.running, replica.waiting, replica.kv_usage) == (1, 2, 0, 0.0)

    def test_shows_no_figures_of_a_server_that_is_down(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            assert b"vllm:num_requests_running" in models.expositions()
            server.healthy = False
            await models.look()
            assert models.expositions() == b""

        with fake_model_server(metrics=FIGURES) as server:
            with_models(settings_for(tmp_path, [server]), use)

    def test_takes_a_server_without_health_and_figures(self, tmp_path: Path) -> None:
        with fake_model_server(has_health=False, vllm=False) as server:
            (card,) = looked_at(tmp_path, server)
        assert (card.name, card.up, card.context_tokens) == ("fake-model", 1, 0)
        assert card.replicas[0].kv_usage is None

    def test_groups_replicas_of_one_model(self, tmp_path: Path) -> None:
        with fake_model_server() as one, fake_model_server() as two, fake_model_server(model="other") as three:
            cards = looked_at(tmp_path, one, two, three)
        assert [(card.name, len(card.replicas)) for card in cards] == [("fake-model", 2), ("other", 1)]

    def test_notices_a_server_going_and_coming(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            for healthy in (True, False, True):
                server.healthy = healthy
                await models.look()
                assert models.cards()[0].up == int(healthy)

        with fake_model_server() as server:
            with_models(settings_for(tmp_path, [server]), use)

    def test_says_why_a_server_is_down(self, tmp_path: Path) -> None:
        def reason(settings: Settings) -> str:
            (card,) = with_models(settings, cards_of)
            (replica,) = card.replicas
            assert replica.state == "down"
            return replica.reason

        with fake_model_server() as server:
            gone = settings_for(tmp_path, [server])
            other = EndpointSettings(url=server.url, model="other")
            assert "'other'" in reason(Settings(home=tmp_path, generation=GenerationSettings(endpoints=[other])))
            server.healthy = False
            assert "503" in reason(gone)
        assert "Connect" in reason(gone)

    def test_finds_a_server_that_is_announced_later(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            assert models.chat_model() is None
            announce(settings, ModelEndpoint("here", server.url, server.model, context_tokens=4096))
            await models.look()
            assert [(card.name, card.up) for card in models.cards()] == [("fake-model", 1)]
            withdraw(settings, "here")
            await models.look()
            assert models.cards() == []

        with fake_model_server() as server:
            settings = settings_for(tmp_path, [])
            with_models(settings, use)

    def test_goes_on_by_itself(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            server.healthy = False
            while models.cards()[0].up:  # noqa: ASYNC110 - the health loop is what is waited for
                await asyncio.sleep(0.005)

        with fake_model_server() as server:
            with_models(settings_for(tmp_path, [server], health_every_s=0.01), use)

    def test_does_not_wait_for_a_server_that_hangs(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pool, "ROUND_S", 0.1)

        async def use(models: Models) -> None:
            assert [card.up for card in models.cards()] == [0, 1]
            good.healthy = False
            await models.look()
            assert [card.up for card in models.cards()] == [0, 0]
            hung.hangs.clear()
            while not models.cards()[0].up:
                await models.look()

        with fake_model_server(model="hung") as hung, fake_model_server(model="good") as good:
            hung.hangs.set()
            settings = settings_for(tmp_path, [hung, good])
            settings.generation.endpoints[0].model = "hung"
            with_models(settings, use)

    @pytest.mark.parametrize("body", ["[]", "{", '{"data": [3]}', '{"data": []}', '{"data": [{"id": null}]}'])
    def test_takes_a_list_that_cannot_be_read_for_a_server_that_is_down(self, tmp_path: Path, body: str) -> None:
        with fake_model_server(models_body=body) as server:
            (card,) = looked_at(tmp_path, server)
        assert card.up == 0
