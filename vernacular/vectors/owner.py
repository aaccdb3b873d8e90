"""The owner process: it alone holds the shards of a folder, and serves them on a Unix socket.

    python -m vernacular.vectors.owner --path DIR --socket PATH

Qdrant Edge lets one process open a shard and never releases the interpreter's lock, so that a call in the gateway
would stop the gateway. One request is served at a time; searches go before writes, and each write is short.
The process ends when its standard input closes or its parent is gone.
"""

from __future__ import annotations

import argparse
import fcntl
import logging
import os
import selectors
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from vernacular.errors import BadRequest, VernacularError
from vernacular.vectors import wire
from vernacular.vectors.batch import from_wire
from vernacular.vectors.protocol import Partition
from vernacular.vectors.shards import Shards

logger = logging.getLogger("vernacular.vectors.owner")

_TICK_S = 1.0
_FLUSH_IDLE_S = 5.0
_LOCK_WAIT_S = 5.0
_READS_BEFORE_A_WRITE = 8
_READS = frozenset({"ping", "query", "count", "partitions"})


class _Connection:
    """One client; it sends its next request after the answer to the last."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._buffer = bytearray()

    def read(self) -> list[Any]:
        """Whole messages that have come; raises ConnectionError when the client has gone."""
        data = self.sock.recv(1 << 20)
        if not data:
            raise ConnectionResetError
        self._buffer += data
        messages: list[Any] = []
        while len(self._buffer) >= wire.LENGTH.size:
            end = wire.LENGTH.size + wire.body_length(self._buffer)
            if len(self._buffer) < end:
                break
            messages.append(wire.decode(self._buffer[wire.LENGTH.size : end]))
            del self._buffer[:end]
        return messages

    def answer(self, message: Any) -> None:
        self.sock.settimeout(10.0)
        self.sock.sendall(wire.encode(message))


class Owner:
    """Serves `shards` on `listener` until `stop` is called or `alive` says False."""

    def __init__(self, shards: Shards, listener: socket.socket, alive: Callable[[], bool]) -> None:
        self._shards = shards
        self._alive = alive
        self._selector = selectors.DefaultSelector()
        self._selector.register(listener, selectors.EVENT_READ, None)
        self._listener = listener
        self._reads: deque[tuple[_Connection, Any]] = deque()
        self._writes: deque[tuple[_Connection, Any]] = deque()
        self._reads_in_a_row = 0
        self._stopping = False
        self._checked_at = 0.0

    def stop(self) -> None:
        self._stopping = True

    def watch(self, stream: IO[bytes]) -> None:
        """Stop when `stream` ends."""
        self._selector.register(stream, selectors.EVENT_READ, stream)

    def run(self) -> None:
        while not self._stopping:
            waiting = bool(self._reads or self._writes)
            for key, _ in self._selector.select(0 if waiting else _TICK_S):
                self._receive(key)
            self._serve_one()
            if time.monotonic() - self._checked_at >= _TICK_S:
                self._checked_at = time.monotonic()
                self._stopping |= not self._alive()
                self._shards.due(_FLUSH_IDLE_S)

    def _receive(self, key: selectors.SelectorKey) -> None:
        if key.data is None:
            sock, _ = self._listener.accept()
            self._selector.register(sock, selectors.EVENT_READ, _Connection(sock))
        elif isinstance(key.data, _Connection):
            self._read(key.data)
        elif not os.read(key.data.fileno(), 1):
            self._stopping = True

    def _read(self, connection: _Connection) -> None:
        try:
            for message in connection.read():
                queue = self._reads if message[0] in _READS else self._writes
                queue.append((connection, message))
        except (OSError, wire.MessageError, TypeError, IndexError, KeyError) as error:
            if not isinstance(error, ConnectionError):
                logger.warning("a client was cut off: %s", error)
            self._forget(connection)

    def _forget(self, connection: _Connection) -> None:
        self._selector.unregister(connection.sock)
        connection.sock.close()

    def _serve_one(self) -> None:
        reads_first = self._reads and (self._reads_in_a_row < _READS_BEFORE_A_WRITE or not self._writes)
        self._reads_in_a_row = self._reads_in_a_row + 1 if reads_first else 0
        queue = self._reads if reads_first else self._writes
        if not queue:
            return
        connection, message = queue.popleft()
        if connection.sock.fileno() < 0:
            return
        try:
            connection.answer(self._handle(message))
        except OSError:
            self._forget(connection)

    def _handle(self, message: Any) -> list[Any]:
        """`[True, result]` or `[False, error's name, message, hint]`."""
        try:
            return [True, self._call(*message)]
        except VernacularError as error:
            return [False, error.name, error.message, error.hint]
        except Exception as error:
            logger.exception("a request failed")
            return [False, "internal", f"The vector store failed: {error}", ""]

    def _call(self, name: str, tenant_id: str, generation: str, body: Any) -> Any:
        partition = Partition(tenant_id, generation)
        match name:
            case "ping":
                return os.getpid()
            case "query":
                return self._shards.query(partition, body)
            case "count":
                return self._shards.count(partition)
            case "partitions":
                return [[found.tenant_id, found.generation] for found in self._shards.partitions()]
            case "upsert":
                return self._shards.upsert(partition, from_wire(body))
            case "delete":
                return self._shards.delete(partition, body)
            case "flush":
                return self._shards.flush(partition)
            case "drop":
                return self._shards.drop(partition)
            case "rewrite":
                return self._shards.rewrite(partition, body)
            case "renew":
                return self.stop()
        raise BadRequest(f"The vector store knows no operation {name!r}.")


def lock(path: Path) -> IO[bytes] | None:
    """The folder's lock, held while the file is open; None when another process keeps it."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = (path / ".lock").open("wb")
    give_up = time.monotonic() + _LOCK_WAIT_S
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > give_up:
                file.close()
                return None
            time.sleep(0.05)
        else:
            return file


def listen(path: Path) -> socket.socket:
    """A socket that only this user can reach. The lock must be held: an older socket is taken away."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    owner = path.parent.stat()
    if owner.st_uid != os.getuid():
        raise PermissionError(f"{path.parent} belongs to another user")
    path.parent.chmod(0o700)
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    previous = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(previous)
    listener.listen(64)
    return listener


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="vernacular.vectors.owner", description="Hold the vector shards of a folder.")
    parser.add_argument("--path", type=Path, required=True, help="folder of the shards")
    parser.add_argument("--socket", type=Path, required=True, help="where to listen")
    parser.add_argument("--open-shards", type=int, default=64, help="shards that stay open at once")
    parser.add_argument("--parent", type=int, default=0, help="process to end with; 0: none")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent says when to end
    held = lock(options.path)
    if held is None:
        logger.info("another process holds %s", options.path)
        return wire.LOCKED
    with held:
        _serve(options)
    return 0


def _serve(options: argparse.Namespace) -> None:
    shards = Shards(options.path, open_shards=options.open_shards)
    listener = listen(options.socket)
    owner = Owner(shards, listener, lambda: options.parent in (0, os.getppid()))
    signal.signal(signal.SIGTERM, lambda *_: owner.stop())
    if options.parent:
        owner.watch(sys.stdin.buffer)
    try:
        owner.run()
    finally:
        options.socket.unlink(missing_ok=True)
        listener.close()
        shards.close()


if __name__ == "__main__":
    sys.exit(main())
