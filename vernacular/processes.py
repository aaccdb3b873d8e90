"""Child processes that are restarted when they die, and die with their parent.

A child is handed a pipe as its standard input. The pipe's other end closes when the parent ends, however it ends;
`exit_with_parent()` in the child waits for that. (Linux's parent-death signal follows the parent's *thread*, so it will not do.)
"""

from __future__ import annotations

import fcntl
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Final

log = logging.getLogger(__name__)
QUICK_DEATH_S = 5.0
FRUGAL: Final = {"MALLOC_ARENA_MAX": "2"}
"""glibc gives each thread an arena of its own, which keeps what it once held: tens of MB in the gateway and the worker."""


def exit_with_parent(before: Callable[[], None] = lambda: None) -> None:
    """Call once in a child: ends this process as soon as its parent is gone, after `before()`."""

    def wait() -> None:
        while os.read(0, 4096):
            pass
        before()
        os._exit(0)

    threading.Thread(target=wait, name="exit-with-parent", daemon=True).start()


class ChildProcess:
    """Runs `argv`, restarting it with growing delays while it dies quickly. `log_path` collects its output."""

    def __init__(self, name: str, argv: Sequence[str], log_path: Path) -> None:
        self.name = name
        self._argv = list(argv)
        self._log_path = log_path
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        self._spawn()
        self._thread = threading.Thread(target=self._watch, name=f"supervise-{self.name}", daemon=True)
        self._thread.start()

    def stop(self, patience_s: float = 10.0) -> None:
        """Ask the child to end, then make it."""
        self._stopping.set()
        process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if self._thread:
            self._thread.join(patience_s)

    def _spawn(self) -> None:
        self._log_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._log_path.open("ab") as output:
            self._process = subprocess.Popen(
                self._argv,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                env={**FRUGAL, **os.environ},
                start_new_session=True,  # Ctrl-C in the terminal is for the parent, who ends its children in order
            )

    def _watch(self) -> None:
        delay = 0.1
        while not self._stopping.is_set():
            process = self._process
            if process is None:
                return
            begin = time.monotonic()
            code = process.wait()
            _close(process.stdin)
            if self._stopping.is_set():
                return
            delay = 0.1 if time.monotonic() - begin > QUICK_DEATH_S else min(delay * 2, 10.0)
            log.warning(
                "%s ended with %s; starting it again in %.1f s (log: %s)", self.name, code, delay, self._log_path
            )
            if self._stopping.wait(delay):
                return
            self._spawn()


def is_locked(path: Path) -> bool:
    """Whether a process that lives holds the lock of that file; the lock goes with the process, however it ends."""
    try:
        with path.open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def python_module(module: str, *arguments: str) -> list[str]:
    """The argv that runs a module of this installation."""
    return [sys.executable, "-m", module, *arguments]


def _close(stream: IO[bytes] | None) -> None:
    if stream is not None:
        stream.close()
