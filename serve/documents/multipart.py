"""Multipart forms read as they come: files straight to disk, fields in memory up to a limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from vernacular.errors import BadRequest, TooLarge

MAX_FILES = 1000
MAX_FIELD_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """`filename` is what the sender calls it and not to be trusted; `path` is where it lies."""

    filename: str
    media_type: str
    path: Path
    size: int


class MultipartReader:
    """A context to feed with `write` and end with `finish`; then `files` and `fields` are there. Files go to `folder`.

    Raises, from `write` and `finish`:
        BadRequest: the body is not a multipart form, or has too many files.
        TooLarge: the fields besides the files are too long.
    """

    def __init__(self, content_type: str, folder: Path) -> None:
        boundary = parse_options_header(content_type)[1].get(b"boundary")
        if not boundary:
            raise _broken("its Content-Type names no boundary")
        self.files: list[UploadedFile] = []
        self.fields: dict[str, str] = {}
        self._folder = folder
        self._headers: dict[bytes, bytes] = {}
        self._header_name = self._header_value = b""
        self._options: dict[bytes, bytes] = {}
        self._data = bytearray()
        self._field_bytes = 0
        self._file: IO[bytes] | None = None
        self._ended = False
        try:
            self._parser = MultipartParser(boundary, self._callbacks())  # type: ignore[arg-type]
        except FormParserError:
            raise _broken("its boundary is too long") from None

    def write(self, data: bytes) -> None:
        try:
            self._parser.write(data)
        except FormParserError:
            raise _broken("a part of it is malformed") from None

    def finish(self) -> None:
        if not self._ended:
            raise _broken("it ends too early")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._file is not None:
            self._file.close()

    def _callbacks(self) -> dict[str, Callable[..., None]]:
        return {
            "on_part_begin": self._on_part_begin,
            "on_header_field": self._on_header_field,
            "on_header_value": self._on_header_value,
            "on_header_end": self._on_header_end,
            "on_headers_finished": self._on_headers_finished,
            "on_part_data": self._on_part_data,
            "on_part_end": self._on_part_end,
            "on_end": self._on_end,
        }

    def _on_part_begin(self) -> None:
        self._headers, self._data, self._file = {}, bytearray(), None

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _on_header_end(self) -> None:
        self._headers[self._header_name.lower()] = self._header_value
        self._header_name = self._header_value = b""

    def _on_headers_finished(self) -> None:
        self._options = parse_options_header(self._headers.get(b"content-disposition"))[1]
        if b"name" not in self._options:
            raise _broken("a part of it has no name")
        if b"filename" not in self._options:
            return
        if len(self.files) >= MAX_FILES:
            raise BadRequest(f"There are more than {MAX_FILES} files.", "Send them in several requests.")
        self._file = (self._folder / f"{len(self.files) + 1:04d}").open("wb")

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._file is not None:
            self._file.write(data[start:end])
            return
        self._field_bytes += end - start
        if self._field_bytes > MAX_FIELD_BYTES:
            raise TooLarge("The form's fields are larger than 1 MB.", "Send texts as files.")
        self._data += data[start:end]

    def _on_part_end(self) -> None:
        if self._file is None:
            self.fields[self._text(self._options[b"name"])] = self._text(self._data)
            return
        size = self._file.tell()
        self._file.close()
        media_type = self._text(self._headers.get(b"content-type", b"application/octet-stream"))
        filename = self._text(self._options[b"filename"])
        self.files.append(UploadedFile(filename, media_type, Path(self._file.name), size))

    def _on_end(self) -> None:
        self._ended = True

    @staticmethod
    def _text(data: bytes | bytearray) -> str:
        return data.decode("utf-8", "replace")


def _broken(why: str) -> BadRequest:
    return BadRequest(f"The form cannot be read: {why}.", "Let your HTTP client build the multipart/form-data body.")
