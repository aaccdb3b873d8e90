"""A server's log file: kept, bounded, and read from where the last start began."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

MAX_BYTES = 20_000_000
KEPT = 3
TAIL_BYTES = 200_000
LINE_BYTES = 10_000
_PREFIX = re.compile(r"^(\([\w ]+pid=\d+\)\s*)?((INFO|WARNING|ERROR|DEBUG|CRITICAL) [\d-]+ [\d:]+ (\[[^\]]*\])?\s*)?")


class ServerLog:
    """`path`, and `path.1` (newest) to `path.3` before it. The server appends to it through a descriptor of its own."""

    def __init__(self, path: Path, max_bytes: int = MAX_BYTES) -> None:
        self.path = path
        self._max_bytes = max_bytes
        self._begin = 0

    def begin(self) -> None:
        """A server is about to start: `text` and `last_line` tell of it alone."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path.touch(mode=0o600)
        self.rotate()
        self._begin = self.path.stat().st_size

    def rotate(self) -> None:
        """Copy and truncate when it has grown too long: the server keeps writing to the same file."""
        if self.path.stat().st_size < self._max_bytes:
            return
        for number in range(KEPT - 1, 0, -1):
            older = self._numbered(number)
            if older.exists():
                older.replace(self._numbered(number + 1))
        shutil.copyfile(self.path, self._numbered(1))
        self._numbered(1).chmod(0o600)
        with self.path.open("r+b") as file:
            file.truncate(0)
        self._begin = 0

    def text(self, limit: int = TAIL_BYTES) -> str:
        """What the server wrote since it was started, its last `limit` bytes."""
        with self.path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(self._begin, size - limit))
            return file.read().decode("utf-8", "replace")

    def last_line(self) -> str:
        lines = (without_prefix(line) for line in reversed(self.text(LINE_BYTES).splitlines()))
        return next((line for line in lines if line), "")

    def _numbered(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")


def without_prefix(line: str) -> str:
    """A line of vLLM's log without the process, level, time and place that it begins with."""
    return _PREFIX.sub("", line).strip()
