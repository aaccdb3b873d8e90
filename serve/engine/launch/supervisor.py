"""Keeps one model server running: starts it, waits until it answers, announces it, restarts it when it dies or hangs."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from serve.engine.launch.causes import Cause, find_cause
from serve.engine.launch.logs import ServerLog
from serve.engine.launch.probe import Probe
from serve.engine.launch.process import ServerProcess
from serve.engine.launch.server import Server
from serve.engine.launch.state import Phase, ServerState, remove_state, write_state
from vernacular.endpoints import announce, withdraw
from vernacular.errors import LaunchFailed
from vernacular.settings import Settings

HUNG = Cause("hung", "It lived but no longer answered.", "See its log for what it was doing.", lasting=False)
LONG_LOG, SHORT_LOG = 200_000, 30_000


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for what, in seconds.

    `failures`: deaths in a row after which it is left alone; one that had served for `settled_s` begins a new row.
    Between two starts it waits `pause_s`, doubled each time up to `longest_pause_s`. One that lives but does not answer
    for `hung_s` is ended.
    """

    ready_s: float = 900.0
    settled_s: float = 120.0
    failures: int = 5
    pause_s: float = 1.0
    longest_pause_s: float = 60.0
    hung_s: float = 60.0
    look_every_s: float = 0.5
    health_every_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Life:
    """From a start to the death after it. `served_s` None: it never answered."""

    served_s: float | None
    cause: Cause


class Supervisor:
    """`on_change` is called, from the thread that runs this, with each new state and with progress while it loads."""

    def __init__(
        self,
        server: Server,
        settings: Settings,
        patience: Patience,
        on_change: Callable[[ServerState, str], None] = lambda _state, _line: None,
    ) -> None:
        self._server = server
        self._settings = settings
        self._patience = patience
        self._on_change = on_change
        self._log = ServerLog(server.log_path(settings))
        self._state = ServerState(
            server.name,
            "loading",
            server.model,
            server.profile,
            server.port,
            str(self._log.path),
            time.time(),
            os.getpid(),
        )

    def claim(self) -> None:
        """Write the state, by which others know that the port is taken."""
        write_state(self._settings, self._state)

    def run(self, stopping: threading.Event) -> None:
        """Until `stopping` is set; the server and all below it are gone then.

        It stays announced while it is down: a gateway then knows that a model is away, and not that there is none.

        Raises:
            LaunchFailed: it cannot be started, or dies again and again; the message says why.
        """
        try:
            self._run(stopping)
        finally:
            withdraw(self._settings, self._server.name)

    def _run(self, stopping: threading.Event) -> None:
        failures = 0
        ever_ready = False
        pause_s = self._patience.pause_s
        while not stopping.is_set():
            life = self._live(stopping)
            if life is None:
                break
            ever_ready = ever_ready or life.served_s is not None
            settled = life.served_s is not None and life.served_s >= self._patience.settled_s
            failures = 1 if settled else failures + 1
            pause_s = self._patience.pause_s if settled else pause_s
            if failures >= self._patience.failures or (life.cause.lasting and not ever_ready):
                self._enter("failed", life.cause.sentence)
                raise self._given_up(life.cause, failures)
            self._state = replace(self._state, restarts=self._state.restarts + 1)
            self._enter("waiting", life.cause.sentence)
            stopping.wait(pause_s)
            pause_s = min(pause_s * 2, self._patience.longest_pause_s)
        remove_state(self._settings, self._server.name)

    def _live(self, stopping: threading.Event) -> Life | None:
        """One start, and all until the death after it; None: it was stopped on purpose."""
        self._log.begin()
        self._enter("loading", self._state.message)
        process = ServerProcess(self._server.argv, self._server.environment, self._log.path)
        try:
            with Probe(self._server.url, self._server.api_key) as probe:
                life = self._load(process, probe, stopping)
                return life or self._serve(process, probe, stopping)
        finally:
            process.stop()

    def _load(self, process: ServerProcess, probe: Probe, stopping: threading.Event) -> Life | None:
        """None once it answers, or shall stop."""
        deadline = time.monotonic() + self._patience.ready_s
        while not stopping.wait(self._patience.look_every_s):
            code = process.poll()
            if code is not None:
                return Life(None, find_cause(self._log.text(LONG_LOG), code))
            # Another program's server may answer on the port: ours knows the key and the model.
            served = probe.models() if probe.healthy() else []
            if found := next((model for model in served if model.name == self._server.model), None):
                announce(self._settings, self._server.endpoint(found.context_tokens, os.getpid()))
                self._enter("ready", "")
                return None
            if time.monotonic() > deadline:
                return Life(None, find_cause(self._log.text(LONG_LOG), None))
            self._on_change(self._state, self._log.last_line())
        return None

    def _serve(self, process: ServerProcess, probe: Probe, stopping: threading.Event) -> Life | None:
        begin = well = looked = time.monotonic()
        while not stopping.wait(self._patience.look_every_s):
            code = process.poll()
            now = time.monotonic()
            if code is not None:
                return Life(now - begin, find_cause(self._log.text(SHORT_LOG), code))
            if now - looked < self._patience.health_every_s:
                continue
            looked = now
            self._log.rotate()
            if probe.healthy():
                well = time.monotonic()
            elif time.monotonic() - well > self._patience.hung_s:
                return Life(well - begin, HUNG)
        return None

    def _enter(self, phase: Phase, message: str) -> None:
        self._state = replace(self._state, phase=phase, message=message, since=time.time())
        write_state(self._settings, self._state)
        self._on_change(self._state, "")

    def _given_up(self, cause: Cause, failures: int) -> LaunchFailed:
        name = self._server.name
        often = f"The model server {name} died {failures} times in a row" if failures > 1 else f"{name} did not start"
        return LaunchFailed(f"{often}: {_lower(cause.sentence)}", f"{cause.hint} Its log: {self._log.path}")


def _lower(sentence: str) -> str:
    """For the middle of a sentence; abbreviations and names keep their capitals."""
    first = sentence.split(maxsplit=1)[0]
    return sentence[0].lower() + sentence[1:] if first in _COMMON else sentence


_COMMON = {"It", "The", "A", "What", "This", "Only", "Another", "Weights"}
