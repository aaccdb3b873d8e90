"""Rewriting databases, so that no byte of deleted rows is left in their files.

SQLite and PostgreSQL mark rows as deleted and write over them when there is need.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError

from vernacular.db.base import Base, TenantOwned
from vernacular.db.session import Database

_PATIENCE_S: Final = 30.0
_ENDED: Final = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


def compact(database: Database) -> list[str]:
    """Rewrite the tables that hold tenants' rows; in sentences, what could not be done for now.

    SQLite: the whole file, with room for a second one needed meanwhile; writers wait. PostgreSQL: each table, which nobody
    reads meanwhile. Its own write-ahead log and its backups are its operator's.
    """
    if database.engine.dialect.name == "sqlite":
        path = database.engine.url.database
        return [] if not path or path == ":memory:" else compact_file(Path(path))
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"SET lock_timeout = '{int(_PATIENCE_S)}s'"))
        names = sorted(table.name for table in Base.metadata.sorted_tables if _is_owned(table.name))
        return [sentence for name in names if (sentence := _rewrite(connection, name))]


def forget_ended_jobs(jobs_url: str, database: Database) -> list[str]:
    """Remove what durable workflows that have ended keep of their steps: names of files, messages of errors."""
    if database.engine.dialect.name == "sqlite":
        path = Path(jobs_url.removeprefix("sqlite:///"))
        return _forget_in_file(path) if path.exists() else []
    with database.engine.begin() as connection:
        if inspect(connection).has_table("workflow_status", schema="dbos"):
            marks = ", ".join(f"'{state}'" for state in _ENDED)
            connection.execute(text(f"DELETE FROM dbos.workflow_status WHERE status IN ({marks})"))  # noqa: S608
    return []


def compact_file(path: Path) -> list[str]:
    """An SQLite file of whatever use, which other processes may have open."""
    give_up = time.monotonic() + _PATIENCE_S
    with closing(sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None)) as connection:
        while True:
            try:
                connection.execute("VACUUM")
                busy, *_rest = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.OperationalError as error:
                return [f"{path.name} could not be rewritten: {error}."]
            if not busy:
                return []
            if time.monotonic() > give_up:
                return [f"{path.name} is rewritten, but readers keep its write-ahead log; erase again to be rid of it."]
            time.sleep(0.05)


def _forget_in_file(path: Path) -> list[str]:
    with closing(sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "workflow_status" in tables:
            _delete_ended(connection, _ENDED)
    return compact_file(path)


def _delete_ended(connection: sqlite3.Connection, states: Sequence[str]) -> None:
    marks = ", ".join("?" for _ in states)
    connection.execute(f"DELETE FROM workflow_status WHERE status IN ({marks})", states)  # noqa: S608


def _rewrite(connection: Connection, table: str) -> str:
    try:
        connection.execute(text(f'VACUUM FULL "{table}"'))
    except OperationalError as error:
        return f"The table {table} could not be rewritten: {error.orig}."
    return ""


def _is_owned(table: str) -> bool:
    return any(
        mapper.local_table is not None and issubclass(mapper.class_, TenantOwned) and mapper.local_table.name == table  # type: ignore[attr-defined]
        for mapper in Base.registry.mappers
    )
