"""What SQLite takes without a word and PostgreSQL does not: lengths, NUL, one bad item must never end a job."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.ingest.conftest import Home, record
from vernacular.db.models import TenantRow
from vernacular.errors import BadRequest
from vernacular.tenancy import Platform

pytestmark = pytest.mark.postgres
HAN = "".join(map(chr, range(0x4E00, 0x4E00 + 2000)))


def take_in(home: Home, folder: Path, **spec: Any) -> dict[str, Any]:
    items = [{"kind": "path", "path": str(folder)}]
    return home.run(home.enqueue({"source": str(folder), "sync": True, "items": items, **spec}))


class TestLimits:
    def test_a_name_that_is_too_long_is_told_in_words(self, home: Home) -> None:
        with pytest.raises(BadRequest, match="no room for a value"), home.parts.database.write() as session:
            Platform(session).create_tenant(TenantRow(slug="long", display_name=HAN))

    @pytest.mark.parametrize(
        "fields",
        [
            {"id": HAN[:512]},
            {"id": HAN},
            {"language": "en" + "-abcdefgh" * 20},
            {"title": HAN * 5},
            {"uri": HAN * 5},
            {"metadata": {HAN: HAN, "nul": "a\0b", "deep": [[[{}]]]}},
            {"groups": [HAN, "a\0b"]},
            {"text": "NUL \0 and \ud7ff and \U0010ffff."},
            {"extra\0": "x\0y"},
        ],
    )
    def test_a_record_at_the_limits_goes_in_or_is_set_aside_alone(self, home: Home, fields: dict[str, Any]) -> None:
        view = home.run(home.accept([record(1), {**record(2), **fields}, record(3)], source=HAN[:400]))
        assert view["state"] in {"succeeded", "partial"}
        assert {"r1", "r3"} <= set(home.documents())
        assert len(home.documents()) + view["failed"] == 3

    def test_so_does_a_product(self, home: Home, tmp_path: Path) -> None:
        folder = tmp_path / "folder"
        folder.mkdir()
        rows = ["sku,name,price,text", f"{HAN},Kettle,20,hot", "p2,Pan\0,3,a\0b", "p3,Pot,99999999999999999999999,c"]
        (folder / "shop.csv").write_text("\n".join(rows) + "\n")
        (folder / "shop.csv.mapping.json").write_text('{"id": "sku", "title": "name", "text": ["text"]}')
        view = take_in(home, folder)
        assert view["state"] in {"succeeded", "partial"}
        assert len(home.documents()) + view["failed"] == 3
        assert "p3" in home.documents()

    def test_so_does_a_file(self, home: Home, tmp_path: Path) -> None:
        folder = tmp_path / "folder"
        deep = folder.joinpath(*["d" * 200] * 8)
        deep.mkdir(parents=True)
        (deep / "a.txt").write_text("The ferry leaves at noon.")
        (folder / "b.md").write_text(f"---\nid: {HAN}\nlanguage: en\n---\nThe tram leaves at dawn.")
        (folder / "c.txt").write_text("The bus leaves at four.")
        (folder / "d.txt").write_text("The train leaves at five.")
        (folder / "d.txt.meta.json").write_text('{"title": "a\\u0000b"}')
        view = take_in(home, folder)
        assert view["state"] in {"succeeded", "partial"}
        assert {"c.txt", "d.txt"} <= set(home.documents())
        assert len(home.documents()) + view["failed"] == 4
