"""Messages between a confined process and its parent: msgpack frames of data only, nothing that runs."""

from __future__ import annotations

import struct
from typing import Any, BinaryIO

import msgpack

from vernacular.errors import (
    EmptyFile,
    EncryptedFile,
    ImageRefused,
    InvalidRecord,
    ParserCrashed,
    TooLarge,
    UnreadableFile,
    UnsupportedFile,
    VernacularError,
)

_LENGTH = struct.Struct(">I")
_ERRORS: dict[str, type[VernacularError]] = {
    error.name: error
    for error in (
        EmptyFile,
        EncryptedFile,
        ImageRefused,
        InvalidRecord,
        ParserCrashed,
        TooLarge,
        UnreadableFile,
        UnsupportedFile,
    )
}


def pack_frame(message: dict[str, Any]) -> bytes:
    body: bytes = msgpack.packb(message)
    return _LENGTH.pack(len(body)) + body


def read_frame(stream: BinaryIO) -> dict[str, Any] | None:
    """The next message; None at the end of the stream."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    length = _LENGTH.unpack(head)[0]
    body = stream.read(length)
    return unpack(body) if len(body) == length else None


def frame_length(head: bytes) -> int | None:
    """How long the whole frame that starts with `head` is; None while that cannot be told."""
    return _LENGTH.size + _LENGTH.unpack_from(head)[0] if len(head) >= _LENGTH.size else None


def unpack_frame(frame: bytes) -> dict[str, Any]:
    return unpack(frame[_LENGTH.size :])


def unpack(body: bytes) -> dict[str, Any]:
    message: dict[str, Any] = msgpack.unpackb(body, strict_map_key=False, max_str_len=2**31 - 1, max_bin_len=2**31 - 1)
    return message


def error_message(error: VernacularError) -> dict[str, Any]:
    return {"error": error.name, "message": error.message, "hint": error.hint}


def error_of(message: dict[str, Any]) -> VernacularError:
    return _ERRORS.get(message["error"], UnreadableFile)(message["message"], message["hint"])
