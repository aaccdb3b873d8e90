from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.parse import parse
from ingest.parse.sandbox import SandboxedParser
from tests.ingest import samples
from vernacular.errors import EncryptedFile, InvalidRecord, ParserCrashed, ParserTimeout, UnreadableFile

ROOT = str(Path(__file__).parents[3])
PAGE = b"<html><head><title>T</title></head><body><h1>Hours</h1><p>Nine to five.</p></body></html>"


@pytest.fixture
def parser() -> Iterator[SandboxedParser]:
    with SandboxedParser() as made:
        yield made


def gone(pid: int) -> bool:
    """Whether the process ends within five seconds."""
    for _ in range(100):
        try:
            if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.integration
class TestSandboxedParser:
    def test_gives_what_parsing_in_process_gives(self, parser: SandboxedParser) -> None:
        for data, name in (
            (PAGE, "a.html"),
            (samples.xlsx({"S": [["a", "b"]]}), "a.xlsx"),
            (samples.mail("S", "B"), "a.eml"),
        ):
            assert parser.parse(data, name) == parse(data, name)

    def test_starts_no_process_for_plain_text(self, parser: SandboxedParser) -> None:
        assert parser.parse(b"Words.", "a.txt").text == "Words."
        assert parser.worker_pid is None

    def test_keeps_one_worker_for_many_files(self, parser: SandboxedParser) -> None:
        parser.parse(PAGE, "a.html")
        first = parser.worker_pid
        parser.parse(PAGE, "b.html")
        assert first is not None
        assert parser.worker_pid == first

    def test_carries_errors_with_their_kind_and_words(self, parser: SandboxedParser) -> None:
        with pytest.raises(EncryptedFile, match="password") as caught:
            parser.parse(samples.pdf([[]], encrypted=True), "secret.pdf")
        assert "password" in caught.value.hint
        with pytest.raises(InvalidRecord, match="valid_from"):
            parser.parse(b"---\nvalid_from: soon\n---\nText", "a.md")

    def test_replaces_a_worker_that_was_killed(self, parser: SandboxedParser) -> None:
        parser.parse(PAGE, "a.html")
        pid = parser.worker_pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert gone(pid)
        assert parser.parse(PAGE, "a.html").title == "T"

    def test_replaces_a_worker_after_so_many_files(self) -> None:
        with SandboxedParser(max_files=2) as parser:
            pids = [parser.parse(PAGE, "a.html") and parser.worker_pid for _ in range(4)]
        assert pids[0] == pids[1] != pids[2] == pids[3]

    def test_ends_a_file_that_takes_too_long(self) -> None:
        with SandboxedParser(timeout_s=0.1) as parser:
            with pytest.raises(ParserTimeout, match=r"slow\.csv"):
                parser.parse(b"a,b,c,d\n" + b"1,2,3,4\n" * 450_000, "slow.csv")
            assert parser.worker_pid is None

    def test_ends_a_file_that_takes_too_much_memory(self) -> None:
        with SandboxedParser(memory_mb=192) as parser:
            with pytest.raises(ParserCrashed, match=r"large\.json"):
                parser.parse(b"[" + b"[1],[2]," * 5_000_000 + b"[]]", "large.json")
            assert parser.parse(PAGE, "a.html").title == "T"

    def test_replaces_a_worker_that_a_large_file_has_swollen(self, parser: SandboxedParser) -> None:
        parser.parse(b"a,b\n" + b"some words,others\n" * 400_000, "large.csv")
        pid = parser.worker_pid
        assert pid is None or gone(pid)
        assert parser.parse(PAGE, "a.html").title == "T"

    def test_survives_a_zip_bomb(self, parser: SandboxedParser) -> None:
        with pytest.raises(UnreadableFile, match=r"bomb\.docx"):
            parser.parse(samples.zip_bomb_docx(), "bomb.docx")
        assert parser.parse(PAGE, "a.html").title == "T"

    def test_lets_an_idle_worker_go_and_starts_another(self) -> None:
        with SandboxedParser(idle_s=0.1) as parser:
            parser.parse(PAGE, "a.html")
            pid = parser.worker_pid
            assert pid is None or gone(pid)
            assert parser.parse(PAGE, "a.html").title == "T"

    def test_ends_its_worker_when_closed(self) -> None:
        parser = SandboxedParser()
        parser.parse(PAGE, "a.html")
        pid = parser.worker_pid
        parser.close()
        assert pid is not None
        assert gone(pid)

    def test_leaves_no_worker_behind_when_its_process_is_killed(self) -> None:
        code = (
            "import sys, time; sys.path.insert(0, sys.argv[1])\n"
            "from ingest.parse.sandbox import SandboxedParser\n"
            f"parser = SandboxedParser(); parser.parse({PAGE!r}, 'a.html')\n"
            "print(parser.worker_pid, flush=True); time.sleep(60)"
        )
        with subprocess.Popen([sys.executable, "-c", code, ROOT], stdout=subprocess.PIPE) as owner:
            assert owner.stdout is not None
            pid = int(owner.stdout.readline())
            owner.kill()
            assert gone(pid)
