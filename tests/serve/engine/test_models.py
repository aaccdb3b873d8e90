from __future__ import annotations

from pathlib import Path

import langsmith.utils
import pytest

from serve.engine.models import CONTEXT_WHEN_UNKNOWN, Models
from tests.serve.engine.driving import chosen, settings_for, with_models
from tests.serve.engine.fake_model_server import fake_model_server
from vernacular.endpoints import ModelEndpoint, announce
from vernacular.errors import ModelUnavailable, UnknownProfile
from vernacular.settings import EndpointSettings


class TestChatModel:
    def test_is_none_without_any_server(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            assert models.chat_model() is None
            assert models.chat_model(vision=True) is None
            assert models.chat_model(model="some") is None

        with_models(settings_for(tmp_path, []), use)

    def test_is_the_first_unless_the_settings_or_the_caller_name_one(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            assert chosen(models).name == expected
            assert chosen(models, model="two").name == "two"

        with fake_model_server(model="one") as one, fake_model_server(model="two") as two:
            expected = "one"
            with_models(settings_for(tmp_path, [one, two]), use)
            expected = "two"
            with_models(settings_for(tmp_path, [one, two], model="two"), use)

    def test_has_the_smallest_context_of_its_replicas(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            assert chosen(models).context_tokens == 2048

        with fake_model_server(context_tokens=8192) as one, fake_model_server(context_tokens=2048) as two:
            with_models(settings_for(tmp_path, [one, two]), use)

    def test_has_a_small_context_where_the_server_does_not_tell(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            assert chosen(models).context_tokens == CONTEXT_WHEN_UNKNOWN

        with fake_model_server(vllm=False) as server:
            with_models(settings_for(tmp_path, [server]), use)

    def test_that_is_down_or_unknown_is_unavailable_when_it_is_used(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            for wished in (None, "fake-model", "never-heard-of"):
                with pytest.raises(ModelUnavailable):
                    await chosen(models, model=wished).llm.ainvoke("hi")

        with fake_model_server() as server:
            settings = settings_for(tmp_path, [server])
        with_models(settings, use)

    def test_for_images_is_one_that_reads_them(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            assert models.chat_model(vision=True) is None
            announce(settings, ModelEndpoint("eyes", seeing.url, "seeing", vision=True))
            await models.look()
            assert (chosen(models).name, chosen(models).vision) == ("plain", False)
            assert (chosen(models, vision=True).name, chosen(models, vision=True).vision) == ("seeing", True)

        with fake_model_server(model="plain") as plain, fake_model_server(model="seeing") as seeing:
            settings = settings_for(tmp_path, [plain])
            with_models(settings, use)


class TestStart:
    def test_sends_no_prompt_to_a_service_that_traces(self, tmp_path: Path) -> None:
        async def use(_models: Models) -> None:
            assert not langsmith.utils.tracing_is_enabled()

        langsmith.configure(enabled=True)  # as LANGSMITH_TRACING=true does
        assert langsmith.utils.tracing_is_enabled()
        with_models(settings_for(tmp_path, []), use)

    def test_refuses_an_endpoint_with_a_profile_that_there_is_not(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            raise AssertionError("it started")

        settings = settings_for(tmp_path, [])
        settings.generation.endpoints = [EndpointSettings(url="http://127.0.0.1:1/v1", profile="gpt-9")]
        with pytest.raises(UnknownProfile):
            with_models(settings, use)


class TestAdapters:
    def test_are_asked_for_by_name_where_they_are_loaded(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            await models.load_adapter("fake-model", "acme-1", "/adapters/acme-1")
            await chosen(models, adapter="acme-1").llm.ainvoke("hi")
            assert server.requests[-1]["model"] == "acme-1"
            await chosen(models).llm.ainvoke("hi")
            assert server.requests[-1]["model"] == "fake-model"

        with fake_model_server() as server:
            with_models(settings_for(tmp_path, [server]), use)

    @pytest.mark.parametrize("name", ["../other", "/etc", "acme-2"])
    def test_that_are_not_loaded_never_reach_a_server(self, tmp_path: Path, name: str) -> None:
        async def use(models: Models) -> None:
            with pytest.raises(ModelUnavailable):
                await chosen(models, adapter=name).llm.ainvoke("hi")

        with fake_model_server() as server:
            with_models(settings_for(tmp_path, [server]), use)
            assert server.requests == []
