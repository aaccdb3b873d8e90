"""Locks that PostgreSQL keeps for as long as a session lasts: whoever dies gives them back, wherever it ran."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from sqlalchemy import Connection, NullPool, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError


class SessionLocks:
    """Locks named by a number each, held by one session. `family`: a number that keeps them apart from others' locks.

    Methods raise sqlalchemy.exc.OperationalError while the server is out of reach. For one thread.
    """

    def __init__(self, url: str, family: int) -> None:
        self._engine = create_engine(
            make_url(url).set(drivername="postgresql+psycopg"), poolclass=NullPool, isolation_level="AUTOCOMMIT"
        )
        self._family = family
        self._session: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            self._session.close()
        self._engine.dispose()

    def lock(self, number: int) -> bool:
        """Take the lock unless someone else has it; returns whether it is taken."""
        if self._session is None:
            self._session = self._engine.connect()
        return (
            self._session.execute(text(f"SELECT pg_try_advisory_lock({self._family}, {number})")).scalar_one() is True
        )

    def unlock(self, number: int) -> None:
        if self._session is not None:
            self._session.execute(text(f"SELECT pg_advisory_unlock({self._family}, {number})"))

    def alive(self) -> bool:
        """Whether the session, and so every lock it took, is still there."""
        try:
            if self._session is not None:
                self._session.execute(text("SELECT 1"))
        except DBAPIError:
            self._session = None
        return self._session is not None
