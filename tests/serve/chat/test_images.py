from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from PIL import Image

from serve.chat.images import ImagePart, read_images
from serve.chat.schemas import MessageIn
from tests.vernacular import hostile_images as hostile
from vernacular.errors import ImageRefused
from vernacular.settings import VisionSettings

SETTINGS = VisionSettings()


def data_url(data: bytes, declared: str = "image/png") -> str:
    return f"data:{declared};base64,{base64.b64encode(data).decode()}"


def refusal(url: str, settings: VisionSettings = SETTINGS) -> ImageRefused:
    with pytest.raises(ImageRefused) as caught:
        read_images([ImagePart(url=url)], settings)
    return caught.value


class TestMessage:
    def test_keeps_its_text_and_its_images_apart(self) -> None:
        url = data_url(hostile.picture())
        message = MessageIn.model_validate(
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What does"},
                    {"type": "image_url", "image_url": {"url": url, "detail": "high"}},
                    {"type": "text", "text": "this say?"},
                    {"type": "input_image", "image_url": url},
                ],
            }
        )
        assert message.content == "What does\nthis say?"
        assert [image.url for image in message.images] == [url, url]

    def test_of_an_image_alone_has_no_text(self) -> None:
        part = {"type": "image_url", "image_url": {"url": data_url(hostile.picture())}}
        message = MessageIn.model_validate({"role": "user", "content": [part]})
        assert message.content == ""
        assert len(message.images) == 1

    def test_takes_images_from_parts_only(self) -> None:
        message = MessageIn.model_validate(
            {"role": "user", "content": "x", "images": [{"url": "https://evil.example"}]}
        )
        assert message.images == ()

    @pytest.mark.parametrize(
        "part",
        [
            {"type": "image_url"},
            {"type": "image_url", "image_url": {"detail": "low"}},
            {"type": "image_url", "image_url": 7},
            {"type": "input_image", "file_id": "file-1"},
        ],
    )
    def test_without_the_images_address_is_refused(self, part: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match="without `image_url`"):
            MessageIn.model_validate({"role": "user", "content": [part]})

    @pytest.mark.parametrize("kind", ["input_audio", "file"])
    def test_with_sound_or_files_is_refused(self, kind: str) -> None:
        with pytest.raises(ValueError, match=f"a part of type {kind}"):
            MessageIn.model_validate({"role": "user", "content": [{"type": kind}]})


class TestReadImages:
    @pytest.mark.parametrize(("kind", "declared"), [("PNG", "image/png"), ("JPEG", "image/jpg"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp"), ("GIF", "image/gif"), ("PNG", "IMAGE/PNG")])  # fmt: skip
    def test_gives_images_of_our_own_making(self, kind: str, declared: str) -> None:
        sent = hostile.picture(kind=kind)
        [url] = read_images([ImagePart(url=data_url(sent, declared))], SETTINGS)
        head, _, body = url.partition(";base64,")
        assert head in {"data:image/png", "data:image/jpeg"}
        made = base64.b64decode(body)
        assert made != sent
        assert Image.open(io.BytesIO(made)).size == (64, 48)

    def test_says_nothing_of_where_and_with_what_a_photo_was_taken(self) -> None:
        [url] = read_images([ImagePart(url=data_url(hostile.photo_with_exif(6), "image/jpeg"))], SETTINGS)
        made = base64.b64decode(url.partition(",")[2])
        assert b"ecret" not in made
        assert Image.open(io.BytesIO(made)).size == (48, 64)

    @pytest.mark.parametrize(
        "url",
        [
            "http://images.example/a.png",
            "https://images.example/a.png",
            "HTTPS://images.example/a.png",
            "file:///etc/passwd",
            "ftp://x/y.png",
            "gopher://127.0.0.1:6379/_SET",
            "blob:https://x/1",
        ],
    )
    def test_never_fetches_anything(self, url: str) -> None:
        refused = refusal(url)
        assert "addresses are never fetched" in refused.message
        assert refused.message.count("images.example") == 0
        assert "data:image/png;base64" in refused.hint

    @pytest.mark.parametrize(
        "url", ["", "iVBORw0KGgo=", "//images.example/a.png", "/etc/passwd", "data:image/png;base64"]
    )
    def test_refuses_what_is_no_data_url(self, url: str) -> None:
        assert refusal(url).message == "The image is no `data:` URL."

    @pytest.mark.parametrize("declared", ["image/svg+xml", "IMAGE/SVG+XML", "image/png"])
    def test_refuses_an_svg_whatever_it_calls_itself(self, declared: str) -> None:
        assert refusal(data_url(hostile.SVG, declared)).message.startswith("SVG images are not taken")

    @pytest.mark.parametrize("declared", ["image/tiff", "image/heic", "text/html", "application/pdf", ""])
    def test_refuses_other_types(self, declared: str) -> None:
        assert "is not taken" in refusal(data_url(hostile.picture(), declared)).message

    def test_refuses_a_type_that_the_bytes_contradict(self) -> None:
        message = refusal(data_url(hostile.picture(kind="JPEG"), "image/png")).message
        assert message == "The image is declared as PNG, and its first bytes are those of JPEG."

    def test_refuses_a_scan_that_is_declared_as_png(self) -> None:
        assert "those of TIFF" in refusal(data_url(hostile.picture(kind="TIFF"))).message

    @pytest.mark.parametrize("url", ["data:image/png,%89PNG", "data:image/png;charset=utf-8,x"])
    def test_refuses_data_that_is_not_base64(self, url: str) -> None:
        assert "must be base64" in refusal(url).message

    @pytest.mark.parametrize("body", ["&&&", "iVBOR", "iVBORw0KGgo=\n=", "é"])
    def test_refuses_damaged_base64(self, body: str) -> None:
        assert "base64 is damaged" in refusal(f"data:image/png;base64,{body}").message

    def test_refuses_a_50_megapixel_png(self) -> None:
        refused = refusal(data_url(hostile.png_that_claims(10_000, 5_000)))
        assert refused.message == "The image is 10,000 × 5,000 pixels, and the limit is 24 megapixels."
        assert refused.hint == "Scale it down, or send a part of it."
        assert refused.status == 400

    def test_refuses_a_real_50_megapixel_png(self) -> None:
        data = hostile.encoded(Image.new("L", (10_000, 5_000), 255), "PNG")
        assert len(data) < 1_000_000
        assert "10,000 × 5,000" in refusal(data_url(data)).message

    def test_refuses_more_bytes_than_the_limit_before_decoding_them(self) -> None:
        message = refusal("data:image/png;base64," + "&" * 3000, VisionSettings(max_mb=0.002)).message
        assert message == "The image has more than the 0.002 MB that are taken."

    def test_refuses_more_images_than_the_limit(self) -> None:
        parts = [ImagePart(url=data_url(hostile.picture()))] * 5
        with pytest.raises(ImageRefused, match="The message has 5 images, and the limit is 4"):
            read_images(parts, SETTINGS)

    def test_takes_none_where_none_are_allowed(self) -> None:
        with pytest.raises(ImageRefused, match="the limit is 0"):
            read_images([ImagePart(url=data_url(hostile.picture()))], VisionSettings(max_images=0))

    def test_of_no_images_are_none(self) -> None:
        assert read_images([], SETTINGS) == []
