"""Parsing in a process of its own that cannot take the product down: bounded memory and time, no network."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from ingest.parse import detect
from ingest.parse.archive import Member
from ingest.parse.images.embedded import Embedded
from ingest.parse.registry import LIGHT, parse
from ingest.parse.wire import document_of, error_of, frame_length, images_of, members_of, pack_frame, unpack_frame
from vernacular.errors import ParserCrashed, ParserTimeout, TooLarge
from vernacular.images import Picture
from vernacular.types import Document

_ROOT = str(Path(__file__).resolve().parents[2])
_START = "import sys; sys.path.insert(0, sys.argv[1]); from ingest.parse.child import main; main({}, {}, {})"
# The worker inherits no environment: secrets live there.
_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin", "LC_ALL": "C.UTF-8", "OMP_THREAD_LIMIT": "1"}
_LIGHT_BYTES = 4 * 1024 * 1024
_POLL_S = 0.1
LONGEST_SIDE = 2048
"""Pixels that a picture is scaled down to."""
# Decoding holds an image about twice, at four bytes a pixel.
_MB_A_MEGAPIXEL = 10
_PAGE = os.sysconf("SC_PAGE_SIZE")


class _WorkerGoneError(Exception):
    """The worker ended without an answer."""


class SandboxedParser:
    """`ingest.parse.parse` with limits, in one warm worker process.

    The worker starts with the first file that needs it, ends after `idle_s` without work, and is replaced after
    `max_files` files, a crash or a timeout. Short plain texts are read in the caller's process. Calls from several
    threads take turns. Close it, or use it as a context manager.
    """

    def __init__(
        self, *, memory_mb: int = 1024, timeout_s: float = 30.0, max_files: int = 200, idle_s: float = 5.0
    ) -> None:
        self._memory_mb, self._timeout_s = memory_mb, timeout_s
        self._max_files, self._idle_s = max_files, idle_s
        self._lock = threading.Lock()
        self._worker: subprocess.Popen[bytes] | None = None
        self._files = 0

    def __enter__(self) -> SandboxedParser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the worker; the next file would start another."""
        with self._lock:
            self._stop()

    @property
    def worker_pid(self) -> int | None:
        """The process id of the running worker, if there is one."""
        worker = self._worker
        return worker.pid if worker and worker.poll() is None else None

    def parse(self, data: bytes, filename: str, media_type: str | None = None) -> Document:
        """As `ingest.parse.parse`; raises also ParserTimeout and ParserCrashed."""
        if _is_light(data, filename, media_type):
            return parse(data, filename, media_type)
        return document_of(self._request({"data": data, "filename": filename, "media_type": media_type}))

    def picture(self, data: bytes, filename: str, longest_side: int = LONGEST_SIDE) -> Picture:
        """As `vernacular.images.prepare`, with the limits of this sandbox; raises also ParserTimeout and ParserCrashed."""
        return self._picture(data, filename, longest_side, read=False)[0]

    def read_picture(self, data: bytes, filename: str) -> tuple[Picture, str]:
        """As `picture`, and the text that OCR reads in it: empty where none is installed."""
        return self._picture(data, filename, LONGEST_SIDE, read=True)

    def images(self, data: bytes, filename: str, media_type: str | None, most: int) -> tuple[str, list[Embedded]]:
        """What the file is, and the first `most` images inside it that may tell something, as they are held there.

        Raises UnreadableFile, ParserTimeout, ParserCrashed.
        """
        return images_of(
            self._request(
                {
                    "wanted": "images",
                    "data": data,
                    "filename": filename,
                    "media_type": media_type,
                    "most": most,
                    "seconds": self._timeout_s / 2,
                    "megapixels": self._megapixels,
                }
            )
        )

    def members(self, data: bytes, filename: str, first: int) -> tuple[list[Member], int | None] | None:
        """Files in an archive from number `first` on, and the number to go on from; None: it is no archive.

        Raises UnreadableFile, ParserTimeout, ParserCrashed.
        """
        return members_of(self._request({"wanted": "members", "data": data, "filename": filename, "first": first}))

    @property
    def _megapixels(self) -> float:
        return self._memory_mb / _MB_A_MEGAPIXEL

    def _picture(self, data: bytes, filename: str, longest_side: int, *, read: bool) -> tuple[Picture, str]:
        request = {"wanted": "picture", "data": data, "filename": filename, "longest_side": longest_side, "read": read}
        answer = self._request({**request, "megapixels": self._megapixels})
        text = answer.pop("text")
        return Picture(**answer), text

    def _request(self, request: dict[str, Any]) -> dict[str, Any]:
        filename = request["filename"]
        if len(request["data"]) > self._memory_mb << 19:
            raise TooLarge(f"`{filename}` is larger than {self._memory_mb // 2} MB.", "Split it into several files.")
        frame = pack_frame(request)
        with self._lock:
            answer = unpack_frame(self._exchange(frame, filename))
        if "error" in answer:
            raise error_of(answer)
        return answer

    def _exchange(self, frame: bytes, filename: str) -> bytes:
        warm = self._worker is not None
        try:
            return self._ask(frame, filename)
        except _WorkerGoneError:
            self._kill()
            if not warm:  # one that ran before may have ended idle, or of something else: a fresh one tells
                raise self._crashed(filename) from None
        try:
            return self._ask(frame, filename)
        except _WorkerGoneError:
            self._kill()
            raise self._crashed(filename) from None

    def _crashed(self, filename: str) -> ParserCrashed:
        return ParserCrashed(f"Reading `{filename}` ended the parser.")

    def _ask(self, frame: bytes, filename: str) -> bytes:
        worker = self._running()
        assert worker.stdin is not None
        deadline = time.monotonic() + self._timeout_s
        try:
            worker.stdin.write(frame)
            worker.stdin.flush()
        except BrokenPipeError as error:
            raise _WorkerGoneError from error
        answer = self._receive(worker, deadline, filename)
        self._files += 1
        return answer

    def _receive(self, worker: subprocess.Popen[bytes], deadline: float, filename: str) -> bytes:
        assert worker.stdout is not None
        descriptor, answer, length = worker.stdout.fileno(), bytearray(), None
        while length is None or len(answer) < length:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                self._kill()
                raise ParserTimeout(f"Reading `{filename}` took longer than {self._timeout_s:g} s.")
            if not select.select([descriptor], [], [], min(_POLL_S, remaining))[0]:
                self._check_memory(worker, filename)
                continue
            part = os.read(descriptor, 1 << 20)
            if not part:
                raise _WorkerGoneError
            answer += part
            length = length or frame_length(bytes(answer[:8]))
        return bytes(answer)

    def _check_memory(self, worker: subprocess.Popen[bytes], filename: str) -> None:
        """The worker's own limit counts what it allocates; this counts what it holds."""
        try:
            resident = int(Path(f"/proc/{worker.pid}/statm").read_text().split()[1]) * _PAGE
        except (OSError, IndexError, ValueError):
            return
        if resident > self._memory_mb << 20:
            self._kill()
            raise ParserCrashed(f"Reading `{filename}` takes more than {self._memory_mb} MB of memory.")

    def _running(self) -> subprocess.Popen[bytes]:
        if self._worker is not None and (self._files >= self._max_files or self._worker.poll() is not None):
            self._stop()
        if self._worker is None:
            code = _START.format(self._memory_mb, self._timeout_s, self._idle_s)
            self._files = 0
            self._worker = subprocess.Popen(
                [sys.executable, "-I", "-c", code, _ROOT],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_ENVIRONMENT,
            )
        return self._worker

    def _stop(self) -> None:
        """Lets the worker end by itself; it does so as soon as its input closes."""
        worker = self._worker
        if worker is None:
            return
        try:
            if worker.stdin:
                worker.stdin.close()
            worker.wait(timeout=2)
        except (subprocess.TimeoutExpired, BrokenPipeError):
            pass
        self._kill()

    def _kill(self) -> None:
        worker, self._worker = self._worker, None
        if worker is None:
            return
        worker.kill()
        worker.wait()
        for pipe in (worker.stdin, worker.stdout):
            try:
                if pipe:
                    pipe.close()
            except BrokenPipeError:
                pass


def _is_light(data: bytes, filename: str, media_type: str | None) -> bool:
    return (
        len(data) <= _LIGHT_BYTES
        and not data.startswith(b"PK")  # looking into an archive is the worker's business
        and detect.media_type(data, filename, media_type) in LIGHT
    )
