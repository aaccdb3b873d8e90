from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.serve.gateway import Gateway
from tests.vernacular import hostile_images as hostile

PATH, SHOWN = "/v1/admin/settings/logo", "/v1/tenant/logo"


def put(gateway: Gateway, data: bytes, slug: str = "acme") -> Any:
    return gateway.call("PUT", PATH, gateway.key(slug), content=data)


def address(gateway: Gateway, slug: str = "acme") -> str | None:
    shown = gateway.call("GET", "/v1/tenant", gateway.key(slug, "public")).json()
    found: str | None = shown["branding"]["logo"]
    return found


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def blobs(gateway: Gateway, slug: str = "acme") -> list[Path]:
    folder = gateway.services.settings.blobs_path / gateway.tenants[slug].id
    return [path for path in folder.rglob("*") if path.is_file()]


class TestLogo:
    def test_is_shown_to_everyone_of_the_tenant(self, gateway: Gateway) -> None:
        assert put(gateway, hostile.picture(1024, 512)).json() == {"logo": True, "width": 512, "height": 256}
        where = address(gateway)
        assert where is not None
        shown = gateway.call("GET", where, gateway.key("acme", "public"))
        assert (shown.status_code, shown.headers["content-type"]) == (200, "image/png")
        assert opened(shown.content).size == (512, 256)
        assert shown.headers["x-content-type-options"] == "nosniff"

    def test_may_be_kept_for_ever_under_the_address_of_its_content(self, gateway: Gateway) -> None:
        put(gateway, hostile.picture())
        first, public = address(gateway), gateway.key("acme", "public")
        assert first is not None
        shown = gateway.call("GET", first, public)
        assert shown.headers["cache-control"] == "private, max-age=31536000, immutable"
        again = gateway.call("GET", first, public, headers={"If-None-Match": shown.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert gateway.call("GET", SHOWN, public).headers["cache-control"] == "private, no-cache"
        put(gateway, hostile.picture(colour=hostile.BLUE))
        assert address(gateway) != first

    def test_stays_transparent(self, gateway: Gateway) -> None:
        put(gateway, hostile.picture(kind="WEBP", mode="RGBA", colour=(200, 30, 30, 0), lossless=True))
        shown = opened(gateway.call("GET", SHOWN, gateway.key("acme", "public")).content)
        assert (shown.mode, shown.getchannel("A").getextrema()) == ("RGBA", (0, 0))

    def test_is_made_anew_from_its_pixels_alone(self, gateway: Gateway) -> None:
        exif = Image.Exif()
        exif[0x010E] = "taken at home"
        data = hostile.encoded(Image.new("RGB", (64, 64), hostile.RED), "JPEG", exif=exif)
        put(gateway, data + b"<script>alert(1)</script>")
        shown = gateway.call("GET", SHOWN, gateway.key("acme", "public")).content
        assert shown.startswith(b"\x89PNG")
        assert b"taken at home" not in shown
        assert b"script" not in shown

    def test_that_is_another_takes_the_place_of_the_one_before(self, gateway: Gateway) -> None:
        put(gateway, hostile.picture())
        before = blobs(gateway)
        put(gateway, hostile.picture(colour=hostile.BLUE))
        assert len(blobs(gateway)) == len(before) == 1
        assert blobs(gateway) != before

    def test_can_be_taken_away(self, gateway: Gateway, key: str) -> None:
        put(gateway, hostile.picture())
        assert gateway.call("DELETE", PATH, key).json()["logo"] is False
        assert (address(gateway), blobs(gateway)) == (None, [])
        assert gateway.call("GET", SHOWN, key).status_code == 404
        assert gateway.call("DELETE", PATH, key).status_code == 200

    def test_outlives_a_document_of_the_same_bytes(self, gateway: Gateway, key: str) -> None:
        put(gateway, hostile.picture())
        shown = gateway.call("GET", SHOWN, key).content
        document = gateway.put("acme", "logo.png", "A logo.", original=gateway.keep("acme", shown))
        assert gateway.call("DELETE", f"/v1/documents/{document}", key).status_code < 300
        assert gateway.call("GET", SHOWN, key).content == shown

    def test_leaves_the_original_of_a_document_when_it_goes(self, gateway: Gateway, key: str) -> None:
        put(gateway, hostile.picture())
        shown = gateway.call("GET", SHOWN, key).content
        document = gateway.put("acme", "logo.png", "A logo.", original=gateway.keep("acme", shown))
        gateway.call("DELETE", PATH, key)
        original = gateway.call("GET", f"/v1/documents/{document}/content?format=original", key)
        assert original.content == shown

    def test_goes_with_its_tenant(self, gateway: Gateway) -> None:
        put(gateway, hostile.picture())
        from vernacular.adapters import AdapterStore
        from vernacular.documents import drop_tenant

        services = gateway.services
        adapters = AdapterStore(services.settings.adapters_path)
        drop_tenant(services.database, services.vectors, services.blobs, adapters, gateway.tenants["acme"])
        assert blobs(gateway) == []

    def test_is_each_tenants_own(self, gateway: Gateway) -> None:
        put(gateway, hostile.picture())
        where = address(gateway)
        assert where is not None
        assert gateway.call("GET", where, gateway.key("other", "public")).status_code == 404

    def test_is_set_by_administrators_and_logged(self, gateway: Gateway) -> None:
        editor = gateway.key("acme", "editor")
        assert gateway.call("PUT", PATH, editor, content=hostile.picture()).status_code == 403
        assert gateway.call("DELETE", PATH, editor).status_code == 403
        put(gateway, hostile.picture())
        assert gateway.audited("acme") == ["settings.changed"]


class TestRefusal:
    @pytest.mark.parametrize(
        "data",
        [
            b"",
            hostile.SVG,
            b"<html><script>alert(1)</script></html>",
            hostile.picture(kind="GIF"),
            hostile.picture()[:100],
            hostile.png_that_claims(30_000, 30_000),
            hostile.picture(4, 4),
        ],
        ids=["nothing", "svg", "html", "gif", "cut off", "too many pixels", "too small"],
    )
    def test_keeps_nothing_of_what_is_no_logo(self, gateway: Gateway, data: bytes) -> None:
        answer = put(gateway, data)
        assert (answer.status_code, answer.json()["error"]["name"]) == (400, "image_refused")
        assert (address(gateway), blobs(gateway)) == (None, [])

    def test_of_what_is_too_large_comes_before_it_is_read_to_its_end(self, gateway: Gateway) -> None:
        assert put(gateway, hostile.picture() + b"\0" * 1_000_001).status_code == 413
