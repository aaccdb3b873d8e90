from __future__ import annotations

from pathlib import Path

import pytest

from ingest.parse import parse
from ingest.plan import Items
from vernacular.errors import BadRequest, NoSuchPath, VernacularError
from vernacular.types import Document


class InProcess:
    def parse(self, data: bytes, filename: str, media_type: str | None = None) -> Document:
        return parse(data, filename, media_type)


class TestUploads:
    @pytest.mark.parametrize("name", ["", ".", "..", "../secret", "a/b", "/etc/passwd", "./0001"])
    def test_are_files_of_the_job_s_own_folder(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "secret").write_text("secret")
        folder = tmp_path / "job"
        folder.mkdir()
        (folder / "0001").write_text("Hours")
        with pytest.raises((BadRequest, NoSuchPath)):
            Items([{"kind": "file", "file": name, "filename": "a.txt"}], folder, InProcess()).plan(10)

    def test_keep_the_name_of_their_sender_as_a_word_alone(self, tmp_path: Path) -> None:
        (tmp_path / "0001").write_text("Hours")
        items = Items([{"kind": "file", "file": "0001", "filename": "../../etc/passwd"}], tmp_path, InProcess())
        (part,) = items.plan(10)
        (read,) = items.read(part)
        assert read.original == tmp_path / "0001"
        assert isinstance(read.item, Document)
        assert read.item.text == "Hours"


class TestPages:
    def test_are_not_fetched_where_nothing_fetches(self, tmp_path: Path) -> None:
        items = Items([{"kind": "url", "uri": "https://example.org/"}], tmp_path, InProcess())
        (part,) = items.plan(10)
        with pytest.raises(VernacularError, match="Nothing is fetched"):
            list(items.read(part))
