"""Images as documents hold them, each with other pixels."""

from __future__ import annotations

import random

from PIL import Image, ImageDraw, ImageFont

from tests.vernacular.hostile_images import encoded


def photo(seed: int = 0, width: int = 120, height: int = 90, kind: str = "JPEG") -> bytes:
    """Nothing but noise: no letters, and too many bytes for an ornament."""
    made = random.Random(seed)
    return encoded(Image.frombytes("RGB", (width, height), made.randbytes(width * height * 3)), kind)


def sign(words: str, kind: str = "PNG") -> bytes:
    """Words that OCR can read."""
    image = Image.new("RGB", (900, 260), "white")
    ImageDraw.Draw(image).text((40, 60), words, fill="black", font=ImageFont.load_default(80))
    return encoded(image, kind)
