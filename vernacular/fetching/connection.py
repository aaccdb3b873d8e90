"""One connection, to an address that was chosen before, that cannot outlast its deadline however slowly the other side sends."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from threading import Thread
from typing import Any, Final

import httpcore

from vernacular.errors import FetchFailed

Resolve = Callable[[str, int], Sequence[str]]
"""IP addresses of a host, as texts. Raises OSError."""
Connect = Callable[[str, int, float], socket.socket]
"""A connection to an IP address and port within so many seconds. Raises OSError."""
_TRIED: Final = 3


class Deadline:
    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """
        Raises:
            FetchFailed: it has passed.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise FetchFailed(f"Fetching took longer than {self._seconds:g} s.")
        return left


class Pinned(httpcore.NetworkBackend):
    """Connects to `addresses` whatever host it is asked for: the name is for the certificate and the `Host` header alone."""

    def __init__(self, addresses: Sequence[str], deadline: Deadline, connect: Connect) -> None:
        self._addresses = addresses
        self._deadline = deadline
        self._connect = connect

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failed: OSError = OSError("no address")
        for address in self._addresses[:_TRIED]:
            try:
                return _Stream(self._connect(address, port, self._deadline.left), self._deadline)
            except OSError as error:
                failed = error
        raise failed


class _Stream(httpcore.NetworkStream):
    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._socket = connection
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._socket.settimeout(self._deadline.left)
        return self._socket.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._socket.settimeout(self._deadline.left)
        self._socket.sendall(buffer)

    def close(self) -> None:
        self._socket.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        self._socket.settimeout(self._deadline.left)
        try:
            wrapped = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
        except BaseException:
            self.close()
            raise
        return _Stream(wrapped, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return None


def connect(address: str, port: int, seconds: float) -> socket.socket:
    return socket.create_connection((address, port), seconds)


def resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def resolved_within(resolver: Resolve, host: str, port: int, seconds: float) -> Sequence[str]:
    """What `resolver` finds; nothing where it fails or does not end in time: the C library's own patience cannot be set."""
    found: list[Sequence[str]] = []

    def run() -> None:
        try:
            found.append(resolver(host, port))
        except (OSError, UnicodeError):
            found.append(())

    thread = Thread(target=run, name="resolve", daemon=True)
    thread.start()
    thread.join(seconds)
    return found[0] if found else ()
