from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.parse import ocr
from ingest.parse.sandbox import SandboxedParser
from tests.ingest import samples
from tests.ingest.parse.images.pictures import sign
from tests.vernacular.fetching.listener import listening
from vernacular.confined.confinement import landlock_version

ROOT = str(Path(__file__).parents[3])
PAGE = b"<html><head><title>T</title></head><body><h1>Hours</h1><p>Nine to five.</p></body></html>"
pytestmark = pytest.mark.integration


def attempt(code: str, *, hook: bool = True) -> str:
    """What comes of `code` in a confined process. Without `hook` the layers under it are alone, as for native code."""
    hooked = "" if hook else "sys.addaudithook = lambda _hook: None\n"
    program = (
        "import ctypes, os, socket, subprocess, sys; sys.path.insert(0, sys.argv[1])\n"
        f"libc = ctypes.CDLL(None, use_errno=True)\n{hooked}"
        "from vernacular.confined.confinement import confine; confine(sys.argv[1])\n"
        f"try: {code}\nexcept (OSError, PermissionError) as error: print('refused:', error)\nelse: print('done')"
    )
    done = subprocess.run([sys.executable, "-c", program, ROOT], capture_output=True, text=True, check=True)
    return done.stdout.strip()


class TestPython:
    @pytest.mark.parametrize(
        "code",
        [
            "socket.create_connection(('127.0.0.1', 9))", "socket.getaddrinfo('localhost', 80)",
            "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        ],
    )  # fmt: skip
    def test_cannot_use_the_network(self, code: str) -> None:
        assert attempt(code) == "refused: A parser may not use the network."

    @pytest.mark.parametrize(
        "code", ["open('FILE', 'w')", "open('FILE', 'ab')", "os.open('FILE', os.O_CREAT | os.O_WRONLY)", "os.mkdir('FILE')",
                 "os.rename('/etc/hostname', 'FILE')", "os.symlink('/etc/passwd', 'FILE')", "os.remove('FILE')"],
    )  # fmt: skip
    def test_cannot_write(self, code: str, tmp_path: Path) -> None:
        assert attempt(code.replace("FILE", str(tmp_path / "file"))) == "refused: A parser may not write files."
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        "code", ["subprocess.run(['/bin/sh', '-c', 'id'])", "os.system('id')", "os.execv('/bin/sh', ['sh'])", "os.fork()",
                 "os.kill(os.getppid(), 0)"],
    )  # fmt: skip
    def test_cannot_start_programs_or_end_others(self, code: str) -> None:
        assert attempt(code) == "refused: A parser may not start programs."


class TestNativeCode:
    """What the kernel holds, whoever asks: here the hook of Python is taken out."""

    def test_cannot_fill_a_file(self, tmp_path: Path) -> None:
        code = f"libc.write(os.open({str(tmp_path / 'file')!r}, os.O_CREAT | os.O_RDWR), b'x', 1) == 1 or os.stat('/nowhere')"
        assert attempt(code, hook=False).startswith("refused")
        assert not (tmp_path / "file").exists() or (tmp_path / "file").read_bytes() == b""

    def test_cannot_reach_a_listener_of_this_machine(self) -> None:
        with listening() as listener:
            code = f"socket.create_connection(('127.0.0.1', {listener.port}), 2)"
            assert attempt(code, hook=False).startswith("refused")
            assert listener.connections == 0

    @pytest.mark.parametrize("what", ["file", "environ", "mem"])
    def test_cannot_read_secrets(self, tmp_path: Path, what: str) -> None:
        if not landlock_version():
            pytest.skip("this kernel has no Landlock")
        secret = tmp_path / "pepper"
        secret.write_text("secret")
        path = str(secret) if what == "file" else f"/proc/{os.getpid()}/{what}"
        assert attempt(f"open({path!r}, 'rb').read(1)", hook=False).startswith("refused: [Errno 13]")

    def test_cannot_signal_its_parent(self) -> None:
        if landlock_version() < 6:
            pytest.skip("this kernel's Landlock does not hold signals")
        assert attempt("os.kill(os.getppid(), 0)", hook=False).startswith("refused: [Errno 1]")

    def test_gains_no_privilege_and_leaves_no_core(self) -> None:
        code = "print(libc.prctl(39, 0, 0, 0, 0), libc.prctl(3, 0, 0, 0, 0), __import__('resource').getrlimit(4))"
        assert attempt(code).splitlines()[0] == "1 0 (0, 0)"


class TestWorker:
    @pytest.fixture(scope="class")
    def parser(self) -> Iterator[SandboxedParser]:
        with SandboxedParser() as made:
            yield made

    def test_is_confined(self, parser: SandboxedParser) -> None:
        parser.parse(PAGE, "a.html")
        assert parser.worker_pid is not None
        status = Path(f"/proc/{parser.worker_pid}/status").read_text()
        limits = Path(f"/proc/{parser.worker_pid}/limits").read_text()
        assert "NoNewPrivs:\t1" in status
        assert [line.split()[3:5] for line in limits.splitlines() if line.startswith("Max file size")] == [["0", "0"]]
        if os.geteuid() == 0:  # it cannot be traced, so that others are told no more of it
            assert Path(f"/proc/{parser.worker_pid}/ns/net").readlink() != Path("/proc/self/ns/net").readlink()

    def test_knows_nothing_of_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is started with one of its own, and none of this process's files."""
        monkeypatch.setenv("VERNACULAR_SQL__URL", "postgresql://user:secret@host/db")
        started: list[dict[str, Any]] = []
        popen = subprocess.Popen

        def noting(command: list[str], **more: Any) -> Any:
            started.append(more)
            return popen(command, **more)

        monkeypatch.setattr("vernacular.confined.process.subprocess.Popen", noting)
        with SandboxedParser() as fresh:
            fresh.parse(PAGE, "a.html")
        assert set(started[0]["env"]) == {"PATH", "LC_ALL", "OMP_THREAD_LIMIT"}
        assert not started[0].get("pass_fds")

    @pytest.mark.parametrize(
        ("data", "name", "says"),
        [
            (PAGE, "a.html", "Nine to five."), (samples.mail("Hours", "Nine to five."), "a.eml", "Nine to five."),
            (samples.docx(samples.paragraph("Nine to five.")), "a.docx", "Nine to five."),
            (samples.xlsx({"S": [["Day", "Hours"], ["Monday", "Nine"]]}), "a.xlsx", "Nine"),
            (samples.pptx(["Nine to five."]), "a.pptx", "Nine to five."),
            (samples.pdf([[(50, 700, 12, "Nine to five.")]]), "a.pdf", "Nine to five."),
        ],
    )  # fmt: skip
    def test_reads_all_that_it_read_before(self, parser: SandboxedParser, data: bytes, name: str, says: str) -> None:
        assert says in parser.parse(data, name).text

    def test_reads_pictures_where_there_is_ocr(self, parser: SandboxedParser) -> None:
        if not ocr.available():
            pytest.skip("no Tesseract here")
        assert "HARBOUR" in parser.parse(sign("HARBOUR"), "a.png").text


def test_a_thread_of_the_parent_is_not_confined() -> None:
    """The confinement is the worker's own: whoever starts it goes on as before."""
    with SandboxedParser() as parser:
        parser.parse(PAGE, "a.html")
    assert threading.active_count() >= 1
    assert ctypes.CDLL(None).prctl(39, 0, 0, 0, 0) == 0
