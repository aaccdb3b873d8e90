"""Parsing in a process of its own that cannot take the product down: bounded memory and time, no network."""

from __future__ import annotations

from types import TracebackType

from ingest.parse import detect
from ingest.parse.archive import Member
from ingest.parse.images.embedded import Embedded
from ingest.parse.registry import LIGHT, parse
from ingest.parse.wire import document_of, images_of, members_of
from vernacular.confined.process import ConfinedProcess
from vernacular.images import Picture
from vernacular.types import Document

_LIGHT_BYTES = 4 * 1024 * 1024
LONGEST_SIDE = 2048
"""Pixels that a picture is scaled down to."""
THUMBNAIL_SIDE = 640
# Decoding holds an image about twice, at four bytes a pixel.
_MB_A_MEGAPIXEL = 10


class SandboxedParser:
    """`ingest.parse.parse` with limits, in one warm worker process (`vernacular.confined`).

    Short plain texts are read in the caller's process. Calls from several threads take turns. Close it, or use it as a
    context manager.
    """

    def __init__(
        self, *, memory_mb: int = 1024, timeout_s: float = 30.0, max_files: int = 200, idle_s: float = 5.0
    ) -> None:
        self._process = ConfinedProcess(
            "ingest.parse.child", memory_mb=memory_mb, timeout_s=timeout_s, most=max_files, idle_s=idle_s
        )

    def __enter__(self) -> SandboxedParser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the worker; the next file would start another."""
        self._process.close()

    @property
    def worker_pid(self) -> int | None:
        """The process id of the running worker, if there is one."""
        return self._process.pid

    def parse(self, data: bytes, filename: str, media_type: str | None = None) -> Document:
        """As `ingest.parse.parse`; raises also ParserTimeout and ParserCrashed."""
        if _is_light(data, filename, media_type):
            return parse(data, filename, media_type)
        return document_of(self._process.ask({"data": data, "filename": filename, "media_type": media_type}))

    def picture(self, data: bytes, filename: str, longest_side: int = LONGEST_SIDE) -> Picture:
        """As `vernacular.images.prepare`, with the limits of this sandbox; raises also ParserTimeout and ParserCrashed."""
        return self._picture(data, filename, longest_side, read=False)[0]

    def read_picture(self, data: bytes, filename: str) -> tuple[Picture, str]:
        """As `picture`, and the text that OCR reads in it: empty where none is installed."""
        return self._picture(data, filename, LONGEST_SIDE, read=True)

    def thumbnail(self, data: bytes, filename: str) -> Picture:
        """As `picture`, as a WebP for a list or a card."""
        request = {"wanted": "thumbnail", "data": data, "filename": filename, "longest_side": THUMBNAIL_SIDE}
        return Picture(**self._process.ask({**request, "megapixels": self._megapixels}))

    def images(self, data: bytes, filename: str, media_type: str | None, most: int) -> tuple[str, list[Embedded]]:
        """What the file is, and the first `most` images inside it that may tell something, as they are held there.

        Raises UnreadableFile, ParserTimeout, ParserCrashed.
        """
        return images_of(
            self._process.ask(
                {
                    "wanted": "images",
                    "data": data,
                    "filename": filename,
                    "media_type": media_type,
                    "most": most,
                    "seconds": self._process.timeout_s / 2,
                    "megapixels": self._megapixels,
                }
            )
        )

    def members(self, data: bytes, filename: str, first: int) -> tuple[list[Member], int | None] | None:
        """Files in an archive from number `first` on, and the number to go on from; None: it is no archive.

        Raises UnreadableFile, ParserTimeout, ParserCrashed.
        """
        return members_of(self._process.ask({"wanted": "members", "data": data, "filename": filename, "first": first}))

    @property
    def _megapixels(self) -> float:
        return self._process.memory_mb / _MB_A_MEGAPIXEL

    def _picture(self, data: bytes, filename: str, longest_side: int, *, read: bool) -> tuple[Picture, str]:
        request = {"wanted": "picture", "data": data, "filename": filename, "longest_side": longest_side, "read": read}
        answer = self._process.ask({**request, "megapixels": self._megapixels})
        text = answer.pop("text")
        return Picture(**answer), text


def _is_light(data: bytes, filename: str, media_type: str | None) -> bool:
    return (
        len(data) <= _LIGHT_BYTES
        and not data.startswith(b"PK")  # looking into an archive is the worker's business
        and detect.media_type(data, filename, media_type) in LIGHT
    )
