from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from vernacular.endpoints import ModelEndpoint, announce, announced, withdraw
from vernacular.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


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
