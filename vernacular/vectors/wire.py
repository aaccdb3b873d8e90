"""Messages over a socket: four bytes of length (big-endian), then one msgpack value.

msgpack builds nothing but plain values, so that a message cannot run code in the process that reads it.
"""

from __future__ import annotations

import hashlib
import os
import socket
import struct
import tempfile
from pathlib import Path
from typing import Any

import msgpack

LENGTH = struct.Struct(">I")
MAXIMUM = 256 * 1024 * 1024
"""Largest message, in bytes."""
LOCKED = 75
"""Exit status of an owner that finds its folder held by another (EX_TEMPFAIL)."""
_PATH_LIMIT = 100


class MessageError(Exception):
    """The other side speaks something else; the connection cannot go on."""


def encode(message: Any) -> bytes:
    body: bytes = msgpack.packb(message)
    if len(body) > MAXIMUM:
        raise MessageError(f"a message of {len(body)} bytes is over the limit")
    return LENGTH.pack(len(body)) + body


def decode(body: bytes | bytearray | memoryview) -> Any:
    try:
        return msgpack.unpackb(body)
    except ValueError as error:
        raise MessageError(str(error)) from None


def body_length(prefix: bytes | bytearray) -> int:
    length: int = LENGTH.unpack_from(prefix)[0]
    if length > MAXIMUM:
        raise MessageError(f"a message of {length} bytes is over the limit")
    return length


def receive(connection: socket.socket) -> Any:
    """One whole message from a blocking socket.

    Raises:
        ConnectionError: the other side has closed.
        TimeoutError: nothing came in the socket's timeout.
        MessageError: what came is no message.
    """
    return decode(_exactly(connection, body_length(_exactly(connection, LENGTH.size))))


def _exactly(connection: socket.socket, size: int) -> bytearray:
    data = bytearray(size)
    view = memoryview(data)
    filled = 0
    while filled < size:
        got = connection.recv_into(view[filled:])
        if got == 0:
            raise ConnectionResetError("the other side has closed the connection")
        filled += got
    return data


def socket_path(vectors: Path) -> Path:
    """Where the owner of the folder `vectors` listens: inside it, or in a short private folder when that path is too long.

    A Unix socket's path may have 107 bytes.
    """
    inside = vectors / "owner.sock"
    if len(os.fsencode(inside)) <= _PATH_LIMIT:
        return inside
    name = hashlib.sha256(os.fsencode(vectors.resolve())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"vernacular-{os.getuid()}" / f"{name}.sock"
