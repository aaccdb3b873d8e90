"""Draws a small picture for each product of the shop `shuguo`, beside its feed. Called by `build_documents.py`; needs Pillow."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw

PICTURES = Path(__file__).resolve().parent / "shuguo" / "documents" / "pictures"
SIDE, FINE = 320, 2
PAPER, LINE, LABEL = "#fbf6ec", "#4a3527", "#fff8e7"
Draw = ImageDraw.ImageDraw
Shape = Callable[[Draw, str, str], None]


def box(draw: Draw, left: float, top: float, right: float, bottom: float, fill: str, round_by: float = 14) -> None:
    draw.rounded_rectangle((left, top, right, bottom), round_by, fill=fill, outline=LINE, width=6)


def label(draw: Draw, left: float, top: float, right: float, bottom: float, mark: str) -> None:
    box(draw, left, top, right, bottom, LABEL, 8)
    x, y, size = (left + right) / 2, (top + bottom) / 2, (bottom - top) / 3
    draw.ellipse((x - size, y - size, x + size, y + size), fill=mark)


def jar(draw: Draw, fill: str, mark: str) -> None:
    box(draw, 190, 110, 450, 180, mark)
    box(draw, 160, 170, 480, 540, fill, 60)
    label(draw, 200, 280, 440, 440, mark)


def pouch(draw: Draw, fill: str, mark: str) -> None:
    box(draw, 150, 100, 490, 560, fill, 20)
    for y in (140, 520):
        draw.line((160, y, 480, y), fill=LINE, width=5)
    label(draw, 200, 230, 440, 430, mark)


def bottle(draw: Draw, fill: str, mark: str) -> None:
    box(draw, 275, 70, 365, 150, mark)
    draw.polygon([(285, 150), (355, 150), (430, 260), (210, 260)], fill=fill, outline=LINE, width=6)
    box(draw, 210, 245, 430, 570, fill, 24)
    label(draw, 230, 330, 410, 480, mark)


def peppers(draw: Draw, fill: str, mark: str) -> None:
    for at in range(7):
        x, y, lean = 120 + at * 62, 250 + 70 * math.sin(at * 2.1), 50 * math.cos(at * 1.7)
        draw.line((x, y, x + lean / 2, y + 90, x + lean, y + 190), fill=LINE, width=50, joint="curve")
        draw.line((x, y, x + lean / 2, y + 90, x + lean, y + 180), fill=fill, width=38, joint="curve")
        draw.ellipse((x - 22, y - 30, x + 22, y + 12), fill=mark, outline=LINE, width=5)


def grains(draw: Draw, fill: str, mark: str) -> None:
    draw.chord((110, 230, 530, 650), 0, 180, fill=mark, outline=LINE, width=6)
    for at in range(90):
        angle, far = at * 2.39996, 19.5 * math.sqrt(at)
        x, y = 320 + far * math.cos(angle), 400 + 0.45 * far * math.sin(angle) - 60
        draw.ellipse((x - 17, y - 17, x + 17, y + 17), fill=fill, outline=LINE, width=4)


def crock(draw: Draw, fill: str, mark: str) -> None:
    draw.ellipse((130, 190, 510, 580), fill=fill, outline=LINE, width=6)
    box(draw, 230, 150, 410, 230, fill, 10)
    draw.ellipse((200, 120, 440, 180), fill=mark, outline=LINE, width=6)
    draw.ellipse((295, 80, 345, 130), fill=mark, outline=LINE, width=6)


def pan(draw: Draw, fill: str, mark: str) -> None:
    draw.line((440, 330, 600, 250), fill=LINE, width=44)
    draw.line((440, 330, 590, 255), fill=mark, width=30)
    draw.chord((70, 80, 490, 520), 0, 180, fill=fill, outline=LINE, width=6)
    draw.ellipse((70, 250, 490, 350), fill=mark, outline=LINE, width=6)
    draw.ellipse((110, 268, 450, 332), fill=fill, outline=LINE, width=4)


def knife(draw: Draw, fill: str, mark: str) -> None:
    box(draw, 60, 220, 420, 400, fill, 20)
    box(draw, 410, 260, 600, 330, mark, 24)
    draw.line((75, 384, 405, 384), fill=LABEL, width=10)


def steamer(draw: Draw, fill: str, mark: str) -> None:
    draw.pieslice((110, 120, 530, 440), 180, 360, fill=mark, outline=LINE, width=6)
    for top in (280, 400):
        box(draw, 100, top, 540, top + 125, fill, 20)
        for x in range(140, 540, 50):
            draw.line((x, top + 6, x, top + 118), fill=LINE, width=4)


def tea(draw: Draw, fill: str, mark: str) -> None:
    draw.ellipse((90, 470, 550, 570), fill=mark, outline=LINE, width=6)
    draw.chord((160, 80, 480, 520), 0, 180, fill=fill, outline=LINE, width=6)
    draw.chord((150, 200, 490, 400), 180, 360, fill=mark, outline=LINE, width=6)
    draw.ellipse((290, 160, 350, 215), fill=fill, outline=LINE, width=6)


def sausage(draw: Draw, fill: str, mark: str) -> None:
    for at in range(4):
        y = 150 + 100 * at
        box(draw, 120 + 20 * (at % 2), y, 500 + 20 * (at % 2), y + 76, fill, 38)
        for x in (200, 300, 400):
            draw.ellipse((x, y + 24, x + 26, y + 50), fill=mark)


def pieces(draw: Draw, fill: str, mark: str) -> None:
    draw.ellipse((80, 330, 560, 560), fill=LABEL, outline=LINE, width=6)
    for at in range(9):
        x, y = 170 + 95 * (at % 4) + 35 * (at // 4 % 2), 400 - 62 * (at // 4)
        box(draw, x, y, x + 88, y + 58, (fill, mark)[at % 2], 16)


SHAPES: dict[str, tuple[Shape, str, str]] = {
    "1001": (jar, "#a8321f", "#d8a13a"), "1002": (jar, "#7a2a1a", "#3f2a20"), "1003": (jar, "#5a3320", "#e0c070"),
    "1004": (jar, "#d0402a", "#5d8a3a"), "1005": (jar, "#8a4a2a", "#c98b4a"), "1006": (grains, "#2f2a28", "#c9a26a"),
    "1101": (pouch, "#c62818", "#ffd23f"), "1102": (pouch, "#d9532b", "#ffe08a"), "1103": (pouch, "#7f9a3a", "#f2e8b0"),
    "1104": (pouch, "#e0493a", "#8fbf5a"), "1105": (pouch, "#a98a5a", "#efe2c4"), "1106": (pouch, "#9aa83a", "#f7f0b0"),
    "1107": (pouch, "#b0482a", "#7fae5a"), "1201": (grains, "#a5382f", "#e8d6b0"), "1202": (grains, "#6f8f3a", "#e8d6b0"),
    "1203": (peppers, "#b3201a", "#6b8a3a"), "1204": (peppers, "#d42a1a", "#7a9a4a"), "1205": (pouch, "#c0392b", "#f2c14e"),
    "1206": (bottle, "#a9b84a", "#4f7a3a"), "1207": (jar, "#c8321a", "#f0d9a0"), "1301": (crock, "#a4683a", "#8a5230"),
    "1302": (crock, "#cfe3e0", "#8fb8b0"), "1303": (pan, "#3d3d40", "#6a5a4a"), "1304": (pan, "#b9c0c4", "#c0392b"),
    "1305": (knife, "#c9ced2", "#6b4a32"), "1306": (knife, "#a9afb4", "#3f2f26"), "1307": (steamer, "#dcbf82", "#c9a25c"),
    "1308": (crock, "#9a9a94", "#6f6f6a"), "1309": (tea, "#f4f4ef", "#8fb0c4"), "1310": (pan, "#c9803a", "#8f5326"),
    "1401": (pieces, "#8a3a22", "#b5482a"), "1402": (pieces, "#7a4428", "#94583a"), "1403": (grains, "#b98a4a", "#e8d6b0"),
    "1404": (pieces, "#d9a54a", "#c68a34"), "1405": (pieces, "#f0e6d0", "#d8c29a"), "1406": (pieces, "#d97b3a", "#e8a45a"),
    "1407": (pieces, "#a5482a", "#c0392b"), "1501": (sausage, "#a8322a", "#f0d9c0"), "1502": (sausage, "#b8564a", "#f4e2cc"),
    "1503": (pieces, "#8a4a32", "#e2b48a"), "1504": (pieces, "#7a3a1e", "#9a5230"), "1601": (pouch, "#b9a4b0", "#efe6ea"),
    "1602": (bottle, "#e0b83a", "#f2d94e"), "1603": (bottle, "#5a3a26", "#c9a26a"), "1604": (pouch, "#6b7a3a", "#d8c98a"),
    "1605": (pieces, "#f2dcc0", "#e8d84a"),
}  # fmt: skip


def picture(number: str) -> Image.Image:
    """The product `SG-<number>`, drawn larger than it is kept, so that its edges come out smooth."""
    shape, fill, mark = SHAPES[number]
    image = Image.new("RGB", (SIDE * FINE, SIDE * FINE), PAPER)
    shape(ImageDraw.Draw(image), fill, mark)
    return image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def draw_products() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    for number in SHAPES:
        path = PICTURES / f"sg-{number}.webp"
        picture(number).save(path, "WEBP", quality=72, method=6)
        print(path.relative_to(PICTURES.parents[2]), path.stat().st_size)


if __name__ == "__main__":
    draw_products()
