from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from vernacular.endpoints import ModelEndpoint, announce, announced, configured, withdraw
from vernacular.errors import InvalidSetting
from vernacular.settings import EndpointSettings, Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


class TestConfigured:
    def test_takes_a_slash_at_the_end(self) -> None:
        assert configured(EndpointSettings(url="http://model/v1/")).url == "http://model/v1"

    @pytest.mark.parametrize("url", ["", "http://model:8000", "model:8000/v1", "file:///etc/v1", "unix:///run/x/v1"])
    def test_refuses_what_is_no_address_of_a_server(self, url: str) -> None:
        with pytest.raises(InvalidSetting):
            configured(EndpointSettings(url=url))

    def test_does_not_repeat_a_password(self) -> None:
        with pytest.raises(InvalidSetting) as refused:
            configured(EndpointSettings(url="http://me:hidden@model:8000"))
        assert "hidden" not in refused.value.message


class TestAnnounced:
    def test_finds_what_was_announced(self, settings: Settings) -> None:
        endpoint = ModelEndpoint("nano", "http://127.0.0.1:8101/v1", "skyllm-nano", "secret", pid=os.getpid())
        announce(settings, endpoint)
        assert announced(settings) == [endpoint]

    def test_passes_over_a_server_whose_process_is_gone(self, settings: Settings) -> None:
        announce(settings, ModelEndpoint("nano", "http://127.0.0.1:8101/v1", pid=2**22 + 1))
        assert announced(settings) == []

    def test_passes_over_a_damaged_file(self, settings: Settings) -> None:
        settings.models_path.mkdir()
        (settings.models_path / "torn.json").write_text('{"name": "torn"', encoding="utf-8")
        assert announced(settings) == []

    def test_forgets_what_was_withdrawn(self, settings: Settings) -> None:
        announce(settings, ModelEndpoint("nano", "http://127.0.0.1:8101/v1"))
        withdraw(settings, "nano")
        assert announced(settings) == []

    def test_keeps_the_servers_key_from_others(self, settings: Settings) -> None:
        announce(settings, ModelEndpoint("nano", "http://127.0.0.1:8101/v1", api_key="secret"))
        mode = (settings.models_path / "nano.json").stat().st_mode
        assert stat.S_IMODE(mode) == 0o600
