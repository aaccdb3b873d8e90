"""The sockets that the gateway and the front end listen on."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from vernacular.errors import Conflict, InvalidSetting


@contextmanager
def bound_socket(host: str, port: int) -> Iterator[socket.socket]:
    """A TCP socket bound to an address of this machine; port 0: any that is free.

    Raises:
        Conflict: the port is taken.
        InvalidSetting: the address is not one of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Without the protocol named, asyncio leaves Nagle's algorithm on: 40 ms a response.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Conflict(f"Port {port} is taken.", "Stop what uses it, or choose another with --port.") from None
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise InvalidSetting(
                f"Cannot listen on {host}:{port}: {reason}.", "Use an address of this machine, e.g. 127.0.0.1."
            ) from None
        yield listening


def address_of(listening: socket.socket) -> str:
    """The URL at which a client on this machine reaches the socket."""
    host, port = listening.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104
        return f"http://127.0.0.1:{port}"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
