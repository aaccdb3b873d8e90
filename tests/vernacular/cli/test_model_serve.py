"""`vernacular model serve` as a process of its own, over a program that stands in for vLLM."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.serve.engine.launch import fake_vllm
from tests.serve.engine.launch.conftest import eventually, free_port, running
from tests.serve.engine.launch.test_prepare import CONFIG
from tests.vernacular.cli.command import vernacular
from vernacular.endpoints import announced
from vernacular.settings import Settings, get_settings

pytestmark = pytest.mark.integration


@dataclass(frozen=True, slots=True)
class Machine:
    """A home, weights, and a stand-in for vLLM. `notes` is what that wrote at each start."""

    folder: Path

    @property
    def settings(self) -> Settings:
        return Settings(home=self.folder / "home")

    def lives(self) -> list[dict[str, Any]]:
        notes = self.folder / "notes"
        return [json.loads(line) for line in notes.read_text(encoding="utf-8").splitlines()] if notes.exists() else []

    @contextmanager
    def serving(self, *words: str, how: str = "") -> Iterator[subprocess.Popen[str]]:
        argv = [sys.executable, "-m", "vernacular", "model", "serve", "skyllm-nano", "--cpu"]
        argv += ["--weights", str(self.folder / "weights"), *words]
        environment = os.environ | {"VLLM_FAKE": how, "VLLM_FAKE_NOTES": str(self.folder / "notes")}
        with subprocess.Popen(argv, env=environment, stderr=subprocess.PIPE, text=True) as process:
            try:
                yield process
            finally:
                process.kill()

    def empty(self) -> bool:
        """Whether nothing that was started runs any more."""
        return not any(running(life["pid"]) or running(life["child"]) for life in self.lives())


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    program = tmp_path / "vllm"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {fake_vllm.__file__} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    (tmp_path / "weights" / "model.safetensors").write_bytes(b"0" * 1000)
    monkeypatch.setenv("VERNACULAR_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("VERNACULAR_MODEL_SERVER__COMMAND", str(program))
    get_settings.cache_clear()
    found = Machine(tmp_path)
    yield found
    get_settings.cache_clear()
    assert eventually(found.empty)


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, shown = process.communicate(timeout=60)
    return process.returncode, shown


class TestServe:
    def test_announces_the_server_until_it_is_interrupted(self, machine: Machine) -> None:
        with machine.serving("--loras", "4") as process:
            assert eventually(lambda: bool(announced(machine.settings)))
            (endpoint,) = announced(machine.settings)
            process.send_signal(signal.SIGINT)
            code, shown = ended(process)
        assert code == 0
        assert f"answers at {endpoint.url}" in shown
        assert (endpoint.model, endpoint.loras, endpoint.context_tokens) == ("skyllm-nano", True, 2048)
        assert announced(machine.settings) == []

    def test_passes_flags_on_and_keeps_the_key_out_of_sight(self, machine: Machine) -> None:
        port = free_port()
        with machine.serving("--port", str(port), "--", "--max-num-seqs", "7"):
            assert eventually(lambda: bool(announced(machine.settings)))
            (endpoint,) = announced(machine.settings)
            file = machine.settings.models_path / "skyllm-nano.json"
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
        (life,) = machine.lives()
        assert endpoint.url == f"http://127.0.0.1:{port}/v1"
        assert life["argv"][-2:] == ["--max-num-seqs", "7"]
        assert endpoint.api_key not in " ".join(life["argv"])
        assert "PYTHONDONTWRITEBYTECODE" not in life["environment"]

    def test_brings_back_a_server_that_is_killed(self, machine: Machine) -> None:
        with machine.serving() as process:
            assert eventually(lambda: bool(announced(machine.settings)))
            os.kill(machine.lives()[0]["pid"], signal.SIGKILL)
            assert eventually(lambda: len(machine.lives()) == 2 and bool(announced(machine.settings)))
            process.terminate()
            _, shown = ended(process)
        assert "went down: It was killed from outside" in shown

    def test_leaves_nothing_behind_when_it_is_killed_itself(self, machine: Machine) -> None:
        with machine.serving() as process:
            assert eventually(lambda: bool(announced(machine.settings)))
            process.kill()
            assert eventually(machine.empty)
        assert announced(machine.settings) == []

    def test_says_in_a_sentence_why_the_server_died(self, machine: Machine) -> None:
        with machine.serving(how="die:torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB.") as process:
            code, shown = ended(process)
        assert code == 1
        assert "skyllm-nano did not start: the GPU's memory was not enough." in shown
        assert "model-skyllm-nano.log" in shown
        assert "Traceback" not in shown

    def test_refuses_to_start_the_same_server_twice(self, machine: Machine) -> None:
        with machine.serving():
            assert eventually(lambda: bool(machine.lives()))
            with machine.serving() as second:
                code, shown = ended(second)
            assert (code, "already runs" in shown) == (1, True)
            with machine.serving("--name", "second"):
                assert eventually(lambda: len(announced(machine.settings)) == 2)
                assert len({endpoint.url for endpoint in announced(machine.settings)}) == 2

    def test_runs_replicas_of_one_model(self, machine: Machine) -> None:
        with machine.serving("--replicas", "2"):
            assert eventually(lambda: len(announced(machine.settings)) == 2)
            found = announced(machine.settings)
        assert {endpoint.model for endpoint in found} == {"skyllm-nano"}
        assert len({endpoint.url for endpoint in found}) == 2

    @pytest.mark.parametrize(
        ("words", "complaint"),
        [
            (("nonsense",), "no model profile 'nonsense'"),
            (("skyllm-nano", "stray"), "'stray' is not understood"),
            (("skyllm-nano", "--devices", "first"), "names no GPUs"),
            (("skyllm-nano", "--cpu", "--name", "../x"), "no name for a server"),
        ],
    )
    def test_refuses_what_it_cannot_understand(
        self,
        machine: Machine,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
        words: tuple[str, ...],
        complaint: str,
    ) -> None:
        handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        try:
            result = vernacular(capsys, monkeypatch, "model", "serve", *words)
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
        assert result.code == 1
        assert complaint in result.err
        assert machine.lives() == []


class TestStatus:
    def test_tells_of_servers_in_words_and_as_json(
        self, machine: Machine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert "model serve" in vernacular(capsys, monkeypatch, "model", "status").out
        with machine.serving():
            assert eventually(lambda: bool(announced(machine.settings)))
            table = vernacular(capsys, monkeypatch, "model", "status").out
            (found,) = vernacular(capsys, monkeypatch, "model", "status", "--json").json
        assert "skyllm-nano" in table and "ready" in table and "25%" in table
        assert (found["state"], found["running"], found["kv_use"]) == ("ready", 3, 0.25)
        assert "api_key" not in found
        assert "gone" in vernacular(capsys, monkeypatch, "model", "status").out


class TestDoctor:
    def test_names_the_model_that_answers(
        self, machine: Machine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with machine.serving():
            assert eventually(lambda: bool(announced(machine.settings)))
            shown = vernacular(capsys, monkeypatch, "doctor").out
        assert "models: skyllm-nano (ready)" in shown

    def test_names_the_command_that_starts_the_first(
        self, machine: Machine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shown = vernacular(capsys, monkeypatch, "doctor").out
        assert "extractive" in shown
        assert "`vernacular model serve " in shown

    def test_fails_when_a_server_of_the_settings_does_not_answer(
        self, machine: Machine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        endpoint = {"url": f"http://127.0.0.1:{free_port()}/v1", "model": "m"}
        monkeypatch.setenv("VERNACULAR_GENERATION__ENDPOINTS", json.dumps([endpoint]))
        get_settings.cache_clear()
        result = vernacular(capsys, monkeypatch, "doctor")
        assert result.code == 1
        assert "m (silent)" in result.out
