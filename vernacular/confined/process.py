"""A confined process as its parent has it: asked one thing at a time, replaced when it crashes, hangs or grows too large."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from vernacular.confined.frames import error_of, frame_length, pack_frame, unpack_frame
from vernacular.errors import ParserCrashed, ParserTimeout, TooLarge

_ROOT = str(Path(__file__).resolve().parents[2])
_START = "import sys; sys.path.insert(0, sys.argv[1]); from {} import main; main({}, {}, {})"
# The worker inherits no environment: secrets live there.
_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin", "LC_ALL": "C.UTF-8", "OMP_THREAD_LIMIT": "1"}
_POLL_S = 0.1
_PAGE = os.sysconf("SC_PAGE_SIZE")


class _WorkerGoneError(Exception):
    """The worker ended without an answer."""


class ConfinedProcess:
    """One warm worker process that runs `main(memory_mb, timeout_s, idle_s)` of a module, which calls `confined.child.serve`.

    The worker starts with the first request, ends after `idle_s` without work, and is replaced after `most` requests, a
    crash or a timeout. Calls from several threads take turns.
    """

    def __init__(self, module: str, *, memory_mb: int, timeout_s: float, most: int, idle_s: float) -> None:
        self.memory_mb, self.timeout_s = memory_mb, timeout_s
        self._module, self._most, self._idle_s = module, most, idle_s
        self._lock = threading.Lock()
        self._worker: subprocess.Popen[bytes] | None = None
        self._asked = 0

    def close(self) -> None:
        """Ends the worker; the next request would start another."""
        with self._lock:
            self._stop()

    @property
    def pid(self) -> int | None:
        """The process id of the running worker, if there is one."""
        worker = self._worker
        return worker.pid if worker and worker.poll() is None else None

    def ask(self, request: dict[str, Any], *, fresh: bool = False) -> dict[str, Any]:
        """The answer to a request, whose `data` are a file's bytes and whose `filename` is told in errors.

        `fresh`: by a worker that has seen no other request.

        Raises:
            ParserTimeout, ParserCrashed: the worker was ended, or ended itself.
            TooLarge: the file is half as large as the memory that the worker may take.
            VernacularError: what the worker says.
        """
        filename = request["filename"]
        if len(request["data"]) > self.memory_mb << 19:
            raise TooLarge(f"`{filename}` is larger than {self.memory_mb // 2} MB.", "Split it into several files.")
        frame = pack_frame(request)
        with self._lock:
            if fresh and self._asked:
                self._stop()
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
        deadline = time.monotonic() + self.timeout_s
        try:
            worker.stdin.write(frame)
            worker.stdin.flush()
        except BrokenPipeError as error:
            raise _WorkerGoneError from error
        answer = self._receive(worker, deadline, filename)
        self._asked += 1
        return answer

    def _receive(self, worker: subprocess.Popen[bytes], deadline: float, filename: str) -> bytes:
        assert worker.stdout is not None
        descriptor, answer, length = worker.stdout.fileno(), bytearray(), None
        while length is None or len(answer) < length:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                self._kill()
                raise ParserTimeout(f"Reading `{filename}` took longer than {self.timeout_s:g} s.")
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
        if resident > self.memory_mb << 20:
            self._kill()
            raise ParserCrashed(f"Reading `{filename}` takes more than {self.memory_mb} MB of memory.")

    def _running(self) -> subprocess.Popen[bytes]:
        if self._worker is not None and (self._asked >= self._most or self._worker.poll() is not None):
            self._stop()
        if self._worker is None:
            code = _START.format(self._module, self.memory_mb, self.timeout_s, self._idle_s)
            self._asked = 0
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
