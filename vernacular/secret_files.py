"""Secrets made at random on first use, in files that their owner alone may read."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def secret_in(path: Path, make: Callable[[], bytes]) -> bytes:
    """What `path` holds; made by `make` if it is not there. Processes that race for it all read the same one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _create_once(path, make())
    return path.read_bytes()


def _create_once(path: Path, content: bytes) -> None:
    """Write the file whole or not at all; whoever comes second leaves the first one's in place."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
