from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest.sources import SourceError
from ingest.sources.feed import FeedSource
from ingest.sources.mapping import mapping_of
from vernacular.errors import InvalidRecord
from vernacular.types import Document

CSV = 'sku,name,description,price,in_stock,weight,url\n007,Tea,"Green,\ntea",12.50,true,"1,000",https://x.org/1\n'


def feed(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


class TestFeed:
    def test_makes_each_product_a_document(self, tmp_path: Path) -> None:
        (item,) = FeedSource(feed(tmp_path, "shop.csv", CSV))
        assert isinstance(item, Document)
        assert (item.source_id, item.title, item.uri) == ("007", "Tea", "https://x.org/1")
        assert item.metadata == {"price": 12.5, "in_stock": True, "weight": "1,000"}
        assert item.text == "Tea\n\nGreen,\ntea\n\nprice: 12.50\nin_stock: true\nweight: 1,000"

    def test_follows_the_mapping_beside_it(self, tmp_path: Path) -> None:
        fields = {"id": "货号", "title": "品", "text": ["说明"], "metadata": ["价"], "language": "lang"}
        feed(tmp_path, "shop.csv.mapping.json", json.dumps(fields))
        path = feed(tmp_path, "shop.csv", "货号,品,说明,价,lang,内部\n1,辣椒油,很香,28,zh-Hans,x\n".encode("gb18030"))
        (item,) = FeedSource(path)
        assert isinstance(item, Document)
        assert (item.text, item.metadata, item.language) == ("辣椒油\n\n很香\n\n价: 28", {"价": 28}, "zh-Hans")

    @pytest.mark.parametrize("name", ["shop.json", "shop.ndjson"])
    def test_streams_json(self, tmp_path: Path, name: str) -> None:
        products = [
            {"id": at, "name": f"Thing {at}", "price": at / 2, "tags": ["a", "b"], "on": at % 2 == 0}
            for at in range(5000)
        ]
        lines = json.dumps({"products": products}) if name.endswith(".json") else "\n".join(map(json.dumps, products))
        items = list(FeedSource(feed(tmp_path, name, lines)))
        assert len(items) == 5000
        assert isinstance(items[7], Document)
        assert items[7].metadata == {"price": 3.5, "tags": ["a", "b"], "on": False}
        assert items[7].text == "Thing 7\n\nprice: 3.5\ntags: a, b\non: false"

    def test_names_products_that_are_bad_and_goes_on(self, tmp_path: Path) -> None:
        path = feed(tmp_path, "shop.ndjson", '{"id": 1, "name": "A"}\n[]\n{"name": "B"}\n{"id": 3, "name": "C"}')
        items = list(FeedSource(path))
        assert [item.source_id for item in items] == ["1", "product 2", "product 3", "3"]
        assert isinstance(items[2], SourceError)
        assert "no id" in items[2].message

    def test_reads_in_batches_in_any_order(self, tmp_path: Path) -> None:
        source = FeedSource(feed(tmp_path, "shop.csv", "id,name\n" + "".join(f"{at},N{at}\n" for at in range(7))))
        batches = list(source.batches(3))
        again = {batch.first: list(source.read(batch)) for batch in (*batches, *reversed(batches))}
        assert [item for first in sorted(again) for item in again[first]] == list(source)

    def test_asks_for_a_mapping_where_names_say_nothing(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidRecord, match="which of its columns") as caught:
            FeedSource(feed(tmp_path, "shop.csv", "foo,bar\n1,2\n"))
        assert "shop.csv.mapping.json" in caught.value.hint

    def test_refuses_a_mapping_that_means_nothing(self) -> None:
        for fields in ({}, {"id": "a", "colour": "b"}, {"id": "a", "text": 3}, {"id": ["a"]}):
            with pytest.raises(InvalidRecord, match="mapping"):
                mapping_of(fields)

    def test_that_is_broken_in_the_middle_says_so_where_it_breaks(self, tmp_path: Path) -> None:
        source = FeedSource(feed(tmp_path, "shop.json", '[{"id": 1, "name": "A"}, {"id": 2, "na'))
        items = iter(source)
        assert next(items).source_id == "1"
        with pytest.raises(InvalidRecord, match="stops being valid"):
            next(items)


def test_a_table_without_the_column_of_the_id_is_refused_once(tmp_path: Path) -> None:
    (tmp_path / "feed.csv").write_text("sku,name\n1,Chair\n2,Table\n")
    with pytest.raises(InvalidRecord, match="no column `id`") as told:
        FeedSource(tmp_path / "feed.csv", mapping_of({"id": "id"}))
    assert "sku, name" in told.value.hint
