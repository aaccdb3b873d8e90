"""The images of a message: only those inside the request, checked, and encoded anew before a model sees them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel

from vernacular.errors import ImageRefused
from vernacular.images import CHAT_TYPES, NAMES, Limits, media_type_of, prepare, svg_refused
from vernacular.settings import VisionSettings

_DATA_URL: Final = re.compile(r"data:([a-z]+/[a-z0-9.+-]+)?((?:;[^,;]*)*),", re.IGNORECASE)
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
IMAGE_PARTS: Final = frozenset({"image_url", "input_image"})
_SYNONYMS: Final = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png"}


class ImagePart(BaseModel):
    """An image as a part of a message gives it: a `data:` URL, neither decoded nor checked yet."""

    url: str


def image_part(part: Mapping[str, Any]) -> ImagePart:
    """Of `{"type": "image_url", "image_url": {"url": …}}`, or of `input_image`, whose `image_url` is the address.

    Raises:
        ValueError: there is no address in it.
    """
    given = part.get("image_url")
    url = given.get("url") if isinstance(given, dict) else given
    if not isinstance(url, str) or not url:
        raise ValueError(
            f'has a part of type {part["type"]} without `image_url`: send {{"url": "data:image/png;base64,…"}}'
        )
    return ImagePart(url=url)


def read_images(parts: Sequence[ImagePart], settings: VisionSettings) -> list[str]:
    """`data:` URLs of PNG and JPEG images that hold pixels only, for the model. Decoding takes a while: call it in a thread.

    Raises:
        ImageRefused: there are too many, or one is no image that can be taken; nothing is ever fetched.
    """
    if len(parts) > settings.max_images:
        raise ImageRefused(
            f"The message has {len(parts)} images, and the limit is {settings.max_images}.", "Send fewer at once."
        )
    limits = Limits(settings.max_mb, settings.max_megapixels, settings.longest_side)
    return [prepare(_data(part.url, limits), limits).data_url for part in parts]


def _data(url: str, limits: Limits) -> bytes:
    match = _DATA_URL.match(url)
    if match is None:
        raise _no_data_url(url)
    declared = _SYNONYMS.get((match[1] or "").lower(), (match[1] or "").lower())
    if declared == "image/svg+xml":
        raise svg_refused()
    if declared not in CHAT_TYPES:
        raise ImageRefused(f"An image of the type {declared[:60] or 'text/plain'} is not taken.")
    if ";base64" not in match[2].lower().replace(" ", ""):
        raise ImageRefused("The `data:` URL of an image must be base64.", "Send `data:image/png;base64,…`.")
    if (len(url) - match.end()) * 3 / 4 > limits.megabytes * 1_000_000 + 3:
        raise ImageRefused(
            f"The image has more than the {limits.megabytes:g} MB that are taken.", "Send it smaller, or as a JPEG."
        )
    try:
        data = base64.b64decode(url[match.end() :], validate=True)
    except (binascii.Error, ValueError):
        raise ImageRefused("The image's base64 is damaged.", "Encode the file again.") from None
    found = media_type_of(data)
    if found is not None and found != declared:
        raise ImageRefused(
            f"The image is declared as {NAMES[declared]}, and its first bytes are those of {NAMES[found]}.",
            "Declare the type that it has.",
        )
    return data


def _no_data_url(url: str) -> ImageRefused:
    scheme = _SCHEME.match(url)
    if scheme is not None and scheme[0].lower() != "data:":
        return ImageRefused(
            f"The image is an address ({scheme[0].lower()[:20]}…), and addresses are never fetched here.",
            "Send the image itself inside the request: `data:image/png;base64,…`.",
        )
    return ImageRefused("The image is no `data:` URL.", "Send `data:image/png;base64,…`.")
