from __future__ import annotations

import stat
from pathlib import Path

from serve.engine.launch.logs import ServerLog


def write(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


class TestServerLog:
    def test_tells_of_the_last_start_alone_and_keeps_what_was_before(self, tmp_path: Path) -> None:
        log = ServerLog(tmp_path / "logs" / "model.log")
        log.begin()
        write(log.path, "first\n")
        log.begin()
        assert log.text() == ""
        write(log.path, "(APIServer pid=1) INFO 11-22 02:00:00 [api_server.py:1] second\n\n")
        assert "first" not in log.text()
        assert log.last_line() == "second"
        assert "first" in log.path.read_text(encoding="utf-8")

    def test_is_read_by_its_owner_alone(self, tmp_path: Path) -> None:
        log = ServerLog(tmp_path / "model.log")
        log.begin()
        assert stat.S_IMODE(log.path.stat().st_mode) == 0o600

    def test_is_set_aside_when_it_is_long_while_its_writer_goes_on(self, tmp_path: Path) -> None:
        log = ServerLog(tmp_path / "model.log", max_bytes=10)
        log.begin()
        with log.path.open("a", encoding="utf-8") as writer:
            for number in range(5):
                writer.write(f"a long line, number {number}\n")
                writer.flush()
                log.rotate()
            writer.write("now\n")
            writer.flush()
        assert log.text() == "now\n"
        kept = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.glob("model.log.*")}
        assert sorted(kept) == ["model.log.1", "model.log.2", "model.log.3"]
        assert kept["model.log.1"] == "a long line, number 4\n"
        assert kept["model.log.3"] == "a long line, number 2\n"
