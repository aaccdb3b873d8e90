"""The worker process of `SandboxedParser`: reads files from standard input and answers with documents.

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
from pathlib import Path
from typing import Any, BinaryIO

from ingest.parse import ocr
from ingest.parse.archive import is_archive, members
from ingest.parse.confinement import confine
from ingest.parse.registry import parse
from ingest.parse.wire import (
    document_message,
    error_message,
    images_message,
    members_message,
    pack_frame,
    picture_message,
    read_frame,
)
from vernacular.errors import ParserCrashed, UnreadableFile, VernacularError

_PARENT_CHECK_S = 0.5
# Memory that one large file took is given back to the system by a fresh process alone.
_TIRED_MB = 256


def main(memory_mb: int, timeout_s: float, idle_s: float) -> None:
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
        if not _answer(request, answers):
            break
    os._exit(0)  # some native libraries abort while the interpreter is taken down


def _answer(request: dict[str, Any], answers: BinaryIO) -> bool:
    """Answers one request; False when this process should not take another."""
    fit = True
    try:
        frame = pack_frame(_KINDS[request.get("wanted", "document")](request))
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


def _document(request: dict[str, Any]) -> dict[str, Any]:
    return document_message(parse(request["data"], request["filename"], request["media_type"]))


def _picture(request: dict[str, Any]) -> dict[str, Any]:
    from vernacular.images import DOCUMENT_TYPES, Limits, prepare

    longest = request["longest_side"]
    limits = Limits(len(request["data"]), request["megapixels"], longest, DOCUMENT_TYPES)
    picture = prepare(request["data"], limits)
    return {**picture_message(picture), "text": _text_in(picture.data) if request["read"] else ""}


def _text_in(image: bytes) -> str:
    """What OCR reads in it, if there is OCR; an image that it cannot read is one without text."""
    if not ocr.available():
        return ""
    try:
        return ocr.recognise(image)
    except UnreadableFile:
        return ""


def _images(request: dict[str, Any]) -> dict[str, Any]:
    from ingest.parse.images.finder import find_images

    limits = {name: request[name] for name in ("most", "seconds", "megapixels")}
    return images_message(*find_images(request["data"], request["filename"], request["media_type"], **limits))


def _members(request: dict[str, Any]) -> dict[str, Any]:
    if not is_archive(request["data"], request["filename"]):
        return {}
    return members_message(*members(request["data"], request["filename"], request["first"]))


_KINDS = {"document": _document, "picture": _picture, "images": _images, "members": _members}


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
