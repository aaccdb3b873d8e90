"""Images from outside, made safe: what a header tells is checked before anything is decoded, and only pixels go on.

`prepare` gives a fresh PNG or JPEG: upright, no larger than a model needs, without EXIF, GPS, comments or colour profiles.
"""

from __future__ import annotations

import base64
import binascii
import io
import struct
import threading
import zlib
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps

from vernacular.errors import ImageRefused

PNG, JPEG, WEBP, GIF = "image/png", "image/jpeg", "image/webp", "image/gif"
TIFF, BMP = "image/tiff", "image/bmp"
NAMES: Final = {PNG: "PNG", JPEG: "JPEG", WEBP: "WebP", GIF: "GIF", TIFF: "TIFF", BMP: "BMP"}
_PILLOW: Final = {**NAMES, WEBP: "WEBP"}
CHAT_TYPES: Final = frozenset({PNG, JPEG, WEBP, GIF})
DOCUMENT_TYPES: Final = frozenset(NAMES)

SMALLEST_SIDE, MOST_ELONGATED = 8, 100
MAX_SCANS: Final = 100
"""Of a progressive JPEG: cameras and programs write about ten, and each costs a pass over all of the picture."""
_LARGEST_PNG: Final = 2 << 20
_QUALITY: Final = 90
_HEAD_CHARS: Final = 4096
_DECODERS: Final = threading.BoundedSemaphore(2)
"""A picture takes a hundred megabytes while it is decoded: this many at once, the others wait."""
# What Pillow's readers raise on damaged files; there is no common base.
_DAMAGED: Final = (
    OSError, ValueError, SyntaxError, EOFError, KeyError, IndexError, TypeError, OverflowError, MemoryError,
    struct.error, zlib.error,
)  # fmt: skip
_TOO_MANY_PIXELS: Final = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_START_OF_FRAME: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True, slots=True)
class Limits:
    """What an image may be, and `longest_side`, the pixels that it is scaled down to.

    `transparent`: what can be seen through stays so, and a PNG is made of everything; otherwise it is put on white.
    """

    megabytes: float = 8.0
    megapixels: float = 24.0
    longest_side: int = 2048
    types: frozenset[str] = CHAT_TYPES
    transparent: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG or JPEG of this project's own making."""

    data: bytes
    media_type: str
    width: int
    height: int

    @property
    def data_url(self) -> str:
        return f"data:{self.media_type};base64,{base64.b64encode(self.data).decode()}"


def size_of(data_url: str) -> tuple[int, int] | None:
    """Width and height of a `Picture` by its `data_url`; None for what is none."""
    head = data_url.partition(";base64,")[2][:_HEAD_CHARS]
    try:
        data = base64.b64decode(head[: len(head) // 4 * 4])
        kind = media_type_of(data)
        return _size_in_header(data, kind) if kind else None
    except (ImageRefused, binascii.Error):
        return None


def media_type_of(data: bytes) -> str | None:
    """What the first bytes say; None: no image of a type that is known here."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    if data.startswith((b"II*\x00", b"MM\x00*")):
        return TIFF
    return BMP if data.startswith(b"BM") else None


def size_in_header(data: bytes) -> tuple[int, int] | None:
    """Width and height as the header claims; None where only decoding tells. Raises ImageRefused: the header is damaged."""
    kind = media_type_of(data)
    return _size_in_header(data, kind) if kind else None


def prepare(data: bytes, limits: Limits) -> Picture:
    """The first frame of an image, decoded and encoded anew.

    Raises:
        ImageRefused: it is too large, of a type that is not taken, or damaged.
    """
    kind = _check_type(data, limits)
    size = _size_in_header(data, kind)
    if size is not None:
        _check_size(size, limits)
    with _DECODERS:
        try:
            image = _decoded(data, kind, limits)
            return _encoded(image, keeps_lines=limits.transparent or kind in (PNG, GIF))
        except _TOO_MANY_PIXELS:
            raise _too_many_pixels(None, limits) from None
        except _DAMAGED:
            raise _damaged(kind) from None


def _check_type(data: bytes, limits: Limits) -> str:
    if len(data) > limits.megabytes * 1_000_000:
        raise ImageRefused(
            f"The image has {len(data) / 1e6:.1f} MB, and the limit is {limits.megabytes:g} MB.",
            "Send it smaller, or as a JPEG.",
        )
    kind = media_type_of(data)
    if kind is None and _is_svg(data):
        raise svg_refused()
    if kind is None or kind not in limits.types:
        taken = ", ".join(NAMES[each] for each in NAMES if each in limits.types)
        raise ImageRefused(f"The file is no image of a type that is read here ({taken}).", "Save it as PNG or JPEG.")
    if kind == JPEG and data.count(b"\xff\xda") > MAX_SCANS:
        raise ImageRefused(f"The JPEG has more than {MAX_SCANS} scans.", "Save it again as an ordinary JPEG.")
    return kind


def svg_refused() -> ImageRefused:
    return ImageRefused(
        "SVG images are not taken: they are documents that can hold scripts and addresses.", "Save it as PNG."
    )


def _is_svg(data: bytes) -> bool:
    return b"<svg" in data[:4096].lower()


def _check_size(size: tuple[int, int], limits: Limits) -> None:
    width, height = size
    if width * height > limits.megapixels * 1_000_000:
        raise _too_many_pixels(size, limits)
    shortest, longest = sorted(size)
    if shortest < SMALLEST_SIDE or longest > MOST_ELONGATED * shortest:
        raise ImageRefused(
            f"The image is {width:,} × {height:,} pixels: too small or too narrow to show anything.",
            "Send a larger cut-out.",
        )


def _too_many_pixels(size: tuple[int, int] | None, limits: Limits) -> ImageRefused:
    said = f"The image is {size[0]:,} × {size[1]:,} pixels" if size else "The image has too many pixels"
    return ImageRefused(
        f"{said}, and the limit is {limits.megapixels:g} megapixels.", "Scale it down, or send a part of it."
    )


def _damaged(kind: str) -> ImageRefused:
    return ImageRefused(f"The {NAMES[kind]} image is damaged or incomplete.", "Save it again and send it anew.")


# -- headers -----------------------------------------------------------------------------------------------------------


def _size_in_header(data: bytes, kind: str) -> tuple[int, int] | None:
    """Width and height as the header says, without decoding; None for types whose header only the decoder reads."""
    try:
        match kind:
            case "image/png":
                width, height = struct.unpack_from(">II", data, 16)
            case "image/gif":
                width, height = struct.unpack_from("<HH", data, 6)
            case "image/webp":
                width, height = _webp_size(data)
            case "image/jpeg":
                width, height = _jpeg_size(data)
            case _:
                return None
    except struct.error:
        raise _damaged(kind) from None
    return width, height


def _webp_size(data: bytes) -> tuple[int, int]:
    """WebP container specification, sections on VP8, VP8L and VP8X."""
    if data[12:16] == b"VP8X":
        low_width, high_width, low_height, high_height = struct.unpack_from("<HBHB", data, 24)
        return (low_width | high_width << 16) + 1, (low_height | high_height << 16) + 1
    if data[12:16] == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if data[12:16] == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    raise _damaged(WEBP)


def _jpeg_size(data: bytes) -> tuple[int, int]:
    """The size in the first start-of-frame segment (ITU T.81, B.2.2)."""
    at = 2
    while True:
        marker, length = struct.unpack_from(">HH", data, at)
        if marker >> 8 != 0xFF:
            raise _damaged(JPEG)
        if marker & 0xFF in _START_OF_FRAME:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        if marker == 0xFFFF:  # a fill byte before the marker
            at += 1
        else:
            at += 2 + max(2, length)


# -- pixels ------------------------------------------------------------------------------------------------------------


def _decoded(data: bytes, kind: str, limits: Limits) -> Image.Image:
    """The first frame, upright, scaled down, on white unless it may be transparent."""
    image: Image.Image = Image.open(io.BytesIO(data), formats=(_PILLOW[kind],))
    _check_size(image.size, limits)  # later headers may contradict the first
    if kind == JPEG:
        image.draft("RGB", (limits.longest_side, limits.longest_side))  # decodes at a half, a quarter … of the size
    image.load()
    _check_size(image.size, limits)
    image = ImageOps.exif_transpose(image)
    image = image.convert("RGBA") if limits.transparent and image.has_transparency_data else _opaque(image)
    image.thumbnail((limits.longest_side, limits.longest_side), Image.Resampling.LANCZOS)
    return image


def _opaque(image: Image.Image) -> Image.Image:
    if image.mode in ("I;16", "I;16B", "I;16L", "I", "F"):  # converting would clip what is above 255
        low, high = image.getextrema()
        scale = 255 / max(float(high) - float(low), 1e-9)  # type: ignore[arg-type]
        return image.point(lambda value: (value - low) * scale).convert("L").convert("RGB")
    if image.has_transparency_data:
        over = image.convert("RGBA")
        white = Image.new("RGBA", over.size, "white")
        return Image.alpha_composite(white, over).convert("RGB")
    return image.convert("RGB")


def _encoded(image: Image.Image, *, keeps_lines: bool) -> Picture:
    """PNG for what is drawn, unless that grows large; else JPEG. Nothing of the original but its pixels is written."""
    plain = Image.new(image.mode, image.size)
    plain.paste(image)
    if keeps_lines:
        buffer = io.BytesIO()
        plain.save(buffer, "PNG", compress_level=4)
        if buffer.tell() <= _LARGEST_PNG:
            return Picture(buffer.getvalue(), PNG, *plain.size)
    buffer = io.BytesIO()
    plain.convert("RGB").save(buffer, "JPEG", quality=_QUALITY)
    return Picture(buffer.getvalue(), JPEG, *plain.size)
