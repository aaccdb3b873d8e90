from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from ingest.parse import parse
from serve.page_images.child import answer
from tests.ingest import samples
from vernacular.errors import EncryptedFile, UnreadableFile

EXAMPLES = Path(__file__).parents[3] / "examples"


def shown(data: bytes, *passage: str, page: int = 1, width: int = 600) -> dict[str, Any]:
    told = (*passage, "", "")[:3] if passage else ()
    return answer({"data": data, "filename": "a.pdf", "page": page, "width": width, "passage": told})


def picture(found: dict[str, Any]) -> Image.Image:
    return Image.open(io.BytesIO(found["image"])).convert("RGB")


def marks(found: dict[str, Any]) -> list[tuple[int, int]]:
    """The rows of the picture that hold yellow, as ranges from the top."""
    image = picture(found)
    red, green, blue = image.split()
    dark_blue = blue.point(lambda value: 255 if value < 140 else 0)
    light = ImageChops.darker(red, green).point(lambda value: 255 if value > 180 else 0)
    both = ImageChops.darker(dark_blue, light)
    yellow = [both.crop((0, y, image.width, y + 1)).getbbox() is not None for y in range(image.height)]
    edges = [y for y in range(1, image.height) if yellow[y] != yellow[y - 1]]
    return list(zip(edges[::2], edges[1::2], strict=True))


class TestPages:
    def test_are_as_wide_as_asked(self) -> None:
        assert picture(shown(samples.pdf([[(50, 700, 12, "Hours")]]), width=300)).size == (300, 400)

    def test_past_the_last_are_not_there(self) -> None:
        assert shown(samples.pdf([[], []]), page=3) == {"pages": 2}

    def test_of_immense_sizes_stay_small(self) -> None:
        tall = samples.pdf([[]]).replace(b"[0 0 600 800]", b"[0 0 100 9000]")
        image = picture(shown(tall, width=2000))
        assert image.width * image.height <= 6_100_000

    def test_of_a_locked_file_are_refused(self) -> None:
        with pytest.raises(EncryptedFile, match="password"):
            shown(samples.pdf([[]], encrypted=True))

    @pytest.mark.parametrize("data", [b"", b"%PDF-1.4 nothing", b"GIF89a"])
    def test_of_what_is_no_pdf_are_refused(self, data: bytes) -> None:
        with pytest.raises(UnreadableFile):
            shown(data)


class TestMarks:
    LINES = samples.pdf(
        [[(50, 700, 12, "A library card costs 12 crowns."), (50, 600, 12, "Bring a photograph along.")]]
    )

    def test_stand_on_the_passage_alone(self) -> None:
        ((top, bottom),) = marks(shown(self.LINES, "library card costs"))
        assert 80 < top < 100 < bottom < 112

    def test_follow_a_passage_over_lines(self) -> None:
        assert len(marks(shown(self.LINES, "costs 12 crowns.\n\nBring a PHOTOGRAPH"))) == 2

    def test_are_left_out_where_the_passage_is_not_on_the_page(self) -> None:
        found = shown(self.LINES, "A library card is free of charge for children.")
        assert found["marked"] is False
        assert marks(found) == []

    def test_overlook_ligatures_accents_and_hyphens(self) -> None:
        data = samples.pdf([[(50, 700, 12, "The of-"), (50, 680, 12, "fice is at the café.")]])
        assert shown(data, "the oﬃce is at the cafe")["marked"] is True

    def test_of_a_turned_page_turn_with_it(self) -> None:
        turned = self.LINES.replace(b"[0 0 600 800]", b"[0 0 600 800] /Rotate 180")
        ((top, bottom),) = marks(shown(turned, "library card costs"))
        assert 688 < top < bottom < 720

    @pytest.mark.parametrize(
        "name", ["harbour/documents/swimming-pools", "delta/documents/land-registry", "cenital/documents/viaticos-2026"]
    )
    def test_find_the_lines_of_real_documents_in_chinese_arabic_and_spanish(self, name: str) -> None:
        path = EXAMPLES / f"{name}.pdf"
        data = path.read_bytes()
        document = parse(data, path.name)
        found = []
        for page in document.pages:
            text = document.text[page.start : page.end]
            for line in re.finditer(r"[^\n]{9,}", text):
                if any(map(str.isalpha, line[0])):
                    around = text[: line.start()][-100:], text[line.end() :][:100]
                    found.append(shown(data, line[0], *around, page=page.number, width=200)["marked"])
        assert len(found) > 15
        assert all(found)
