from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from PIL import Image

from ingest.pictures import PATIENCE
from tests.ingest.conftest import Home
from tests.ingest.parse.images.pictures import sign
from vernacular.errors import FetchFailed, FetchRefused
from vernacular.fetching import Fetched
from vernacular.jobs import new_job_id

MAPPING = {"id": "sku", "title": "name", "metadata": ["price"], "picture": "image"}


class Shop:
    """A web with pictures by their addresses; the rest of it is down, or not to be fetched from."""

    def __init__(self, pictures: Mapping[str, bytes]) -> None:
        self.pictures = dict(pictures)
        self.asked: list[str] = []

    def fetch(self, url: str, etag: str = "", last_modified: str = "") -> Fetched:
        self.asked.append(url)
        if "10.0.0" in url:
            raise FetchRefused("It is not public.")
        if url not in self.pictures:
            raise FetchFailed("It is down.")
        return Fetched(url, 200, "image/png", self.pictures[url])


def rows(*products: tuple[str, str]) -> str:
    return "sku,name,price,image\n" + "".join(f"{sku},Thing {sku},5,{image}\n" for sku, image in products)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "shop"
    (made / "pictures").mkdir(parents=True)
    (made / "feed.csv.mapping.json").write_bytes(orjson.dumps(MAPPING))
    return made


@pytest.fixture
def pictured(folder: Path) -> Path:
    """With a picture, which is a document of its own unless the feed names it."""
    (folder / "pictures" / "a.png").write_bytes(sign("A"))
    return folder


@pytest.fixture
def web() -> Shop:
    return Shop({"https://shop.example/a.png": sign("A"), "https://shop.example/b.png": sign("B")})


@pytest.fixture
def shop(home: Home, web: Shop) -> Home:
    return replace(home, parts=replace(home.parts, image_web=web))


def take_in(home: Home, folder: Path, feed: str, *, sync: bool = True) -> dict[str, Any]:
    (folder / "feed.csv").write_text(feed, encoding="utf-8")
    return home.run(home.enqueue({"source": "shop", "sync": sync, "items": [{"kind": "path", "path": str(folder)}]}))


def pictures(home: Home) -> dict[str, bytes | None]:
    """By the products' ids."""
    blobs = home.parts.store.blobs
    return {
        name: None if row.picture is None else blobs.open(home.tenant.id, row.picture).read()
        for name, row in home.documents().items()
    }


def blobs(home: Home) -> int:
    return sum(path.is_file() for path in home.parts.settings.blobs_path.rglob("*"))


@pytest.mark.integration
class TestFolder:
    def test_holds_pictures_that_are_no_documents(self, shop: Home, pictured: Path) -> None:
        view = take_in(shop, pictured, rows(("1", "pictures/a.png"), ("2", "")))
        assert (view["state"], view["done"], view["errors"]) == ("succeeded", 2, [])
        found = pictures(shop)
        assert found["2"] is None
        assert found["1"] is not None
        with Image.open(io.BytesIO(found["1"])) as image:
            assert image.format == "WEBP"
            assert max(image.size) <= 640

    def test_says_nothing_of_a_picture_in_the_text_or_the_metadata(self, shop: Home, pictured: Path) -> None:
        take_in(shop, pictured, rows(("1", "pictures/a.png")))
        assert shop.documents()["1"].attributes == {"price": 5}
        assert shop.found("pictures") == []

    @pytest.mark.parametrize(
        "name",
        [
            "../secret.png",
            "/etc/passwd",
            "pictures/../../secret.png",
            "pictures/none.png",
            "pictures\\\\..\\\\..\\\\secret.png",
        ],
    )
    def test_is_not_left(self, shop: Home, folder: Path, name: str) -> None:
        (folder.parent / "secret.png").write_bytes(sign("SECRET"))
        view = take_in(shop, folder, rows(("1", name)))
        assert (view["state"], view["failed"], pictures(shop)) == ("succeeded", 0, {"1": None})
        assert [error["name"] for error in view["errors"]] == ["pictures_missing"]

    def test_is_not_left_by_a_link(self, shop: Home, folder: Path) -> None:
        (folder.parent / "secret.png").write_bytes(sign("SECRET"))
        (folder / "pictures" / "link.png").symlink_to(folder.parent / "secret.png")
        take_in(shop, folder, rows(("1", "pictures/link.png")))
        assert pictures(shop) == {"1": None}

    @pytest.mark.parametrize("address", ["http://[", "https://[::1/a.png", "http://"])
    def test_may_name_what_is_no_address(self, shop: Home, folder: Path, address: str) -> None:
        view = take_in(shop, folder, rows(("1", address)))
        assert (view["state"], pictures(shop)) == ("succeeded", {"1": None})

    def test_may_hold_what_is_no_picture(self, shop: Home, folder: Path) -> None:
        (folder / "pictures" / "b.png").write_bytes(b"<svg onload=alert(1)>")
        view = take_in(shop, folder, rows(("1", "pictures/b.png")))
        assert (view["state"], pictures(shop)) == ("succeeded", {"1": None})

    def test_may_get_another_picture_of_the_same_name(self, shop: Home, pictured: Path) -> None:
        feed = rows(("1", "pictures/a.png"))
        take_in(shop, pictured, feed)
        first = pictures(shop)["1"]
        (pictured / "pictures" / "a.png").write_bytes(sign("OTHER"))
        take_in(shop, pictured, feed)
        assert pictures(shop)["1"] != first
        assert blobs(shop) == 1


@pytest.mark.integration
class TestWeb:
    def test_is_asked_once_while_nothing_changes(self, shop: Home, folder: Path, web: Shop) -> None:
        for _ in range(2):
            take_in(shop, folder, rows(("1", "https://shop.example/a.png")))
        assert web.asked == ["https://shop.example/a.png"]
        assert pictures(shop)["1"] is not None

    def test_is_asked_again_for_a_picture_that_is_missing(self, shop: Home, folder: Path, web: Shop) -> None:
        feed = rows(("1", "https://shop.example/late.png"))
        view = take_in(shop, folder, feed)
        assert view["errors"][0]["message"].startswith("1 products came in without their picture.")
        web.pictures["https://shop.example/late.png"] = sign("LATE")
        take_in(shop, folder, feed)
        assert pictures(shop)["1"] is not None

    def test_keeps_the_picture_it_gave_when_it_is_down(self, shop: Home, folder: Path, web: Shop) -> None:
        take_in(shop, folder, rows(("1", "https://shop.example/a.png")))
        kept = pictures(shop)["1"]
        web.pictures.clear()
        take_in(shop, folder, rows(("1", "https://shop.example/a.png")).replace("Thing", "Other thing"))
        assert kept is not None
        assert pictures(shop)["1"] == kept
        assert shop.documents()["1"].bytes > len(kept)

    def test_of_a_host_that_is_down_is_soon_left_alone(self, shop: Home, folder: Path, web: Shop) -> None:
        view = take_in(shop, folder, rows(*((str(at), f"https://down.example/{at}.png") for at in range(60))))
        assert len(web.asked) < 60
        assert len(web.asked) >= PATIENCE
        assert (view["state"], view["done"]) == ("succeeded", 60)

    def test_that_is_not_public_costs_the_product_nothing(self, shop: Home, folder: Path) -> None:
        view = take_in(shop, folder, rows(("1", "http://10.0.0.7/a.png")))
        assert (view["state"], pictures(shop)) == ("succeeded", {"1": None})

    def test_is_left_alone_where_the_settings_say_so(self, shop: Home, folder: Path, web: Shop) -> None:
        shop.parts.settings.ingest.pictures = False
        take_in(shop, folder, rows(("1", "https://shop.example/a.png")))
        assert web.asked == []


@pytest.mark.integration
class TestLife:
    def test_counts_among_the_bytes_of_a_document(self, shop: Home, pictured: Path) -> None:
        take_in(shop, pictured, rows(("1", "pictures/a.png")))
        held = pictures(shop)["1"]
        assert held is not None
        assert shop.documents()["1"].bytes == len(held) + len("Thing 1\n\nprice: 5")

    def test_is_shared_and_ends_with_the_last_document(self, shop: Home, pictured: Path) -> None:
        take_in(shop, pictured, rows(("1", "pictures/a.png"), ("2", "pictures/a.png")))
        assert blobs(shop) == 1
        take_in(shop, pictured, rows(("2", "pictures/a.png")))
        assert (list(pictures(shop)), blobs(shop)) == (["2"], 1)
        shop.parts.store.delete(shop.tenant, [shop.documents()["2"].id])
        assert blobs(shop) == 0


@pytest.mark.integration
class TestUploads:
    def test_of_an_archive_hold_feed_mapping_and_pictures(self, shop: Home, pictured: Path) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("shop/feed.csv", rows(("1", "pictures/a.png"), ("2", "../outside.png")))
            archive.writestr("shop/feed.csv.mapping.json", orjson.dumps(MAPPING))
            archive.writestr("shop/pictures/a.png", sign("A"))
            archive.writestr("shop/notice.txt", "Closed on Sundays.")
        job_id = new_job_id()
        (shop.queue.upload_folder(job_id) / "0001").write_bytes(packed.getvalue())
        item = {"kind": "file", "file": "0001", "filename": "shop.zip", "source_id": "shop.zip"}
        view = shop.run(shop.enqueue({"source": "shop", "items": [item]}, job_id))
        assert view["failed"] == 0
        found = pictures(shop)
        assert set(found) == {"1", "2", "shop.zip/shop/notice.txt"}
        assert (found["1"] is None, found["2"]) == (False, None)

    def test_of_a_feed_may_come_with_its_pictures(self, shop: Home) -> None:
        job_id = new_job_id()
        place = shop.queue.upload_folder(job_id)
        (place / "0001").write_text(rows(("1", "a.png")), encoding="utf-8")
        (place / "0002").write_bytes(sign("A"))
        items = [
            {"kind": "feed", "file": "0001", "filename": "feed.csv", "mapping": MAPPING},
            {"kind": "file", "file": "0002", "filename": "a.png", "source_id": "a.png"},
        ]
        view = shop.run(shop.enqueue({"source": "shop", "items": items}, job_id))
        assert (view["state"], view["done"]) == ("succeeded", 1)
        assert pictures(shop)["1"] is not None
