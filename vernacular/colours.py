"""Colours that people can read text on (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

import colorsys
import re
from typing import Final

WHITE: Final = "#ffffff"
READABLE: Final = 4.5
"""The contrast that text of ordinary size needs (AA)."""
HEX: Final = re.compile(r"#[0-9a-fA-F]{6}")
_STEPS: Final = 256


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours `#rrggbb`, 1 to 21."""
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def readable_under(text: str, colour: str) -> str:
    """The nearest colour of the same hue that `text` can be read on; `colour` itself if that is one. Always `#rrggbb`.

    It goes towards black under light text, and towards white under dark text.
    """
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    end = 0.0 if _luminance(text) > 0.18 else 1.0
    tried = (lightness + (end - lightness) * step / _STEPS for step in range(_STEPS + 1))
    shades = (_written(colorsys.hls_to_rgb(hue, each, saturation)) for each in tried)
    return next((shade for shade in shades if contrast(text, shade) >= READABLE), "#000000" if end == 0 else WHITE)


def _luminance(colour: str) -> float:
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in _channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _channels(colour: str) -> tuple[float, float, float]:
    if not HEX.fullmatch(colour):
        raise ValueError(f"not a colour: {colour[:20]!r}")
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _written(channels: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(each * 255):02x}" for each in channels)
