from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from serve.engine.launch import guard
from serve.engine.launch.process import ServerProcess
from tests.serve.engine.launch.conftest import eventually, running

pytestmark = pytest.mark.integration

FAMILY = """
import os, subprocess, sys, time
children = [subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=own) for own in (True, False)]
print(os.getpid(), *(child.pid for child in children), flush=True)
time.sleep(600)
"""
SUPERVISOR = """
import sys, time
from pathlib import Path
from serve.engine.launch.process import ServerProcess
process = ServerProcess([sys.executable, "-c", sys.argv[2]], {}, Path(sys.argv[1]))
print(process.pid, flush=True)
time.sleep(600)
"""


def family(log: Path) -> list[int]:
    """The numbers of the program and its children, which it writes to its log."""
    assert eventually(lambda: log.exists() and len(log.read_text(encoding="utf-8").split()) == 3)
    return [int(word) for word in log.read_text(encoding="utf-8").split()]


def test_everything_below_a_supervisor_that_is_killed_ends(tmp_path: Path) -> None:
    log = tmp_path / "log"
    argv = [sys.executable, "-c", SUPERVISOR, str(log), FAMILY]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as supervisor:
        pids = family(log)
        supervisor.kill()
    assert eventually(lambda: not any(running(pid) for pid in pids))


def test_everything_below_a_guard_that_is_killed_ends(tmp_path: Path) -> None:
    process = ServerProcess([sys.executable, "-c", FAMILY], {}, tmp_path / "log")
    program, _, child = family(tmp_path / "log")
    os.kill(process.pid, signal.SIGKILL)
    assert eventually(lambda: process.poll() == 128 + signal.SIGKILL)
    assert eventually(lambda: not running(program) and not running(child))


def test_a_program_that_is_killed_leaves_no_children(tmp_path: Path) -> None:
    process = ServerProcess([sys.executable, "-c", FAMILY], {}, tmp_path / "log")
    program, *children = family(tmp_path / "log")
    os.kill(program, signal.SIGKILL)
    assert eventually(lambda: process.poll() == 128 + signal.SIGKILL)
    assert not any(running(pid) for pid in children)


def test_the_programs_exit_code_is_handed_on(tmp_path: Path) -> None:
    process = ServerProcess([sys.executable, "-c", "raise SystemExit(7)"], {}, tmp_path / "log")
    assert eventually(lambda: process.poll() is not None)
    assert process.poll() == 7


def test_a_program_that_is_not_there_is_told_in_the_log(tmp_path: Path) -> None:
    process = ServerProcess([str(tmp_path / "none")], {}, tmp_path / "log")
    assert eventually(lambda: process.poll() == guard.CANNOT_RUN)
    assert "cannot be run" in (tmp_path / "log").read_text(encoding="utf-8")


def test_variables_are_set_and_unset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTER", "outer")
    monkeypatch.setenv("UNWANTED", "unwanted")
    code = "import json, os; print(json.dumps({name: os.environ.get(name) for name in ('OUTER', 'UNWANTED', 'KEY')}))"
    process = ServerProcess([sys.executable, "-c", code], {"KEY": "密", "UNWANTED": None}, tmp_path / "log")
    assert eventually(lambda: process.poll() == 0)
    given = json.loads((tmp_path / "log").read_text(encoding="utf-8"))
    assert given == {"OUTER": "outer", "UNWANTED": None, "KEY": "密"}
