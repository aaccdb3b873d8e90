"""Where entries and checkpoints also go once they are committed: a SIEM, as JSON lines or syslog, and copies of checkpoints.

What goes out is what stands in clear: pseudonyms, ids, counts; never content. A thread of its own sends it, so that a SIEM that is
slow or down holds up nothing; the sequence numbers tell what it has missed, and `vernacular audit export` has it.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import re
import socket
import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from vernacular.audit.chain import Checkpoint
from vernacular.audit.entries import Entry
from vernacular.audit.keys import AuditKeys
from vernacular.db.models import AuditCheckpointRow
from vernacular.errors import InvalidSetting
from vernacular.settings import Settings
from vernacular.tenancy import Tenant, TenantScope

log = logging.getLogger(__name__)

MOST_WAITING: Final = 50_000
_FACILITY: Final = 13  # log audit
_NOTICE, _WARNING = 5, 4
_TIMEOUT_S: Final = 5.0
_NIL: Final = "-"
_UNSAFE: Final = re.compile(r"[^!-~]")


class Outlets:
    """Costs nothing where the settings name none. Thread-safe."""

    def __init__(self, settings: Settings, keys: AuditKeys) -> None:
        self._jsonl, self._folder = settings.audit.jsonl, settings.audit.checkpoints
        self._syslog = Syslog(settings.audit.syslog) if settings.audit.syslog else None
        self._keys = keys
        self._queue: queue.Queue[list[str] | Checkpoint | None] = queue.Queue(MOST_WAITING)
        self._failed: list[Checkpoint] = []
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def send(self, tenant: Tenant, entries: Sequence[Entry], checkpoint: Checkpoint | None) -> None:
        """Returns at once."""
        if checkpoint is not None:
            told = json.loads(checkpoint.body)
            fields = {name: told[name] for name in ("log", "name", "size", "root", "key")}
            log.info("checkpoint of an audit log", extra={"fields": fields})
        if entries and (self._jsonl or self._syslog):
            self._put([siem_line(tenant.slug, entry.body) for entry in entries])
        if checkpoint is not None and self._folder:
            self._put(checkpoint)

    def retry(self) -> None:
        """Try again to copy the checkpoints that could not be copied."""
        failed, self._failed = self._failed, []
        for checkpoint in failed:
            self._put(checkpoint)

    def mirror(self, scope: TenantScope) -> int:
        """Copy those of the tenant's checkpoints that have no copy yet; returns how many.

        Raises:
            InvalidSetting: the folder of copies cannot be written.
        """
        if self._folder is None:
            return 0
        there = {path.stem for path in (self._folder / scope.tenant.id).glob("*.json")}
        rows = scope.execute(scope.select(AuditCheckpointRow.size, AuditCheckpointRow.body)).all()
        missing = [Checkpoint(scope.tenant.id, row.size, row.body) for row in rows if _name(row.size) not in there]
        try:
            for checkpoint in missing:
                self._copy(self._folder, checkpoint)
        except OSError as error:
            raise InvalidSetting(
                f"Checkpoints cannot be copied to {self._folder}: {error.strerror}.",
                "Correct VERNACULAR_AUDIT__CHECKPOINTS.",
            ) from None
        return len(missing)

    def close(self) -> None:
        """Send what waits."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join(_TIMEOUT_S)
        if self._syslog is not None:
            self._syslog.close()

    def _put(self, what: list[str] | Checkpoint) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="audit-outlets", daemon=True)
                self._thread.start()
        try:
            self._queue.put_nowait(what)
        except queue.Full:
            log.warning("the SIEM is too slow: entries of the audit log were not sent to it")

    def _run(self) -> None:
        while (what := self._queue.get()) is not None:
            if isinstance(what, Checkpoint):
                self._try_copy(what)
            else:
                self._send(what)

    def _send(self, lines: Sequence[str]) -> None:
        try:
            if self._jsonl is not None:
                append_lines(self._jsonl, lines)
            if self._syslog is not None:
                for line in lines:
                    self._syslog.send(line)
        except OSError as error:
            log.warning("entries of the audit log could not be sent to the SIEM: %s", error)

    def _try_copy(self, checkpoint: Checkpoint) -> None:
        if self._folder is None:
            return
        try:
            self._copy(self._folder, checkpoint)
        except OSError as error:
            log.warning("a checkpoint could not be copied to %s: %s", self._folder, error)
            self._failed.append(checkpoint)

    def _copy(self, folder: Path, checkpoint: Checkpoint) -> None:
        """A copy is never written over: where there is another one already, someone has written another log."""
        key = folder / "public-keys" / f"{self._keys.key_id}.pem"
        if not key.exists():
            _write_once(key, self._keys.public_pem)
        path = folder / checkpoint.log / f"{_name(checkpoint.size)}.json"
        data = checkpoint.body.encode()
        if not _write_once(path, data) and path.read_bytes() != data:
            log.error("%s holds another checkpoint of as many entries: that log was written anew", path)


def siem_line(tenant: str, body: str) -> str:
    """An entry for other systems: JSON in ASCII, so that nothing in it can end a line or steer a terminal; without content."""
    entry: dict[str, Any] = json.loads(body)
    entry.pop("ciphertext", None)
    return json.dumps({"tenant": tenant, **entry}, separators=(",", ":"))


def append_lines(path: Path, lines: Sequence[str]) -> None:
    """In one write, at the end: processes that share the file do not mix their lines. It may be moved away at any time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, "".join(f"{line}\n" for line in lines).encode())
    finally:
        os.close(descriptor)


class Syslog:
    """Sends messages of RFC 5424, over UDP (RFC 5426) or TCP (octets counted, RFC 6587). For one thread."""

    def __init__(self, address: str) -> None:
        """
        Raises:
            InvalidSetting: it is not `udp://HOST:PORT` or `tcp://HOST:PORT`.
        """
        parts = urlsplit(address)
        try:
            port = parts.port
        except ValueError:
            port = None
        if parts.scheme not in {"udp", "tcp"} or not parts.hostname or port is None:
            raise InvalidSetting("VERNACULAR_AUDIT__SYSLOG is no address.", "Write udp://HOST:PORT or tcp://HOST:PORT.")
        self._address, self._stream = (parts.hostname, port), parts.scheme == "tcp"
        self._socket: socket.socket | None = None

    def send(self, line: str) -> None:
        """`line` is a line for a SIEM.

        Raises:
            OSError: it could not be sent; the next one is tried on a new connection.
        """
        message = syslog_message(line, socket.gethostname()).encode()
        try:
            if self._socket is None:
                self._socket = self._connected()
            self._socket.sendall(b"%d %s" % (len(message), message) if self._stream else message)
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _connected(self) -> socket.socket:
        if self._stream:
            return socket.create_connection(self._address, _TIMEOUT_S)
        family, kind, protocol, _name, address = socket.getaddrinfo(*self._address, type=socket.SOCK_DGRAM)[0]
        made = socket.socket(family, kind, protocol)
        made.connect(address)
        return made


def syslog_message(line: str, host: str) -> str:
    """RFC 5424. Fields of its head are cut to printable ASCII, values in its data are escaped: no entry can pass for another."""
    entry = json.loads(line)
    severity = _NOTICE if entry["decision"] == "allowed" else _WARNING
    at = datetime.fromisoformat(entry["ts"]).isoformat(timespec="microseconds").replace("+00:00", "Z")
    head = (
        f"<{_FACILITY * 8 + severity}>1 {at} {_field(host, 255)} vernacular {os.getpid()} {_field(entry['event'], 32)}"
    )
    told = {"tenant": entry["tenant"], "seq": entry["seq"], "decision": entry["decision"], "h": entry["h"]}
    data = " ".join(f'{name}="{_value(str(value))}"' for name, value in told.items())
    return f"{head} [audit@32473 {data}] {line}"


def _field(text: str, most: int) -> str:
    return _UNSAFE.sub("?", text)[:most] or _NIL


def _value(text: str) -> str:
    """A parameter's value: RFC 5424, 6.3.3, and control characters shown instead of sent."""
    shown = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
    return re.sub(r'(["\\\]])', r"\\\1", shown)


def _name(size: int) -> str:
    return f"{size:012d}"


def _write_once(path: Path, data: bytes) -> bool:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        return False
    return True
