from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from serve.engine.launch.state import read_states
from tests.serve.engine.launch.conftest import QUICK, Launched, eventually, running
from vernacular.endpoints import ModelEndpoint, announced

pytestmark = pytest.mark.integration
Make = Callable[..., Launched]


class TestAServerThatIsWell:
    def test_is_announced_once_it_answers_and_withdrawn_when_stopped(self, launched: Make) -> None:
        here = launched()
        with here.supervised():
            assert eventually(lambda: bool(announced(here.settings)))
            url = f"http://127.0.0.1:{here.server.port}/v1"
            assert announced(here.settings) == [
                ModelEndpoint(
                    "tiny", url, "tiny", "secret", "skyllm-nano", loras=True, context_tokens=2048, pid=os.getpid()
                )
            ]
        assert announced(here.settings) == []
        assert read_states(here.settings) == []

    def test_leaves_no_process_behind_when_stopped(self, launched: Make) -> None:
        here = launched()
        with here.supervised():
            assert eventually(lambda: here.phase() == "ready")
            (life,) = here.lives()
            assert running(life["pid"])
            assert running(life["child"])
        assert not running(life["pid"])
        assert not running(life["child"])

    def test_is_given_its_key_by_environment_and_not_by_argument(self, launched: Make) -> None:
        here = launched()
        with here.supervised():
            assert eventually(lambda: here.phase() == "ready")
        (life,) = here.lives()
        assert "VLLM_API_KEY" in life["environment"]
        assert "secret" not in " ".join(life["argv"])


class TestAServerThatDies:
    def test_is_started_again_and_announced_again(self, launched: Make) -> None:
        here = launched()
        with here.supervised():
            assert eventually(lambda: here.phase() == "ready")
            os.kill(here.lives()[0]["pid"], signal.SIGKILL)
            assert eventually(lambda: len(here.lives()) == 2 and here.phase() == "ready")
            assert len(announced(here.settings)) == 1
            assert not running(here.lives()[0]["child"])
        phases = [state.phase for state in here.states]
        waiting = here.states[phases.index("waiting")]
        assert "SIGKILL" in waiting.message
        assert here.states[-1].restarts == 1

    def test_stays_announced_while_it_is_down_and_no_longer_than_it_is_watched_over(self, launched: Make) -> None:
        here = launched()
        with here.supervised(replace(QUICK, pause_s=60.0)):
            assert eventually(lambda: here.phase() == "ready")
            os.kill(here.lives()[0]["pid"], signal.SIGKILL)
            assert eventually(lambda: here.phase() == "waiting")
            assert [endpoint.name for endpoint in announced(here.settings)] == ["tiny"]
            assert [state.phase for state in read_states(here.settings)] == ["gone"]  # nobody holds its lock here
        assert announced(here.settings) == []

    def test_is_left_alone_after_as_many_failures_as_were_set(self, launched: Make) -> None:
        here = launched("die:ValueError: a cause that nobody knows")
        with here.supervised():
            assert eventually(lambda: here.failure is not None)
        assert here.failure is not None
        assert "died 3 times in a row" in here.failure.message
        assert "a cause that nobody knows" in here.failure.message
        assert str(here.server.log_path(here.settings)) in here.failure.hint
        assert len(here.lives()) == 3
        assert [state.phase for state in read_states(here.settings)] == ["failed"]

    def test_is_not_tried_again_when_another_try_would_end_the_same_way(self, launched: Make) -> None:
        here = launched("die:RuntimeError: Cannot find any model weights with `/models/tiny`")
        with here.supervised():
            assert eventually(lambda: here.failure is not None)
        assert here.failure is not None
        assert here.failure.message == "tiny did not start: weights are missing from the model's folder."
        assert len(here.lives()) == 1


class TestAServerThatHangs:
    def test_is_ended_and_started_again(self, launched: Make) -> None:
        here = launched()
        with here.supervised():
            assert eventually(lambda: here.phase() == "ready")
            httpx.post(f"http://127.0.0.1:{here.server.port}/hang", trust_env=False)
            assert eventually(lambda: len(here.lives()) == 2 and here.phase() == "ready")
            assert not running(here.lives()[0]["pid"])
        assert "no longer answered" in next(state.message for state in here.states if state.phase == "waiting")

    def test_and_never_answers_is_given_up(self, launched: Make) -> None:
        here = launched("deaf")
        with here.supervised(replace(QUICK, ready_s=0.3, failures=2)):
            assert eventually(lambda: here.failure is not None)
        assert here.failure is not None
        assert "did not answer in time" in here.failure.message
        assert not any(running(life["pid"]) for life in here.lives())
