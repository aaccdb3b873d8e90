"""What each supervisor on a home is doing, for `vernacular model status`: a file `home/models/<name>.state` beside a lock.

Unlike the announcement (`vernacular.endpoints`) it is there while the server loads or is down, and it holds no key.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from vernacular.errors import Conflict
from vernacular.processes import is_locked
from vernacular.settings import Settings

Phase = Literal["loading", "ready", "waiting", "failed", "gone"]


@dataclass(frozen=True, slots=True)
class ServerState:
    """`waiting`: it died and is started again soon; `gone`: its supervisor was killed. Times are seconds since 1970.

    `since`: when the phase began; `restarts`: how often the server had to be started again; `message`: why it last died.
    """

    name: str
    phase: Phase
    model: str
    profile: str
    port: int
    log: str
    since: float
    pid: int
    restarts: int = 0
    message: str = ""


@contextmanager
def only_supervisor(settings: Settings, name: str) -> Iterator[None]:
    """
    Raises:
        Conflict: a server of that name is already supervised on this home.
    """
    settings.models_path.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _lock_path(settings, name).open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(
                f"A model server named {name} already runs on {settings.home}.",
                "Stop it, or start another beside it with --name; `vernacular model status` shows both.",
            ) from None
        yield


@contextmanager
def choosing_port(settings: Settings) -> Iterator[None]:
    """One supervisor at a time looks for a port and writes it into its state."""
    settings.models_path.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (settings.models_path / "ports.choice").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write_state(settings: Settings, state: ServerState) -> None:
    path = _state_path(settings, state.name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps(asdict(state)), encoding="utf-8")
    temporary.replace(path)


def remove_state(settings: Settings, name: str) -> None:
    _state_path(settings, name).unlink(missing_ok=True)


def read_states(settings: Settings) -> list[ServerState]:
    """By name; one whose supervisor no longer lives is `gone`, unless it said that it gave up."""
    found = (_read(path) for path in sorted(settings.models_path.glob("*.state")))
    return [_as_it_is(settings, state) for state in found if state is not None]


def _as_it_is(settings: Settings, state: ServerState) -> ServerState:
    if state.phase == "failed" or is_locked(_lock_path(settings, state.name)):
        return state
    return replace(state, phase="gone", message="The command that watched over it was killed.")


def _read(path: Path) -> ServerState | None:
    with suppress(OSError, ValueError, TypeError):  # half written, or another version's
        return ServerState(**json.loads(path.read_text(encoding="utf-8")))
    return None


def _state_path(settings: Settings, name: str) -> Path:
    return settings.models_path / f"{name}.state"


def _lock_path(settings: Settings, name: str) -> Path:
    return settings.models_path / f"{name}.lock"
