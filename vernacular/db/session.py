"""The engine, and transactions: `Database.read()` for looking, `Database.write()` for one unit of work."""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DataError
from sqlalchemy.orm import ORMExecuteState, Session

from vernacular.db.base import TenantOwned
from vernacular.errors import BadRequest, InvalidSetting
from vernacular.pace import breathe
from vernacular.settings import Settings

if TYPE_CHECKING:
    from psycopg.abc import Buffer

NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "glusterfs", "ceph", "lustre", "afs"}
)
SCOPED = "tenant_scope"
TURN_S = 30.0


class UnscopedQuery(RuntimeError):
    """A statement over tenant-owned rows was not made by TenantScope or Platform: a bug that must never be served."""


class Database:
    """Sessions on one engine. Sync: the gateway calls it from its thread pool."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writer = engine.execution_options(sqlite_begin="IMMEDIATE")
        self._turn = threading.RLock() if engine.dialect.name == "sqlite" else None

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session whose transaction is never committed."""
        breathe()
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose transaction is committed on leaving, rolled back on an error.

        On SQLite it takes the write lock at once, so that it never fails half-way for want of it.

        Raises:
            BadRequest: a value is not one that its column can hold.
        """
        breathe()
        try:
            with self._in_turn(), Session(self._writer, expire_on_commit=False) as session, session.begin():
                yield session
        except DataError as error:
            raise BadRequest(
                f"The database has no room for a value: {error.orig}.", "Shorten or correct it."
            ) from error

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """Whoever waits for SQLite's write lock looks for it again at ever longer intervals, and may miss it again and again. So the
        threads of a process queue before it."""
        held = self._turn is not None and self._turn.acquire(timeout=TURN_S)
        try:
            yield
        finally:
            if held and self._turn is not None:
                self._turn.release()


def open_database(settings: Settings) -> Database:
    """Errors of the database do not tell a statement's values: they go into logs, and tenants' texts may not.

    Raises:
        InvalidSetting: the URL is not one, or SQLite would lie on a network file system.
    """
    try:
        url = make_url(settings.sql_url)
        if url.get_backend_name() not in ("sqlite", "postgresql"):
            raise ArgumentError(f"{url.get_backend_name()} is no database of this product's")
    except ArgumentError:
        raise InvalidSetting(
            "VERNACULAR_SQL__URL is not an address of a PostgreSQL database.",
            "Use postgresql+psycopg://USER:PASSWORD@HOST/NAME, or unset it.",
        ) from None
    if url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql+psycopg")  # the driver that comes with the product
        engine = create_engine(
            url,
            connect_args={"client_encoding": "utf8"},
            pool_pre_ping=True,
            json_serializer=_to_json,
            json_deserializer=orjson.loads,
            hide_parameters=True,
        )
        _prepare_postgresql(engine)
    else:
        if url.database and url.database != ":memory:":
            refuse_network_file_system(Path(url.database).parent)
            Path(url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        engine = create_engine(
            url,
            connect_args={"timeout": settings.sql.busy_timeout_s},
            json_serializer=_to_json,
            json_deserializer=orjson.loads,
            hide_parameters=True,
        )
        _prepare_sqlite(engine)
    _guard_sessions()
    return Database(engine)


@functools.cache
def _guard_sessions() -> None:
    """Once a process: to listen again would disturb statements that run at that moment."""
    event.listen(Session, "do_orm_execute", _refuse_unscoped)


def _to_json(value: object) -> str:
    try:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()
    except orjson.JSONEncodeError:  # integers beyond 64 bits, and lone surrogates, which could not be read back
        return json.dumps(value, ensure_ascii=False).encode(errors="replace").decode()


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not guessed by the driver
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            "cache_size=-16000",
            "wal_autocheckpoint=4000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('sqlite_begin', 'DEFERRED')}")


def _prepare_postgresql(engine: Engine) -> None:
    """PostgreSQL's texts cannot hold NUL, and refuse a statement that looks for one: U+FFFD takes its place."""
    from psycopg.types.string import StrDumperUnknown  # noqa: PLC0415 - SQLite does without the driver

    class NulFree(StrDumperUnknown):
        def dump(self, obj: str) -> Buffer | None:
            return super().dump(obj.replace("\0", "\ufffd"))

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.adapters.register_dumper(str, NulFree)


def _refuse_unscoped(state: ORMExecuteState) -> None:
    """The net under the lint: a statement over tenant-owned rows must carry the mark of `vernacular.tenancy`."""
    owned = any(issubclass(mapper.class_, TenantOwned) for mapper in state.all_mappers)
    if owned and not state.is_column_load and not state.is_relationship_load and SCOPED not in state.execution_options:
        raise UnscopedQuery(f"unscoped statement: {state.statement}")


def refuse_network_file_system(folder: Path, mounts: Path = Path("/proc/mounts")) -> None:
    """SQLite's locks and shared memory do not work over a network: data would be lost without a word.

    Raises:
        InvalidSetting: `folder` lies on such a file system.
    """
    if not mounts.exists():
        return
    best, kind = "", ""
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        _device, mount, file_system, *_rest = line.split()
        mount = mount.replace("\\040", " ")
        if Path(folder).absolute().is_relative_to(mount) and len(mount) >= len(best):
            best, kind = mount, file_system
    if kind in NETWORK_FILE_SYSTEMS:
        raise InvalidSetting(
            f"{folder} lies on a network file system ({kind}), where SQLite loses data.",
            "Set VERNACULAR_HOME to a local disk, or VERNACULAR_SQL__URL to a PostgreSQL server.",
        )
