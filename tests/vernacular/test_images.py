from __future__ import annotations

import io
import random
import threading

import pytest
from PIL import Image, ImageFile

from tests.vernacular import hostile_images as hostile
from vernacular.errors import ImageRefused
from vernacular.images import DOCUMENT_TYPES, GIF, JPEG, PNG, WEBP, Limits, media_type_of, prepare, size_of

LIMITS = Limits()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def refusal(data: bytes, limits: Limits = LIMITS) -> str:
    with pytest.raises(ImageRefused) as caught:
        prepare(data, limits)
    return caught.value.message


class TestMediaType:
    @pytest.mark.parametrize(("kind", "media_type"), [("PNG", PNG), ("JPEG", JPEG), ("WEBP", WEBP), ("GIF", GIF)])
    def test_is_told_by_the_first_bytes(self, kind: str, media_type: str) -> None:
        assert media_type_of(hostile.picture(kind=kind)) == media_type

    @pytest.mark.parametrize("data", [b"", b"\x89PN", hostile.SVG, b"%PDF-1.7", b"RIFF\0\0\0\0WAVE"])
    def test_is_none_for_anything_else(self, data: bytes) -> None:
        assert media_type_of(data) is None


class TestPrepare:
    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
    def test_keeps_the_picture(self, kind: str) -> None:
        made = prepare(hostile.picture(64, 48, kind), LIMITS)
        image = opened(made.data).convert("RGB")
        assert image.size == (made.width, made.height) == (64, 48)
        pixel = image.getpixel((50, 40))
        assert isinstance(pixel, tuple)
        assert all(abs(got - wanted) < 16 for got, wanted in zip(pixel, hostile.RED, strict=True))

    def test_encodes_drawings_as_png_and_photos_as_jpeg(self) -> None:
        assert prepare(hostile.picture(kind="PNG"), LIMITS).media_type == PNG
        assert prepare(hostile.picture(kind="JPEG"), LIMITS).media_type == JPEG

    def test_encodes_a_png_that_would_stay_large_as_jpeg(self) -> None:
        noise = Image.frombytes("RGB", (1024, 1024), random.Random(7).randbytes(3 << 20))
        made = prepare(hostile.encoded(noise, "PNG"), LIMITS)
        assert made.media_type == JPEG

    def test_scales_down_to_the_longest_side(self) -> None:
        made = prepare(hostile.picture(3000, 1500, "JPEG"), LIMITS)
        assert (made.width, made.height) == (2048, 1024)

    def test_scales_nothing_up(self) -> None:
        assert prepare(hostile.picture(30, 20), LIMITS).width == 30

    @pytest.mark.parametrize(("orientation", "corner"), [(1, (0, 0)), (3, (1, 1)), (6, (1, 0)), (8, (0, 1))])
    def test_turns_a_photo_upright(self, orientation: int, corner: tuple[int, int]) -> None:
        made = prepare(hostile.photo_with_exif(orientation), LIMITS)
        turned = orientation in (6, 8)
        assert (made.width, made.height) == ((48, 64) if turned else (64, 48))
        image = opened(made.data).convert("L")
        x, y = (2 if not corner[0] else made.width - 3), (2 if not corner[1] else made.height - 3)
        assert image.getpixel((x, y)) < 30  # type: ignore[operator]

    def test_leaves_no_place_no_camera_no_comment_no_profile(self) -> None:
        photo = hostile.photo_with_exif(1)
        assert b"Secret Camera" in photo
        made = prepare(photo, LIMITS)
        assert b"ecret" not in made.data
        assert not opened(made.data).getexif()
        assert "icc_profile" not in opened(made.data).info

    def test_leaves_no_text_of_a_png(self) -> None:
        from PIL.PngImagePlugin import PngInfo

        info = PngInfo()
        info.add_text("Author", "secret author")
        made = prepare(hostile.picture(pnginfo=info, dpi=(300, 300)), LIMITS)
        assert b"secret" not in made.data
        assert opened(made.data).info == {}

    def test_shows_transparent_pictures_on_white(self) -> None:
        made = prepare(hostile.picture(colour=(0, 0, 0, 0), mode="RGBA"), LIMITS)
        assert opened(made.data).getpixel((20, 20)) == (255, 255, 255)

    @pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "CMYK"])
    def test_takes_any_kind_of_pixel(self, mode: str) -> None:
        kind = "JPEG" if mode == "CMYK" else "PNG"
        image = Image.linear_gradient("L").resize((64, 64))
        image = Image.new("I;16", (64, 64), 40_000) if mode == "I;16" else image.convert(mode)
        assert opened(prepare(hostile.encoded(image, kind), LIMITS).data).mode == "RGB"

    def test_shows_sixteen_bit_greys_without_clipping_them(self) -> None:
        image = Image.new("I;16", (64, 64), 300)
        image.paste(60_000, (0, 0, 32, 64))
        made = opened(prepare(hostile.encoded(image, "PNG"), LIMITS).data).convert("L")
        assert made.getpixel((50, 30)) == 0
        assert made.getpixel((10, 30)) >= 254  # type: ignore[operator]

    def test_takes_the_first_frame_of_a_film(self) -> None:
        frames = [Image.new("RGB", (32, 32), colour) for colour in (hostile.BLUE, hostile.RED)]
        film = hostile.encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
        pixel = opened(prepare(film, LIMITS).data).getpixel((16, 16))
        assert isinstance(pixel, tuple)
        assert pixel[2] > 150 > pixel[0]

    def test_is_safe_in_many_threads(self) -> None:
        made: list[int] = []
        photo = hostile.picture(800, 600, "JPEG")
        threads = [threading.Thread(target=lambda: made.append(prepare(photo, LIMITS).width)) for _ in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert made == [800] * 8


class TestSizeOf:
    @pytest.mark.parametrize("kind", ["PNG", "JPEG"])
    def test_is_read_from_a_pictures_address(self, kind: str) -> None:
        assert size_of(prepare(hostile.picture(640, 200, kind), LIMITS).data_url) == (640, 200)

    @pytest.mark.parametrize(
        "url", ["", "https://x.example", "data:image/png;base64,", "data:image/png;base64,iVBORw0KGgo="]
    )
    def test_is_none_for_anything_else(self, url: str) -> None:
        assert size_of(url) is None


class TestRefusals:
    @pytest.mark.parametrize(
        "data",
        [
            hostile.png_that_claims(10_000, 5_000),
            hostile.png_that_claims(0x7FFFFFFF, 0x7FFFFFFF),
            hostile.gif_that_claims(60_000, 60_000, frames=2_000),
            hostile.gif_with_a_larger_frame(60_000, 60_000),
            hostile.webp_that_claims(1 << 24, 1 << 24),
            hostile.jpeg_that_claims(65_000, 65_000),
        ],
        ids=["50 megapixels", "4 exapixels", "film", "larger frame", "webp", "jpeg"],
    )
    def test_more_pixels_than_the_limit_are_refused_without_decoding_them(
        self, data: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def decode(_image: ImageFile.ImageFile) -> None:
            raise AssertionError("pixels were decoded")

        monkeypatch.setattr(ImageFile.ImageFile, "load", decode)
        assert "the limit is 24 megapixels" in refusal(data)

    def test_says_how_many_there_are(self) -> None:
        assert refusal(hostile.png_that_claims(10_000, 5_000)).startswith("The image is 10,000 × 5,000 pixels")

    def test_a_real_picture_past_the_limit_is_refused(self) -> None:
        small = Limits(megapixels=0.01)
        for kind in ("PNG", "JPEG", "WEBP", "GIF"):
            assert "megapixels" in refusal(hostile.picture(200, 100, kind), small)
            assert prepare(hostile.picture(100, 100, kind), small).width == 100

    def test_a_lossless_webp_past_the_limit_is_refused(self) -> None:
        data = hostile.picture(200, 100, "WEBP", lossless=True)
        assert data[12:16] == b"VP8L"
        assert "200 × 100" in refusal(data, Limits(megapixels=0.01))

    def test_more_bytes_than_the_limit_are_refused(self) -> None:
        assert "the limit is 0.001 MB" in refusal(hostile.picture(kind="PNG") + b"\0" * 2000, Limits(megabytes=0.001))

    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
    @pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9])
    def test_cut_off_files_are_refused(self, kind: str, share: float) -> None:
        noise = Image.frombytes("RGB", (128, 128), random.Random(3).randbytes(128 * 128 * 3))
        whole = hostile.encoded(noise, kind)
        assert refusal(whole[: int(len(whole) * share)]).endswith(("incomplete.", "read here (PNG, JPEG, WebP, GIF)."))

    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
    def test_damaged_files_are_refused_or_read_and_nothing_else_happens(self, kind: str) -> None:
        chance, whole = random.Random(11), hostile.picture(96, 96, kind)
        for _ in range(150):
            broken = bytearray(whole)
            for _ in range(chance.randint(1, 8)):
                broken[chance.randrange(8, len(broken))] = chance.randrange(256)
            try:
                prepare(bytes(broken), LIMITS)
            except ImageRefused:
                continue

    def test_a_compressed_comment_that_fills_memory_is_refused(self) -> None:
        assert "damaged" in refusal(hostile.png_text_bomb())

    def test_a_jpeg_of_endless_scans_is_refused(self) -> None:
        assert "scans" in refusal(hostile.jpeg_of_many_scans(300))
        assert prepare(hostile.picture(kind="JPEG", progressive=True), LIMITS).width == 64

    def test_what_is_too_small_or_too_narrow_to_show_anything_is_refused(self) -> None:
        assert "too small" in refusal(hostile.picture(1, 1))
        assert "too narrow" in refusal(hostile.picture(4000, 10))

    @pytest.mark.parametrize("data", [hostile.SVG, b"  <SVG onload='x()'/>"])
    def test_an_svg_is_refused_by_name(self, data: bytes) -> None:
        assert refusal(data).startswith("SVG images are not taken")

    @pytest.mark.parametrize("data", [b"", b"GIF", b"%PDF-1.7", b"MZ\x90\0", b"<html></html>"])
    def test_what_is_no_image_is_refused(self, data: bytes) -> None:
        assert refusal(data).startswith("The file is no image of a type that is read here")

    def test_a_scan_is_taken_only_where_it_is_asked_for(self) -> None:
        scan = hostile.picture(kind="TIFF")
        assert "no image of a type" in refusal(scan)
        assert prepare(scan, Limits(types=DOCUMENT_TYPES)).width == 64


class TestTransparency:
    LOGO = Limits(longest_side=512, transparent=True)

    @pytest.mark.parametrize("kind", ["PNG", "WEBP"])
    def test_stays_where_it_is_asked_for(self, kind: str) -> None:
        clear = hostile.picture(kind=kind, mode="RGBA", colour=(200, 30, 30, 0), lossless=True)
        assert opened(prepare(clear, self.LOGO).data).getchannel("A").getextrema() == (0, 0)
        assert opened(prepare(clear, LIMITS).data).mode == "RGB"

    def test_makes_a_png_of_everything(self) -> None:
        made = prepare(hostile.picture(kind="JPEG"), self.LOGO)
        assert (made.media_type, opened(made.data).mode) == (PNG, "RGB")
