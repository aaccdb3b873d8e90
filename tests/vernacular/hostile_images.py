"""Images as people and attackers send them, made on the spot."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageDraw

RED, BLUE = (200, 30, 30), (30, 30, 200)


def picture(
    width: int = 64, height: int = 48, kind: str = "PNG", colour: Any = RED, mode: str = "RGB", **options: Any
) -> bytes:
    """A plain image with a darker corner at the top left, so that it has an upper and a left side."""
    image = Image.new(mode, (width, height), colour)
    if mode == "RGB":
        ImageDraw.Draw(image).rectangle((0, 0, width // 4, height // 4), fill=(0, 0, 0))
    return encoded(image, kind, **options)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_that_claims(width: int, height: int, rows: int = 1) -> bytes:
    """A PNG of a few bytes whose header claims any size."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    body = zlib.compress(b"\0" * (width // 8 + 1) * rows)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def png_text_bomb(megabytes: int = 200) -> bytes:
    """A small picture with a compressed comment that fills memory."""
    whole = picture()
    comment = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"a" * (megabytes << 20), 9))
    return whole[:33] + comment + whole[33:]


def gif_that_claims(width: int, height: int, frames: int = 1) -> bytes:
    """A GIF of many frames, each of the size that the header claims."""
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x44\x01\x00"
    return head + frame * frames + b"\x3b"


def gif_with_a_larger_frame(width: int, height: int) -> bytes:
    """A GIF whose header says 16 by 16 and whose only frame says otherwise."""
    whole = bytearray(gif_that_claims(width, height))
    whole[6:10] = struct.pack("<HH", 16, 16)
    return bytes(whole)


def webp_that_claims(width: int, height: int) -> bytes:
    """An animated WebP whose canvas claims any size up to 2^24."""
    sides = b"".join(struct.pack("<I", side - 1)[:3] for side in (width, height))
    body = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + sides
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def jpeg_that_claims(width: int, height: int) -> bytes:
    """A JPEG whose frame header claims any size."""
    whole = bytearray(picture(kind="JPEG"))
    at = whole.index(b"\xff\xc0")
    whole[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(whole)


def jpeg_of_many_scans(scans: int) -> bytes:
    whole = picture(kind="JPEG", progressive=True)
    begin = whole.index(b"\xff\xda")
    end = whole.index(b"\xff\xda", begin + 2)
    return whole[:begin] + whole[begin:end] * scans + whole[end:]


def photo_with_exif(orientation: int, width: int = 64, height: int = 48) -> bytes:
    """A JPEG with an orientation, a camera, a place on earth, a comment and a colour profile."""
    image = Image.open(io.BytesIO(picture(width, height, "JPEG")))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Secret Camera Maker"
    exif[0x8825] = {1: "N", 2: (31.0, 14.0, 0.0)}
    return encoded(image, "JPEG", exif=exif, comment=b"secret comment", icc_profile=b"secret profile" * 20)


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
