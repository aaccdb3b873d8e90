from __future__ import annotations

import errno
import os
from datetime import date
from pathlib import Path

import pytest

from ingest.parse import parse
from ingest.sources import SourceError
from ingest.sources.files import FileSource
from vernacular.errors import NoSuchPath
from vernacular.types import Document


class InProcess:
    """Parses in the process of the test."""

    def parse(self, data: bytes, filename: str, media_type: str | None = None) -> Document:
        return parse(data, filename, media_type)


def write(folder: Path, **files: str) -> FileSource:
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return FileSource(folder, InProcess())


class TestFolder:
    def test_gives_every_document_the_path_as_its_id(self, tmp_path: Path) -> None:
        found = write(tmp_path, b_dot_md="B", a__c_dot_txt="C", a__d__e_dot_md="E")
        assert [(item.source_id, item.filename) for item in found if isinstance(item, Document)] == [
            ("a/c.txt", "a/c.txt"),
            ("a/d/e.md", "a/d/e.md"),
            ("b.md", "b.md"),
        ]

    def test_leaves_out_hidden_files_and_sidecars(self, tmp_path: Path) -> None:
        found = write(
            tmp_path, a_dot_md="A", a_dot_md_dot_meta_dot_json="{}", _dot_git__x_dot_md="X", _dot_y_dot_md="Y"
        )
        assert found.paths() == ["a.md"]

    def test_leaves_out_links_that_lead_out(self, tmp_path: Path) -> None:
        (tmp_path / "secret.txt").write_text("secret")
        found = write(tmp_path / "in", a_dot_md="A")
        (tmp_path / "in" / "link.txt").symlink_to(tmp_path / "secret.txt")
        assert found.paths() == ["a.md"]

    def test_sets_aside_a_name_that_is_not_text(self, tmp_path: Path) -> None:
        found = write(tmp_path, a_dot_md="A")
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/b\xff.md")).write_text("B")
        document, problem = found
        assert isinstance(document, Document)
        assert isinstance(problem, SourceError)
        assert found.paths() == ["a.md"]
        assert problem.source_id == "b\ufffd.md"
        assert "Rename" in problem.message

    def test_tells_of_a_folder_that_may_not_be_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        found = write(tmp_path, a_dot_md="A", closed__b_dot_md="B")
        scan = os.scandir

        def refuse(path: str) -> object:
            if str(path).endswith("closed"):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
            return scan(path)

        monkeypatch.setattr(os, "scandir", refuse)
        assert found.paths() == ["a.md"]
        (problem,) = found.problems()
        assert (problem.source_id, problem.name) == ("closed", "unreadable_file")
        assert "Permission denied" in problem.message

    def test_lets_a_sidecar_describe_a_file(self, tmp_path: Path) -> None:
        meta = '{"title": "T", "uri": "https://x.org", "language": "ar", "groups": ["g"], "valid_until": "2026-05-01", "k": 1}'
        (item,) = write(tmp_path, a_dot_txt="Text", a_dot_txt_dot_meta_dot_json=meta)
        assert isinstance(item, Document)
        assert (item.title, item.uri, item.language, item.groups) == ("T", "https://x.org", "ar", ("g",))
        assert (item.valid_until, item.metadata) == (date(2026, 5, 1), {"k": 1})

    def test_keeps_an_id_from_front_matter(self, tmp_path: Path) -> None:
        (item,) = write(tmp_path, a_dot_md="---\nid: rule-7\n---\nText")
        assert item.source_id == "rule-7"

    def test_names_files_that_cannot_be_read_and_goes_on(self, tmp_path: Path) -> None:
        items = list(
            write(
                tmp_path, a_dot_txt=" ", b_dot_json="{", c_dot_txt="C", d_dot_txt="D", d_dot_txt_dot_meta_dot_json="["
            )
        )
        assert [(item.source_id, item.name) for item in items if isinstance(item, SourceError)] == [
            ("a.txt", "empty_file"),
            ("b.json", "unreadable_file"),
            ("d.txt", "invalid_record"),
        ]

    def test_reads_in_batches(self, tmp_path: Path) -> None:
        found = write(tmp_path, **{f"f{at}_dot_txt": f"text {at}" for at in range(5)})
        batches = list(found.batches(2))
        assert [batch.count for batch in batches] == [2, 2, 1]
        assert [item for batch in batches for item in found.read(batch)] == list(found)


class TestFile:
    def test_is_a_source_of_its_own(self, tmp_path: Path) -> None:
        write(tmp_path, a_dot_md="A", b_dot_md="B")
        assert [item.source_id for item in FileSource(tmp_path / "b.md", InProcess())] == ["b.md"]

    def test_says_that_a_path_is_missing(self, tmp_path: Path) -> None:
        with pytest.raises(NoSuchPath, match="gone"):
            FileSource(tmp_path / "gone", InProcess())
