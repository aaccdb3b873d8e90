"""`python -m serve.engine.launch.guard PROGRAM ARG…`: runs a program that goes, with all it started, when its parent goes.

A model server reads no pipe of ours, and its own children (vLLM's engine core and workers) outlive it when it is killed.
So this process stands between: its standard input is a pipe from the supervisor, whose end it sees however the supervisor
ended; orphans below it become its children (Linux's subreaper), so that none is left when it leaves. It exits as the
program did: with its code, or 128 plus the signal.

The pipe's first line is a JSON object of environment variables to set, or with null to unset: keys go that way, since
every user may read a process's arguments.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

CANNOT_RUN = 127
PATIENCE_S = 15.0
SUPERVISOR_GONE_PATIENCE_S = 5.0
_SET_DEATH_SIGNAL = 1
_SET_CHILD_SUBREAPER = 36
_ON_LINUX = sys.platform == "linux"


def main(argv: Sequence[str]) -> int:
    _prctl(_SET_CHILD_SUBREAPER, 1)
    guard = os.getpid()
    environment = _environment()

    def go_with_guard() -> None:
        _prctl(_SET_DEATH_SIGNAL, signal.SIGTERM)
        if os.getppid() != guard:
            os._exit(1)

    with _wakeup() as woken:
        try:
            program = subprocess.Popen(argv, env=environment, stdin=subprocess.DEVNULL, preexec_fn=go_with_guard)  # noqa: PLW1509
        except OSError as error:
            sys.stderr.write(f"{argv[0]} cannot be run: {error.strerror}\n")
            return CANNOT_RUN
        patience_s = _wait(program, woken)
        if patience_s is not None:
            _end(program, patience_s)
    _end_orphans()
    code = program.returncode
    return code if code >= 0 else 128 - code


def _environment() -> dict[str, str]:
    line = b""
    while not line.endswith(b"\n") and (read := os.read(sys.stdin.fileno(), 1)):
        line += read
    changed: dict[str, str | None] = json.loads(line or b"{}")
    kept = {name: value for name, value in os.environ.items() if name not in changed}
    return kept | {name: value for name, value in changed.items() if value is not None}


@contextlib.contextmanager
def _wakeup() -> Iterator[socket.socket]:
    """A socket that receives the number of each signal that says something ended or should."""
    woken, writer = socket.socketpair()
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.fileno())
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
        signal.signal(name, lambda *_: None)
    with woken, writer:
        yield woken
        signal.set_wakeup_fd(-1)


def _wait(program: subprocess.Popen[bytes], woken: socket.socket) -> float | None:
    """None once the program has ended; the seconds it may take for it, when it shall."""
    stdin = sys.stdin.fileno()
    while program.poll() is None:
        ready, _, _ = select.select([stdin, woken], [], [])
        if stdin in ready and not os.read(stdin, 4096):
            return SUPERVISOR_GONE_PATIENCE_S
        if woken in ready and {signal.SIGTERM, signal.SIGINT} & set(woken.recv(4096)):
            return PATIENCE_S
    return None


def _end(program: subprocess.Popen[bytes], patience_s: float) -> None:
    program.terminate()
    try:
        program.wait(patience_s)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait()


def _end_orphans() -> None:
    """Kill what the program left behind; where no subreaper is, the supervisor kills the group."""
    while children := _children():
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        for child in children:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child, 0)
        time.sleep(0.01)  # a killed child's own children become ours


def _children() -> list[int]:
    lists = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    return [int(child) for path in lists for child in path.read_text(encoding="ascii").split()]


def _prctl(option: int, value: int) -> None:
    if _ON_LINUX:
        ctypes.CDLL(None).prctl(option, int(value), 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
