"""What runs in a confined process: reads requests from standard input and answers them.

It can reach no network, write no file and read none but its libraries, takes no more memory than it is allowed, and ends when
its parent does or when idle.
"""

from __future__ import annotations

import os
import resource
import select
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from vernacular.confined.confinement import confine
from vernacular.confined.frames import error_message, pack_frame, read_frame
from vernacular.errors import ParserCrashed, UnreadableFile, VernacularError

Work = Callable[[dict[str, Any]], dict[str, Any]]
_PARENT_CHECK_S = 0.5
# Memory that one large file took is given back to the system by a fresh process alone.
_TIRED_MB = 256


def serve(work: Work, memory_mb: int, timeout_s: float, idle_s: float) -> None:
    """Serves until standard input closes or stays silent for `idle_s`; never returns."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    _silence()
    confine(sys.path[0])
    _limit(resource.RLIMIT_DATA, memory_mb << 20)
    threading.Thread(target=_die_with, args=(os.getppid(),), daemon=True).start()
    while select.select([requests], [], [], idle_s)[0]:
        request = read_frame(requests)
        if request is None:
            break
        # A worker whose parent is gone must not spin for ever either.
        spent = resource.getrusage(resource.RUSAGE_SELF)
        _limit(resource.RLIMIT_CPU, int(spent.ru_utime + spent.ru_stime + timeout_s) + 5)
        if not _answer(work, request, answers):
            break
    os._exit(0)  # some native libraries abort while the interpreter is taken down


def _answer(work: Work, request: dict[str, Any], answers: BinaryIO) -> bool:
    """Answers one request; False when this process should not take another."""
    fit = True
    try:
        frame = pack_frame(work(request))
    except VernacularError as error:
        frame = pack_frame(error_message(error))
    except MemoryError:
        fit = False
        name = request["filename"]
        frame = pack_frame(error_message(ParserCrashed(f"Reading `{name}` takes more memory than is allowed.")))
    except Exception as error:  # noqa: BLE001 - the edge of the process: one strange file must not end it without an answer
        frame = pack_frame(error_message(_unexpected(request["filename"], error)))
    answers.write(frame)
    answers.flush()
    return fit and _peak_mb() < _TIRED_MB


def _peak_mb() -> int:
    """The most memory this process ever held; 0 where the system does not tell.

    `ru_maxrss` would not do: on Linux it starts with what the parent held when it forked.
    """
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) >> 10 for line in lines if line.startswith("VmHWM")), 0)


def _unexpected(filename: str, error: Exception) -> UnreadableFile:
    return UnreadableFile(
        f"`{filename}` could not be read ({type(error).__name__}).", "Open it in its own program and export it again."
    )


def _silence() -> None:
    """Whatever native code prints goes nowhere: standard output belongs to the answers."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)


def _limit(kind: int, soft: int) -> None:
    hard = resource.getrlimit(kind)[1]
    resource.setrlimit(kind, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _die_with(parent: int) -> None:
    # PR_SET_PDEATHSIG would fire when the *thread* that started this process ends, which pool threads do.
    while os.getppid() == parent:
        time.sleep(_PARENT_CHECK_S)
    os._exit(1)
