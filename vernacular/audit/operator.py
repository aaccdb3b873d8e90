"""The operator's own log: tenants made, suspended and deleted, and whatever else stands above tenants.

It lies in files under `home/audit/operator`, and not in the database: a log of deleted tenants can be no tenant's. The folder is
in the form of an export at all times, so that the same verifier reads it as it is.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from vernacular.audit.chain import Checkpoint, checkpoint_body
from vernacular.audit.entries import check_name, make_entry
from vernacular.audit.events import Event
from vernacular.audit.export import write_frame
from vernacular.audit.keys import AuditKeys
from vernacular.audit.outlets import Outlets
from vernacular.audit.verify_audit import CHECKPOINTS, ENTRIES, Report, Tree, genesis, verify_export
from vernacular.db.base import now
from vernacular.settings import Settings
from vernacular.tenancy import Tenant

LOG: Final = "operator"
_PLATFORM: Final = Tenant(LOG, LOG)


@dataclass(slots=True)
class _End:
    """The end of the chain, and how long the file is there."""

    tree: Tree
    last_hash: str
    bytes: int


class OperatorLog:
    """Thread-safe, and safe beside other processes on the same `home`."""

    def __init__(self, settings: Settings, keys: AuditKeys) -> None:
        self.folder = settings.home / "audit" / LOG
        self._keys = keys
        self._settings = settings
        self._lock = threading.Lock()
        self._end: _End | None = None

    def record(self, event: Event) -> None:
        """Append, sign, and return once it is on disk. It holds facts alone: content would be a tenant's.

        Raises:
            ValueError: the event has content.
            OSError: it cannot be written.
        """
        check_name(event)
        if event.content:
            raise ValueError("the operator's log holds no content")
        with self._lock, self._locked() as file:
            end = self._read_end(file)
            actor = self._keys.pseudonym(LOG, event.actor.kind, event.actor.id) if event.actor.id else ""
            entry = make_entry(LOG, end.tree.size, end.last_hash, event, actor=actor, subject="", keys=None)
            file.seek(end.bytes)
            file.write(entry.body.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
            end.tree.append(entry.leaf)
            self._end = _End(end.tree, entry.leaf.hex(), file.tell())
            body = checkpoint_body(self._keys, LOG, LOG, tree=end.tree, head=entry.leaf.hex(), at=now())
            with (self.folder / CHECKPOINTS).open("a", encoding="utf-8") as points:
                points.write(f"{body}\n")
            write_frame(self.folder, self._keys, LOG, LOG, first=0, size=end.tree.size)
        outlets = Outlets(self._settings, self._keys)
        outlets.send(_PLATFORM, [entry], Checkpoint(LOG, end.tree.size, body))
        outlets.close()

    def entries(self) -> list[dict[str, object]]:
        """All entries, the oldest first."""
        path = self.folder / ENTRIES
        if not path.exists():
            return []
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    def verify(self, pinned: bytes | None = None, witnesses: Path | None = None) -> Report:
        """
        Raises:
            OSError, ValueError, KeyError: it cannot be read.
        """
        return verify_export(self.folder, self._keys.public_pem if pinned is None else pinned, witnesses)

    @contextmanager
    def _locked(self) -> Iterator[IO[bytes]]:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(self.folder / ENTRIES, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file

    def _read_end(self, file: IO[bytes]) -> _End:
        """As remembered, or read anew if another process has written; half a line, which a crash left, goes."""
        size = os.fstat(file.fileno()).st_size
        if self._end is not None and self._end.bytes == size:
            return self._end
        tree, last_hash, end = Tree(), genesis(LOG), 0
        file.seek(0)
        for line in file:
            if not line.endswith(b"\n"):
                file.truncate(end)
                break
            last_hash = json.loads(line)["h"]
            tree.append(bytes.fromhex(last_hash))
            end += len(line)
        return _End(tree, last_hash, end)
