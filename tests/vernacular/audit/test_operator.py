from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from vernacular.audit.events import COMMAND_LINE, Actor, Event
from vernacular.audit.keys import AuditKeys
from vernacular.audit.operator import OperatorLog
from vernacular.audit.verify_audit import main
from vernacular.settings import AuditSettings, Settings


def opened(home: Path) -> OperatorLog:
    settings = Settings(home=home / "home", audit=AuditSettings(checkpoints=home / "elsewhere"))
    return OperatorLog(settings, AuditKeys(settings.home))


def created(tenant: str) -> Event:
    return Event("tenant.created", COMMAND_LINE, facts={"tenant": tenant})


class TestTheOperatorsLog:
    def test_is_an_export_at_all_times(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        log = opened(tmp_path)
        log.record(created("acme"))
        log.record(Event("tenant.deleted", Actor("operator", "op-1"), facts={"tenant": "acme"}))
        assert main([str(log.folder), "--checkpoints", str(tmp_path / "elsewhere")]) == 0
        assert "2 of 2 covered" in capsys.readouterr().out
        assert [entry["event"] for entry in log.entries()] == ["tenant.created", "tenant.deleted"]
        assert "op-1" not in (log.folder / "entries.jsonl").read_text()

    def test_is_shared_by_processes(self, tmp_path: Path) -> None:
        def write(number: int) -> None:
            log = opened(tmp_path)
            for _ in range(5):
                log.record(created(f"tenant-{number}"))

        threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        report = opened(tmp_path).verify()
        assert (report.entries, report.findings) == (20, [])

    def test_goes_on_after_half_a_line(self, tmp_path: Path) -> None:
        opened(tmp_path).record(created("one"))
        path = opened(tmp_path).folder / "entries.jsonl"
        path.write_text(path.read_text() + '{"actor": ')
        opened(tmp_path).record(created("two"))
        assert opened(tmp_path).verify().findings == []
        assert len(opened(tmp_path).entries()) == 2

    def test_shows_that_it_was_changed(self, tmp_path: Path) -> None:
        log = opened(tmp_path)
        for name in ("one", "two"):
            log.record(created(name))
        path = log.folder / "entries.jsonl"
        first, second = path.read_text().splitlines()
        path.write_text(first.replace('"one"', '"own"') + f"\n{second}\n")
        assert not log.verify().whole
        path.write_text(f"{first}\n")
        manifest = log.folder / "manifest.json"
        manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "size": 1}))
        assert "the end is missing" in log.verify().findings[0]

    def test_holds_no_content(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="no content"):
            opened(tmp_path).record(Event("tenant.created", COMMAND_LINE, content={"a": "b"}))

    def test_is_empty_before_anything_was_done(self, tmp_path: Path) -> None:
        assert opened(tmp_path).entries() == []
