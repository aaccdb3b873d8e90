"""Brings a database to the schema of this version: the first thing every process does with it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from vernacular.db.session import Database
from vernacular.errors import InvalidSetting, MigrationFailed, StoreBusy

SCRIPTS = Path(__file__).parent / "migrations"
_ADVISORY_LOCK = 0x7665726E  # any constant of our own: PostgreSQL names locks by number


def migrate(database: Database) -> None:
    """Upgrade to the newest revision, all or nothing; processes that start together take turns.

    Raises:
        MigrationFailed: a migration failed, or the database was written by a newer version.
        InvalidSetting: the database does not hold its texts in UTF-8.
        StoreBusy: the database does not answer.
    """
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    script = ScriptDirectory.from_config(config)
    engine = database.engine.execution_options(sqlite_begin="IMMEDIATE")
    try:
        with _turn(database), engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                _refuse_encoding(connection)
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
            if _current(connection, script) != script.get_current_head():
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
    except DBAPIError as error:
        if not error.connection_invalidated and not _unreachable(database, error):
            raise MigrationFailed(f"The database could not be migrated: {error}.") from error
        raise StoreBusy(
            "The database does not answer.", "Start it, or correct VERNACULAR_SQL__URL; nothing was changed."
        ) from error
    except (SQLAlchemyError, CommandError, OSError) as error:
        raise MigrationFailed(f"The database could not be migrated: {error}.") from error


def _unreachable(database: Database, error: DBAPIError) -> bool:
    """Whether a server refused the connection itself: no statement had been sent yet."""
    return database.engine.dialect.name != "sqlite" and isinstance(error, OperationalError) and error.statement is None


def _current(connection: Connection, script: ScriptDirectory) -> str | None:
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in {revision.revision for revision in script.walk_revisions()}:
        raise MigrationFailed(
            f"The database is of a newer version of Vernacular (schema {current}) than this one.",
            "Run that version or a later one; an older one must not write to it.",
        )
    return current


def _refuse_encoding(connection: Connection) -> None:
    """Offsets count characters; in another encoding PostgreSQL counts bytes, or has no place for some characters."""
    encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
    if encoding != "UTF8":
        raise InvalidSetting(
            f"The PostgreSQL database is encoded in {encoding}, not in UTF8.",
            "Make another: CREATE DATABASE vernacular ENCODING 'UTF8' TEMPLATE template0.",
        )


@contextmanager
def _turn(database: Database) -> Iterator[None]:
    """On SQLite a lock file beside the database: two processes may both be about to create it."""
    path = database.engine.url.database
    if database.engine.dialect.name != "sqlite" or not path or path == ":memory:":
        yield
        return
    with Path(f"{path}.migrate").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
