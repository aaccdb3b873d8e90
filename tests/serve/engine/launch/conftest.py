from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from serve.engine.launch.server import Server
from serve.engine.launch.state import ServerState
from serve.engine.launch.supervisor import Patience, Supervisor
from tests.serve.engine.launch import fake_vllm
from vernacular.errors import LaunchFailed
from vernacular.settings import Settings

PATIENCE_S = 30.0
QUICK = Patience(
    ready_s=20.0, settled_s=60.0, failures=3, pause_s=0.05, hung_s=0.3, look_every_s=0.02, health_every_s=0.05
)


def eventually(check: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if check():
            return True
        time.sleep(0.02)
    return False


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@dataclass
class Launched:
    """A supervisor at work in a thread, and the fake server's own notes."""

    settings: Settings
    server: Server
    notes: Path
    states: list[ServerState] = field(default_factory=list)
    failure: LaunchFailed | None = None

    def lives(self) -> list[dict[str, Any]]:
        """What the fake server wrote at each of its starts."""
        if not self.notes.exists():
            return []
        return [json.loads(line) for line in self.notes.read_text(encoding="utf-8").splitlines()]

    def phase(self) -> str:
        return self.states[-1].phase if self.states else ""

    @contextmanager
    def supervised(self, patience: Patience = QUICK) -> Iterator[None]:
        stopping = threading.Event()

        def run() -> None:
            try:
                Supervisor(self.server, self.settings, patience, lambda state, _line: self.states.append(state)).run(
                    stopping
                )
            except LaunchFailed as error:
                self.failure = error

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            thread.join(PATIENCE_S)


@pytest.fixture
def launched(tmp_path: Path) -> Callable[..., Launched]:
    """Makes a supervisor's surroundings; `how` is what the fake server is to do (see `fake_vllm`)."""

    def make(how: str = "") -> Launched:
        port = free_port()
        notes = tmp_path / "notes"
        argv = (sys.executable, fake_vllm.__file__, "serve", "--served-model-name", "tiny", "--port", str(port))
        environment = {"VLLM_API_KEY": "secret", "VLLM_FAKE": how, "VLLM_FAKE_NOTES": str(notes)}
        server = Server("tiny", argv, port, "secret", "tiny", "skyllm-nano", environment, loras=True)
        return Launched(Settings(home=tmp_path / "home"), server, notes)

    return make
