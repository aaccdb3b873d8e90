"""A model server's processes, from the supervisor's side: one guard, and all that lives below it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from serve.engine.launch import guard
from vernacular.processes import python_module

GUARD_GRACE_S = 5.0
POLL_S = 0.05


class ServerProcess:
    """Starts at once, in a session of its own: Ctrl-C in the terminal is for the supervisor, who ends it in order."""

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str | None], log_path: Path) -> None:
        with log_path.open("ab") as output:
            self._process = subprocess.Popen(
                python_module(guard.__name__, *argv),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it died at once, which poll() will tell
            self._process.stdin.write(json.dumps(dict(environment)).encode() + b"\n")
            self._process.stdin.flush()

    @property
    def pid(self) -> int:
        return self._process.pid

    def poll(self) -> int | None:
        """The program's exit code, 128 plus the number for a signal; None while it runs."""
        if self._process.returncode is None:
            if os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                return None
            self._sweep()
        code = self._process.wait()
        self._close()
        return code if code >= 0 else 128 - code

    def stop(self) -> None:
        """End it with all its children; returns when they are gone."""
        deadline = time.monotonic() + guard.PATIENCE_S + GUARD_GRACE_S
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        while self.poll() is None and time.monotonic() < deadline:
            time.sleep(POLL_S)
        if self._process.returncode is None:
            self._sweep()
            self._process.wait()
            self._close()

    def _sweep(self) -> None:
        """Kill what is left of the group. The guard is not yet waited for, so its number cannot be another's."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def _close(self) -> None:
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
