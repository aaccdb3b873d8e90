from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from vernacular.processes import ChildProcess

PATIENCE_S = 20.0
SLEEPER = "from vernacular.processes import exit_with_parent; exit_with_parent(); import time; time.sleep(600)"
PARENT = """
import sys, time
from pathlib import Path
from vernacular.processes import ChildProcess
child = ChildProcess("sleeper", [sys.executable, "-c", {sleeper!r}], Path(sys.argv[1]))
child.start()
print(child.pid, flush=True)
time.sleep(600)
"""


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


def test_a_child_that_is_killed_is_started_again(tmp_path: Path) -> None:
    child = ChildProcess("sleeper", [sys.executable, "-c", SLEEPER], tmp_path / "log")
    child.start()
    try:
        first = child.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        assert eventually(lambda: child.alive() and child.pid != first)
    finally:
        child.stop()
    assert not child.alive()


def test_a_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", PARENT.format(sleeper=SLEEPER), str(tmp_path / "log")]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert running(child)
        parent.kill()
    assert eventually(lambda: not running(child))
