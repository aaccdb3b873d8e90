"""The ports that model servers of this home listen on."""

from __future__ import annotations

import itertools

from serve.engine.launch.server import HOST
from serve.engine.launch.state import read_states
from vernacular.errors import Conflict
from vernacular.listening import bound_socket
from vernacular.settings import Settings

FIRST_PORT, LAST_PORT = 8101, 8999


def choose_ports(settings: Settings, count: int, first: int = 0) -> list[int]:
    """`count` ports of this machine: `first` and those after it, or without one any that are free from 8101 on.

    Raises:
        Conflict: `first`, or one after it, is taken, or none are free.
    """
    if first:
        for port in range(first, first + count):
            with bound_socket(HOST, port):
                pass
        return list(range(first, first + count))
    claimed = {state.port for state in read_states(settings) if state.phase not in ("failed", "gone")}
    free = (port for port in range(FIRST_PORT, LAST_PORT + 1) if port not in claimed and _free(port))
    found = list(itertools.islice(free, count))
    if len(found) < count:
        raise Conflict(f"No port from {FIRST_PORT} to {LAST_PORT} is free.", "Choose one with --port.")
    return found


def _free(port: int) -> bool:
    try:
        with bound_socket(HOST, port):
            return True
    except Conflict:
        return False
