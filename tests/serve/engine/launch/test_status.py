from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from pydantic import SecretStr

from serve.engine.launch.state import only_supervisor
from serve.engine.launch.status import server_statuses
from tests.serve.engine.launch.conftest import QUICK, Launched, eventually, free_port
from vernacular.settings import EndpointSettings, GenerationSettings, Settings

pytestmark = pytest.mark.integration
Make = Callable[..., Launched]


def with_endpoint(settings: Settings, endpoint: EndpointSettings) -> Settings:
    return settings.model_copy(update={"generation": GenerationSettings(endpoints=[endpoint])})


class TestServerStatuses:
    def test_tells_how_busy_a_server_is(self, launched: Make) -> None:
        here = launched()
        with only_supervisor(here.settings, "tiny"), here.supervised():
            assert eventually(lambda: here.phase() == "ready")
            (found,) = server_statuses(here.settings)
        assert (found.name, found.state, found.models, found.context_tokens) == ("tiny", "ready", ("tiny",), 2048)
        assert (found.running, found.waiting, found.kv_use) == (3, 2, 0.25)
        assert (found.prompt_tokens, found.generated_tokens) == (1200, 340)
        assert found.uptime_s is not None
        assert found.log.endswith("model-tiny.log")

    def test_tells_why_one_was_given_up(self, launched: Make) -> None:
        here = launched("die:OSError: [Errno 28] No space left on device")
        with only_supervisor(here.settings, "tiny"), here.supervised():
            assert eventually(lambda: here.failure is not None)
            (found,) = server_statuses(here.settings)
        assert (found.state, found.message, found.answers) == ("failed", "The disk is full.", False)

    def test_tells_of_one_that_loads(self, launched: Make) -> None:
        here = launched("deaf")
        with only_supervisor(here.settings, "tiny"), here.supervised(replace(QUICK, ready_s=60.0)):
            assert eventually(lambda: here.phase() == "loading")
            (found,) = server_statuses(here.settings)
        assert (found.state, found.running) == ("loading", None)

    def test_asks_the_servers_of_the_settings_with_their_keys(self, launched: Make) -> None:
        here = launched()
        with here.supervised():
            assert eventually(lambda: here.phase() == "ready")
            elsewhere = Settings(home=here.settings.home / "other")
            key = SecretStr(here.server.api_key)
            right = EndpointSettings(url=here.server.url, api_key=key)
            wrong = EndpointSettings(url=here.server.url, api_key=SecretStr("wrong"))
            assert [one.state for one in server_statuses(with_endpoint(elsewhere, right))] == ["ready"]
            assert [one.state for one in server_statuses(with_endpoint(elsewhere, wrong))] == ["silent"]

    def test_calls_silent_what_does_not_answer(self, launched: Make) -> None:
        nobody = EndpointSettings(url=f"http://127.0.0.1:{free_port()}/v1")
        (found,) = server_statuses(with_endpoint(launched().settings, nobody))
        assert (found.state, found.running) == ("silent", None)
        assert found.message
