from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from serve.engine.launch.state import ServerState, only_supervisor, read_states, remove_state, write_state
from vernacular.errors import Conflict
from vernacular.settings import Settings

STATE = ServerState("tiny", "ready", "tiny", "skyllm-nano", 8101, "/logs/model-tiny.log", 1000.0, 1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


class TestOnlySupervisor:
    def test_refuses_a_second_of_the_same_name(self, settings: Settings) -> None:
        with (
            only_supervisor(settings, "tiny"),
            pytest.raises(Conflict, match="tiny already runs"),
            only_supervisor(settings, "tiny"),
        ):
            pass

    def test_lets_another_name_run_beside_it(self, settings: Settings) -> None:
        with only_supervisor(settings, "tiny"), only_supervisor(settings, "other"):
            pass


class TestReadStates:
    def test_finds_what_was_written_while_its_supervisor_lives(self, settings: Settings) -> None:
        with only_supervisor(settings, "tiny"):
            write_state(settings, STATE)
            assert read_states(settings) == [STATE]
            remove_state(settings, "tiny")
            assert read_states(settings) == []

    def test_calls_gone_what_nobody_watches_over(self, settings: Settings) -> None:
        with only_supervisor(settings, "tiny"):
            write_state(settings, STATE)
        (found,) = read_states(settings)
        assert found.phase == "gone"

    def test_still_tells_why_one_was_given_up(self, settings: Settings) -> None:
        failed = replace(STATE, phase="failed", message="The disk is full.")
        with only_supervisor(settings, "tiny"):
            write_state(settings, failed)
        assert read_states(settings) == [failed]

    def test_passes_over_a_damaged_file(self, settings: Settings) -> None:
        settings.models_path.mkdir()
        (settings.models_path / "torn.state").write_text('{"name": "torn"', encoding="utf-8")
        assert read_states(settings) == []
