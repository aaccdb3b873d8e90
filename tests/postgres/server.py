"""A PostgreSQL server of the tests' own: in a temporary folder, on a Unix socket, without fsync, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg

DEBIAN = Path("/usr/lib/postgresql")
START_PATIENCE_S = 60.0
MISSING = "PostgreSQL's programs (initdb, postgres) are not installed: run `make test-postgres`, or apt-get install postgresql."


class NoPostgres(RuntimeError):
    """There is no server to start."""


@dataclass
class Server:
    """A running server; `new_database()` gives each test a database of its own."""

    socket: Path
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def new_database(self, options: str = "") -> str:
        """The SQLAlchemy URL of an empty database; `options` go into its CREATE DATABASE."""
        name = f"test_{next(self._numbers)}"
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} {options}".encode())
        return f"postgresql+psycopg://postgres@/{name}?host={self.socket}"

    def address(self, database: str) -> str:
        return f"host={self.socket} user=postgres dbname={database}"


def programs() -> Path:
    """The folder of the newest server's programs.

    Raises:
        NoPostgres: there are none.
    """
    found = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    if on_path:
        return Path(on_path).resolve().parent
    raise NoPostgres(MISSING)


@contextmanager
def running_server() -> Iterator[Server]:
    """
    Raises:
        NoPostgres: its programs are not there, or it does not start.
    """
    binaries = programs()
    user = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))  # short: a socket's path has little room
    try:
        if user is not None:
            shutil.chown(folder, user)
        data = folder / "data"
        _run([binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"], user)
        settings = ("listen_addresses=", f"unix_socket_directories={folder}", "fsync=off", "max_connections=200")
        options = [part for setting in settings for part in ("-c", setting)]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [binaries / "postgres", "-D", data, *options], stdout=log, stderr=log, cwd=folder, user=user
            )
        try:
            server = Server(folder)
            _wait(server, process, folder / "log")
            yield server
        finally:
            process.send_signal(2)  # a fast shutdown: sessions are ended
            process.wait(timeout=START_PATIENCE_S)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged() -> str | None:
    """Who runs the server: it refuses to be root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _run(command: Sequence[str | Path], user: str | None) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", user=user)
    if done.returncode:
        raise NoPostgres(f"{command[0]} failed: {done.stderr.strip()}")


def _wait(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + START_PATIENCE_S
    while True:
        try:
            psycopg.connect(server.address("postgres")).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > give_up:
                raise NoPostgres(f"The server did not start: {log.read_text(errors='replace')[-2000:]}") from None
            time.sleep(0.05)
        else:
            return
