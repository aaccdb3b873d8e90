from __future__ import annotations

import base64
import gzip
import json
import zipfile
from pathlib import Path

import pytest

from vernacular.erasure.quotes import Quoted
from vernacular.erasure.traces import Needles, files_under

TEXT = "停車許可證的費用是每月四百五十元正，請於每月一日之前繳交。\nThe fee is due on the first of each month."


class TestNeedles:
    @pytest.mark.parametrize(
        "data",
        [
            TEXT.encode(),
            TEXT.encode("utf-16-le"),
            TEXT.encode("utf-16-be"),
            json.dumps(TEXT).encode(),
            base64.b64encode(TEXT.encode()),
            base64.b64encode(b"x" + TEXT.encode()),
            base64.b64encode(b"xy" + TEXT.encode()),
        ],
    )
    def test_are_found_in_every_form(self, data: bytes) -> None:
        assert Needles.of([TEXT]).are_in(b"before " + data + b" after")

    def test_are_found_in_packed_files_and_across_blocks(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("vernacular.erasure.traces._BLOCK", 64)
        needles = Needles.of([TEXT])
        (tmp_path / "plain").write_bytes(b"." * 50 + TEXT.encode() + b"." * 500)
        (tmp_path / "packed.gz").write_bytes(gzip.compress(b"." * 50 + TEXT.encode()))
        with zipfile.ZipFile(tmp_path / "packed.docx", "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("word/document.xml", TEXT)
        for name in ("plain", "packed.gz", "packed.docx"):
            assert needles.are_in_file(tmp_path / name), name
        (tmp_path / "other").write_bytes(b"." * 500)
        (tmp_path / "torn.gz").write_bytes(b"\x1f\x8b\x08torn")
        (tmp_path / "torn.zip").write_bytes(b"PK\x03\x04torn")
        for name in ("other", "torn.gz", "torn.zip", "nowhere"):
            assert not needles.are_in_file(tmp_path / name), name

    def test_of_nothing_that_can_be_told_apart_are_none(self) -> None:
        assert not Needles.of(["yes\nno\n", ""])

    def test_are_few_however_long_the_text(self) -> None:
        lines = [f"This is line number {number} of a long text." for number in range(5000)]
        needles = Needles.of(["\n".join(lines)])
        assert len(needles.forms) <= 12 * 7
        assert needles.are_in("\n".join(lines).encode())

    def test_files_leave_out_what_is_not_to_be_searched(self, tmp_path: Path) -> None:
        for name in ("a/b/one", "c/two", "three"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
        (tmp_path / "link").symlink_to(tmp_path / "three")
        found = [path.name for path in files_under(tmp_path, but=[tmp_path / "c"])]
        assert found == ["one", "three"]
        assert list(files_under(tmp_path / "nowhere")) == []


class TestQuoted:
    def test_sees_a_passage_whatever_its_line_breaks(self) -> None:
        quoted = Quoted([TEXT])
        assert quoted.is_in("It says: “The fee is due on\n  the first of each month.” [1]")
        assert quoted.is_in("文件說：停車許可證的費用是每月四百五十元正，請於每月一日之前繳交。")

    def test_does_not_see_a_few_words_in_common(self) -> None:
        quoted = Quoted([TEXT])
        assert not quoted.is_in("The fee is 450 dollars.")
        assert not quoted.is_in("")
        assert not Quoted([]).is_in(TEXT)

    def test_sees_a_whole_short_text(self) -> None:
        quoted = Quoted(["Closed on Mondays."])
        assert quoted.is_in("The desk is: Closed on Mondays. [1]")
        assert not Quoted(["Yes."]).is_in("Yes. No.")
