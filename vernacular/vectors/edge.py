"""The embedded driver: a client of the owner process."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from vernacular.errors import BadRequest, IndexDamaged, VectorStoreDown, VernacularError
from vernacular.vectors import wire
from vernacular.vectors.batch import Batch, to_wire
from vernacular.vectors.protocol import Partition

RETRY_S: Final = 15.0
"""How long a call waits for an owner that is being restarted."""
_ANSWER_S: Final = 120.0
_POOL: Final = 8
_ERRORS: dict[str, type[VernacularError]] = {kind.name: kind for kind in (BadRequest, IndexDamaged, VectorStoreDown)}


class EdgeDriver:
    """Calls to the owner that listens on `path`; thread-safe, and usable after a fork.

    Every operation can be repeated without harm, so that a call whose connection breaks is sent again, for `retry_s`
    seconds, before it raises VectorStoreDown.
    """

    def __init__(self, path: Path, retry_s: float = RETRY_S) -> None:
        self._path = path
        self._retry_s = retry_s
        self._lock = threading.Lock()
        self._idle: list[socket.socket] = []
        self._process = os.getpid()
        self._closed = False

    def upsert(self, partition: Partition, batch: Batch) -> None:
        self._call("upsert", partition, to_wire(batch))

    def delete(self, partition: Partition, condition: Mapping[str, Any]) -> None:
        self._call("delete", partition, condition)

    def query(self, partition: Partition, request: Mapping[str, Any]) -> list[tuple[str, str, float]]:
        return [tuple(found) for found in self._call("query", partition, request)]

    def count(self, partition: Partition) -> int:
        return int(self._call("count", partition))

    def flush(self, partition: Partition) -> None:
        self._call("flush", partition)

    def drop(self, partition: Partition) -> None:
        self._call("drop", partition)

    def rewrite(self, partition: Partition) -> None:
        """Then the owner ends, and is started again: what it has freed may still stand in its memory."""
        offset: str | None = ""
        while offset is not None:
            offset = self._call("rewrite", partition, offset)
        before = self.owner()
        self._call("renew")
        give_up = time.monotonic() + self._retry_s
        while self.owner() in {None, before} and time.monotonic() < give_up:
            time.sleep(0.05)

    def partitions(self) -> list[Partition]:
        return [Partition(*names) for names in self._call("partitions")]

    def ready(self) -> bool:
        return self.owner() is not None

    def owner(self) -> int | None:
        """Process id of the owner that answers now; None: none does."""
        for _ in range(2):  # the first connection may be one to an owner that has gone
            with contextlib.suppress(OSError, wire.MessageError):
                return int(self._exchange(wire.encode(["ping", "", "", None]), timeout_s=5.0)[1])
        return None

    def close(self) -> None:
        self._closed = True
        self._forget_idle()

    def _call(self, name: str, partition: Partition | None = None, body: Any = None) -> Any:
        if self._closed:
            raise VectorStoreDown("The vector store is closed.")
        names = (partition.tenant_id, partition.generation) if partition else ("", "")
        message = wire.encode([name, *names, body])
        give_up = time.monotonic() + self._retry_s
        wait = 0.01
        while True:
            try:
                return _result(self._exchange(message))
            except TimeoutError:
                raise VectorStoreDown("The vector store did not answer in time.") from None
            except (OSError, wire.MessageError) as error:
                if time.monotonic() + wait > give_up or self._closed:
                    raise VectorStoreDown(f"The vector store cannot be reached: {error}.") from None
            time.sleep(wait)
            wait = min(2 * wait, 0.25)

    def _exchange(self, message: bytes, timeout_s: float = _ANSWER_S) -> Any:
        with self._connection() as connection:
            connection.settimeout(timeout_s)
            connection.sendall(message)
            return wire.receive(connection)

    @contextlib.contextmanager
    def _connection(self) -> Iterator[socket.socket]:
        """A connection of its own for the time of one exchange; kept for the next unless something went wrong."""
        connection = self._take()
        try:
            yield connection
        except BaseException:
            connection.close()
            self._forget_idle()  # they were opened to the same owner
            raise
        with self._lock:
            if self._closed or len(self._idle) >= _POOL:
                connection.close()
            else:
                self._idle.append(connection)

    def _forget_idle(self) -> None:
        with self._lock:
            for connection in self._idle:
                connection.close()
            self._idle.clear()

    def _take(self) -> socket.socket:
        with self._lock:
            if self._process != os.getpid():
                # After a fork the parent speaks on these.
                self._process = os.getpid()
                self._idle.clear()
            if self._idle:
                return self._idle.pop()
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(str(self._path))
        except OSError:
            connection.close()
            raise
        return connection


def _result(answer: Any) -> Any:
    if answer[0]:
        return answer[1]
    _, name, message, hint = answer
    raise _ERRORS.get(name, VernacularError)(message, hint)
