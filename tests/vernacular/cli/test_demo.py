from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from vernacular.cli.demo import free_port
from vernacular.cli.run import only_holder
from vernacular.errors import Conflict

WAITER = (
    "from vernacular.cli.demo import wait_for_the_end as w; print('waits', flush=True); w(); print('ended', flush=True)"
)


class TestPorts:
    def test_a_taken_port_is_refused_with_the_variable_that_chooses_another(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            with pytest.raises(Conflict, match=f"Port {port} is taken") as told:
                free_port("127.0.0.1", port, "VERNACULAR_UI__PORT")
        assert "VERNACULAR_UI__PORT=" in told.value.hint

    def test_port_0_is_one_that_is_free(self) -> None:
        port, url = free_port("127.0.0.1", 0, "VERNACULAR_UI__PORT")
        assert port > 0
        assert url == f"http://127.0.0.1:{port}"


def test_a_second_demo_on_the_same_home_is_refused(tmp_path: Path) -> None:
    lock = tmp_path / "demo.lock"
    with (
        only_holder(lock, "A demo runs."),
        pytest.raises(Conflict, match="A demo runs"),
        only_holder(lock, "A demo runs."),
    ):
        pass


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_many_signals_at_once_end_it_like_one(name: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", WAITER], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waits\n"
        time.sleep(0.2)  # until the handlers are set
        process.send_signal(name)
        assert process.stdout.readline() == "ended\n"
        assert process.wait(10) == 0


def test_a_handler_interrupted_by_another_signal_does_not_lock_up() -> None:
    code = (
        "import os, signal, threading\n"
        "from vernacular.cli.demo import wait_for_the_end\n"
        "write = os.write\n"
        "def interrupted(*given):\n"
        "    os.write = write\n"
        "    signal.raise_signal(signal.SIGTERM)\n"
        "    return write(*given)\n"
        "os.write = interrupted\n"
        "threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "wait_for_the_end()\n"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=20, check=False).returncode == 0
