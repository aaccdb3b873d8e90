from __future__ import annotations

import base64
import hashlib
import io
import zipfile
import zlib

import pytest
from PIL import Image

from ingest.parse import detect
from ingest.parse.images.embedded import Embedded, may_embed
from ingest.parse.images.finder import find_images
from tests.ingest import samples
from tests.ingest.parse.images.pictures import photo
from tests.vernacular.hostile_images import picture, png_that_claims

A, B = photo(1), photo(2)


def found(data: bytes, name: str, most: int = 20, megapixels: float = 24.0) -> list[Embedded]:
    return find_images(data, name, None, most=most, seconds=60.0, megapixels=megapixels)[1]


def word(images: dict[str, bytes], *more: str) -> bytes:
    body = samples.paragraph("First words.") + "".join(map(samples.picture_paragraph, images)) + "".join(more)
    return samples.docx_with_images(body, images)


class TestWord:
    def test_gives_images_in_the_order_of_the_text_and_behind_what(self) -> None:
        body = samples.paragraph("Harbour") + samples.picture_paragraph("rId8", "The first")
        body += samples.paragraph("Words.") + samples.picture_paragraph("rId7")
        first, second = found(samples.docx_with_images(body, {"rId7": A, "rId8": B}), "a.docx")
        assert (first.data, first.digest) == (B, hashlib.sha256(B).hexdigest())
        assert first.place.behind == (("The first", 0), ("Harbour", 0))
        assert second.place.behind == (("Words.", 0), ("The first", 0), ("Harbour", 0))

    def test_counts_how_often_the_same_words_stood_before(self) -> None:
        body = samples.paragraph("See below:") * 3 + samples.picture_paragraph("rId7")
        [image] = found(samples.docx_with_images(body, {"rId7": A}), "a.docx")
        assert image.place.behind[0] == ("See below:", 2)

    def test_gives_an_image_once(self) -> None:
        assert len(found(word({"rId7": A, "rId8": A}), "a.docx")) == 1

    def test_leaves_out_what_comes_again_and_again(self) -> None:
        again = samples.picture_paragraph("rId7") * 2
        assert [each.data for each in found(word({"rId7": A, "rId8": B}, again), "a.docx")] == [B]

    @pytest.mark.parametrize("data", [photo(3, 60, 400), picture(400, 300), b"x" * 5000, b""])
    def test_leaves_out_what_is_tiny_and_what_is_no_image(self, data: bytes) -> None:
        assert found(word({"rId7": data}), "a.docx") == []

    def test_leaves_linked_images_where_they_are(self) -> None:
        with zipfile.ZipFile(io.BytesIO(word({"rId7": A}))) as file:
            parts: dict[str, str | bytes] = {name: file.read(name) for name in file.namelist()}
            rels = file.read("word/_rels/document.xml.rels").decode()
        outside = 'Target="http://127.0.0.1/a.png" TargetMode="External"'
        parts["word/_rels/document.xml.rels"] = rels.replace('Target="media/rId7.bin"', outside)
        assert found(samples.archive(parts), "a.docx") == []

    def test_stops_at_the_number_that_is_wanted(self) -> None:
        images = {f"r{number}": photo(number) for number in range(1000)}
        assert [each.data for each in found(word(images), "a.docx", most=5)] == [photo(at) for at in range(5)]

    def test_unpacks_no_bomb(self) -> None:
        assert found(word({"rId7": b"\x89PNG\r\n\x1a\n" + bytes(100 << 20), "rId8": A}), "a.docx")[0].data == A

    def test_leaves_pixels_that_are_only_claimed_to_the_decoder(self) -> None:
        bomb = png_that_claims(60_000, 60_000, 4000)
        assert [each.data for each in found(word({"rId7": bomb}), "a.docx")] == [bomb]

    @pytest.mark.parametrize(
        "body", ["<!DOCTYPE x [<!ENTITY a 'b'>]><w:document/>", "<w:document", "\x00", "<a/>"], ids=repr
    )
    def test_of_broken_parts_gives_nothing(self, body: str) -> None:
        made = samples.archive({"word/document.xml": body, "word/media/a.png": A})
        assert found(made, "a.docx") == []


class TestSlidesAndSheets:
    def test_tells_the_slide(self) -> None:
        images = found(samples.pptx_with_images(["One", "Two", "Three"], {1: A, 3: B}), "a.pptx")
        assert [(each.place.page, each.data) for each in images] == [(1, A), (3, B)]

    def test_tells_the_sheet(self) -> None:
        [image] = found(samples.xlsx_with_image({"Fees": [["a"]], "Plan": [["b"]]}, 2, A), "a.xlsx")
        assert (image.place.page, image.place.label, image.data) == (2, "Plan", A)

    def test_leaves_out_the_logo_of_every_slide(self) -> None:
        images = found(samples.pptx_with_images(["1", "2", "3", "4"], {1: A, 2: A, 3: A, 4: B}), "a.pptx")
        assert [each.data for each in images] == [B]


class TestPdf:
    def test_gives_jpeg_as_it_is_and_its_page(self) -> None:
        images = found(samples.pdf_with_images([("Fees", []), ("Plan", [A, B])]), "a.pdf")
        assert [(each.place.page, each.place.scanned, each.data) for each in images] == [(2, False, A), (2, False, B)]

    def test_gives_bare_pixels_as_png(self) -> None:
        with Image.open(io.BytesIO(A)) as opened:
            pixels = zlib.compress(opened.tobytes())
        made = samples.pdf_with_images([("Plan", [A])]).replace(b"/DCTDecode", b"/FlateDecode")
        made = made.replace(b"/Length %d" % len(A), b"/Length %d" % len(pixels)).replace(A, pixels)
        [image] = found(made, "a.pdf")
        with Image.open(io.BytesIO(image.data)) as opened:
            assert (opened.format, opened.size) == ("PNG", (120, 90))

    def test_turns_upright_what_the_page_shows_upside_down(self) -> None:
        made = samples.pdf_with_images([("Plan", [A])]).replace(b"200 0 0 150 50 100", b"200 0 0 -150 50 250")
        [image] = found(made, "a.pdf")
        assert image.data.startswith(b"\x89PNG")

    def test_unpacks_no_more_pixels_than_are_allowed(self) -> None:
        made = samples.pdf_with_images([("Plan", [A])]).replace(b"200 0 0 150 50 100", b"200 0 0 -150 50 250")
        assert found(made, "a.pdf", megapixels=0.001) == []

    def test_blows_up_nothing_that_a_page_squeezes_to_a_line(self) -> None:
        made = samples.pdf_with_images([("Plan", [A])]).replace(b"200 0 0 150 50 100", b".0001 0 0 -750 50 150")
        [image] = found(made, "a.pdf")
        with Image.open(io.BytesIO(image.data)) as opened:
            assert opened.size == (120, 90)

    def test_leaves_out_a_scan_below_its_own_letters(self) -> None:
        assert found(samples.pdf_with_images([("Words " * 30, [A])], whole_page=True), "a.pdf") == []

    def test_tells_pages_without_letters(self) -> None:
        [image] = found(samples.pdf_with_images([("", [A])], whole_page=True), "a.pdf")
        assert image.place.scanned

    def test_takes_what_stands_on_every_page_for_an_ornament(self) -> None:
        pages = [(f"Page {number}", [A]) for number in range(3)]
        assert found(samples.pdf_with_images([*pages, ("Last", [B])]), "a.pdf")[0].data == B

    def test_of_a_broken_file_gives_nothing(self) -> None:
        assert found(b"%PDF-1.4\n/Subtype /Image", "a.pdf") == []


class TestHtml:
    def test_gives_what_the_page_holds_itself(self) -> None:
        held = base64.b64encode(A).decode()
        page = f"<html><body><p>The first plan</p><img src='data:image/jpeg;base64,{held}'><img src='http://x/a.png'>"
        [image] = found(page.encode(), "a.html")
        assert (image.data, image.place.behind) == (A, (("The first plan", 0),))

    def test_leaves_menus_alone(self) -> None:
        held = base64.b64encode(A).decode()
        page = f"<html><body><nav><img src='data:image/jpeg;base64,{held}'></nav><p>Words</p>"
        assert found(page.encode(), "a.html") == []

    def test_of_broken_base64_gives_nothing(self) -> None:
        assert (
            found(b"<html><body><img src='data:image/png;base64,A'><img src='data:image/png;base64,///'>", "a.html")
            == []
        )


class TestMayEmbed:
    def test_is_told_by_the_bytes(self) -> None:
        assert may_embed(word({"rId7": A}))
        assert may_embed(samples.pdf_with_images([("", [A])]))
        assert may_embed(b"<html><img src='data:image/png;base64,")

    def test_of_documents_without_images_is_no(self) -> None:
        assert not may_embed(samples.docx(samples.paragraph("Words")))
        assert not may_embed(samples.pdf([[(50, 700, 12, "/ProcSet [/PDF /ImageB /ImageC]")]]))
        assert not may_embed(b"<html><img src='a.png'>")

    def test_other_files_hold_none(self) -> None:
        assert find_images(b"data:image/png", "a.txt", None, most=5, seconds=5, megapixels=1) == (detect.TEXT, [])
