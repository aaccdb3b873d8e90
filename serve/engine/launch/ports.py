"""The ports that model servers listen on."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from serve.engine.launch.server import HOST
from serve.engine.launch.state import read_states
from vernacular.errors import BadRequest, Conflict
from vernacular.listening import bound_socket
from vernacular.settings import Settings

FIRST_PORT, LAST_PORT = 8101, 8999
HIGHEST_PORT = 65_535


def choose_ports(settings: Settings, count: int, first: int = 0) -> list[int]:
    """`count` ports of this machine: `first` and those after it, or without one any that are free from 8101 on.

    Raises:
        BadRequest: so many ports do not follow `first`.
        Conflict: `first`, or one after it, is taken, or none are free.
    """
    if first + count - 1 > HIGHEST_PORT:
        raise BadRequest(f"There is no port {first + count - 1}.", f"Choose a lower --port for {count} servers.")
    if first:
        for port in range(first, first + count):
            with reserved(port), bound_socket(HOST, port):
                pass
        return list(range(first, first + count))
    claimed = {state.port for state in read_states(settings) if state.phase not in ("failed", "gone")}
    free = (port for port in range(FIRST_PORT, LAST_PORT + 1) if port not in claimed and _free(port))
    found = list(itertools.islice(free, count))
    if len(found) < count:
        raise Conflict(f"No port from {FIRST_PORT} to {LAST_PORT} is free.", "Choose one with --port.")
    return found


@contextmanager
def reserved(port: int) -> Iterator[None]:
    """Keep `port` from the model servers of other homes on this machine, also before anything listens on it.

    vLLM listens with SO_REUSEPORT: two that chose the same port at the same moment would both start, and share what comes.

    Raises:
        Conflict: another one has it.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as held:
        try:
            held.bind(f"\0vernacular-model-port-{port}")  # a name without a file, which goes with the process
        except OSError:
            raise Conflict(f"Port {port} is taken.", "Stop what uses it, or choose another with --port.") from None
        yield


def _free(port: int) -> bool:
    try:
        with reserved(port), bound_socket(HOST, port):
            return True
    except Conflict:
        return False
