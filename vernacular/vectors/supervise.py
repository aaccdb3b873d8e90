"""Keeps an owner process running for a folder of shards."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from vernacular.errors import VectorStoreDown
from vernacular.vectors.edge import EdgeDriver
from vernacular.vectors.wire import LOCKED

logger = logging.getLogger(__name__)

_START_S: Final = 30.0
_END_S: Final = 60.0
_LOOK_S: Final = 0.5
_LONGEST_WAIT_S: Final = 5.0
_STEADY_S: Final = 10.0


class OwnerProcess:
    """A context manager: inside it, an owner listens on `socket`, and one that dies is started again.

    When another process's owner already holds the folder it is used as it is; when that one goes, ours takes over.

    Raises:
        VectorStoreDown: on entering, when no owner answers within 30 seconds.
    """

    def __init__(self, path: Path, socket: Path, *, open_shards: int = 64) -> None:
        self._path = path
        self._socket = socket
        self._options = ["--open-shards", str(open_shards)]
        self._driver = EdgeDriver(socket, retry_s=0)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        if self._thread is not None:
            return
        self._stop.clear()
        self._thread = threading.Thread(target=self._keep_running, name="vectors-owner", daemon=True)
        self._thread.start()
        give_up = time.monotonic() + _START_S
        while self._driver.owner() is None:
            if time.monotonic() > give_up:
                self.stop()
                raise VectorStoreDown(f"The vector store at {self._path} did not start.", "See the log for its reason.")
            time.sleep(0.02)

    def stop(self) -> None:
        """End our owner, after it has written everything to disk; another process's is left alone."""
        self._stop.set()
        with self._lock:
            if self._child is not None:
                self._child.terminate()
        if self._thread is not None:
            self._thread.join(_END_S)
            with self._lock:
                if self._child is not None:
                    self._child.kill()
            self._thread.join()
            self._thread = None
        self._driver.close()

    def pid(self) -> int | None:
        """Process id of the owner that answers now, ours or another's."""
        return self._driver.owner()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _keep_running(self) -> None:
        wait = 0.05
        while not self._stop.is_set():
            if self._driver.owner() is not None:
                self._stop.wait(_LOOK_S)  # another process's
                continue
            started = time.monotonic()
            self._run_once()
            wait = 0.05 if time.monotonic() - started > _STEADY_S else min(2 * wait, _LONGEST_WAIT_S)
            self._stop.wait(wait)

    def _run_once(self) -> None:
        """Start an owner and return when it has ended."""
        command = [sys.executable, "-m", "vernacular.vectors.owner", "--path", str(self._path)]
        command += ["--socket", str(self._socket), "--parent", str(os.getpid()), *self._options]
        with self._lock:
            if self._stop.is_set():
                return
            child = self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        with child:
            status = child.wait()
        with self._lock:
            self._child = None
        if not self._stop.is_set() and status not in (0, LOCKED):
            logger.warning("the vector store ended with status %s and is started again", status)
