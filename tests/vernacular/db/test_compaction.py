from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from vernacular.db import compaction
from vernacular.db.compaction import compact, compact_file, forget_ended_jobs
from vernacular.db.migrate import migrate
from vernacular.db.models import TenantRow
from vernacular.db.session import open_database
from vernacular.settings import Settings
from vernacular.tenancy import Platform


def test_leaves_no_byte_of_what_was_deleted(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    database = open_database(settings)
    migrate(database)
    for step in ("make", "delete"):
        with database.write() as session:
            platform = Platform(session)
            if step == "make":
                platform.create_tenant(TenantRow(slug="gone", display_name="quince-marmalade" * 5))
            else:
                platform.delete_tenant(platform.tenant("gone"))
    assert any(b"quince-marmalade" in path.read_bytes() for path in tmp_path.iterdir())
    with database.read() as session:  # a reader that has ended its transaction
        Platform(session).tenants()
    assert compact(database) == []
    assert not any(b"quince-marmalade" in path.read_bytes() for path in tmp_path.iterdir())
    database.close()


def test_says_that_a_reader_keeps_the_old_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "_PATIENCE_S", 0.2)
    path = tmp_path / "some.sqlite"
    with closing(sqlite3.connect(path)) as reader:
        reader.executescript("PRAGMA journal_mode=WAL; CREATE TABLE t (x); INSERT INTO t VALUES (1);")
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM t").fetchall()
        (sentence,) = compact_file(path)
        assert "erase again" in sentence


def test_forgets_the_steps_of_jobs_that_have_ended(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    database = open_database(settings)
    with closing(sqlite3.connect(tmp_path / "jobs.sqlite", isolation_level=None)) as jobs:
        jobs.executescript(
            "CREATE TABLE workflow_status (workflow_uuid TEXT PRIMARY KEY, status TEXT);"
            "CREATE TABLE operation_outputs (output TEXT, workflow_uuid TEXT REFERENCES workflow_status ON DELETE CASCADE);"
            "INSERT INTO workflow_status VALUES ('a', 'SUCCESS'), ('b', 'PENDING');"
            "INSERT INTO operation_outputs VALUES ('of a', 'a'), ('of b', 'b');"
        )
        assert forget_ended_jobs(settings.jobs_url, database) == []
        assert jobs.execute("SELECT output FROM operation_outputs").fetchall() == [("of b",)]
    database.close()
    assert b"of a" not in (tmp_path / "jobs.sqlite").read_bytes()
