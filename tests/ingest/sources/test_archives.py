from __future__ import annotations

import gzip
import io
import json
import stat
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.parse.archive import MAX_MEMBERS, is_archive, members
from ingest.parse.sandbox import SandboxedParser
from ingest.sources.archives import Contents, Unpacker
from tests.ingest import samples
from tests.ingest.conftest import Home
from vernacular.errors import UnreadableFile

TEXT = b"The harbour office opens at nine."


def zipped(files: dict[str, bytes | str], *, mode: int = 0) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = mode << 16
            archive.writestr(entry, data)
    return out.getvalue()


def tarred(*entries: tuple[str, bytes] | tarfile.TarInfo, packed: bool = True) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz" if packed else "w") as archive:
        for each in entries:
            if isinstance(each, tarfile.TarInfo):
                archive.addfile(each)
                continue
            entry = tarfile.TarInfo(each[0])
            entry.size = len(each[1])
            archive.addfile(entry, io.BytesIO(each[1]))
    return out.getvalue()


def link(name: str, kind: bytes, target: str = "/etc/passwd") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, target
    return entry


class InProcess:
    """Reads archives here, as the sandbox's worker does."""

    def members(self, data: bytes, filename: str, first: int) -> Any:
        return members(data, filename, first) if is_archive(data, filename) else None


def unpack(folder: Path, data: bytes, name: str = "docs.zip") -> Contents:
    file = folder / "sent"
    file.write_bytes(data)
    contents = Unpacker(InProcess(), folder / "unpacked").unpack(file, name)
    assert contents is not None
    return contents


def texts(contents: Contents) -> dict[str, bytes]:
    return {each.name: Path(each.file).read_bytes() for each in contents.files}


def problems(contents: Contents) -> dict[str, str]:
    return {each.source_id: each.name for each in contents.problems}


class TestUnpacker:
    @pytest.mark.parametrize("data", [zipped({"a.txt": TEXT, "b/c.txt": b"x"}), tarred(("a.txt", TEXT), ("b/c.txt", b"x")),
                                      tarred(("a.txt", TEXT), ("b/c.txt", b"x"), packed=False)])  # fmt: skip
    def test_gives_every_file_by_the_name_it_has(self, tmp_path: Path, data: bytes) -> None:
        contents = unpack(tmp_path, data)
        assert texts(contents) == {"docs.zip/a.txt": TEXT, "docs.zip/b/c.txt": b"x"}
        assert contents.problems == []

    def test_names_files_on_the_disk_itself(self, tmp_path: Path) -> None:
        contents = unpack(tmp_path, zipped({"a.txt": TEXT, "b/c.txt": b"x"}))
        assert [Path(each.file).name for each in contents.files] == ["00001", "00002"]
        assert {stat.S_IMODE(Path(each.file).stat().st_mode) for each in contents.files} == {0o600}

    @pytest.mark.parametrize(
        "name",
        ["../evil.txt", "../../../../tmp/evil.txt", "/etc/cron.d/evil", "a/../../evil.txt", "..\\..\\evil.txt", "C:\\evil.txt",
         "c:evil.txt", "\\\\server\\share\\evil.txt", "a//evil.txt", "a/./evil.txt", "evil\x01.txt", "evil\u202etxt.exe",
         "x" * 501, "evil\n.txt"],
    )  # fmt: skip
    def test_sets_aside_names_that_lead_elsewhere(self, tmp_path: Path, name: str) -> None:
        before = {path for path in tmp_path.parent.rglob("*") if "evil" in path.name}
        for data in (zipped({name: TEXT, "good.txt": TEXT}), tarred((name, TEXT), ("good.txt", TEXT))):
            contents = unpack(tmp_path, data)
            assert texts(contents) == {"docs.zip/good.txt": TEXT}
            assert list(problems(contents).values()) == ["unreadable_file"]
        assert {path for path in tmp_path.parent.rglob("*") if "evil" in path.name} == before

    def test_sets_aside_links_and_devices(self, tmp_path: Path) -> None:
        kinds = (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE)
        entries = [link(f"l{number}", kind) for number, kind in enumerate(kinds)]
        contents = unpack(tmp_path, tarred(*entries, ("l0/through.txt", TEXT), ("good.txt", TEXT)))
        assert len(contents.problems) == len(kinds)
        assert texts(contents) == {"docs.zip/l0/through.txt": TEXT, "docs.zip/good.txt": TEXT}
        contents = unpack(tmp_path, zipped({"l": "/etc/passwd"}, mode=stat.S_IFLNK | 0o777))
        assert problems(contents) == {"docs.zip/l": "unreadable_file"}

    def test_takes_the_first_of_two_files_of_one_name(self, tmp_path: Path) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("a.txt", TEXT)
            with pytest.warns(UserWarning, match="Duplicate"):
                archive.writestr("a.txt", b"other")
        contents = unpack(tmp_path, out.getvalue())
        assert texts(contents) == {"docs.zip/a.txt": TEXT}
        assert problems(contents) == {"docs.zip/a.txt": "unreadable_file"}

    def test_sets_aside_what_needs_a_password(self, tmp_path: Path) -> None:
        data = bytearray(zipped({"a.txt": TEXT, "b.txt": TEXT}))
        data[data.index(b"PK\x01\x02") + 8] |= 1
        contents = unpack(tmp_path, bytes(data))
        assert problems(contents) == {"docs.zip/a.txt": "encrypted_file"}
        assert list(texts(contents)) == ["docs.zip/b.txt"]

    def test_sets_aside_one_damaged_file(self, tmp_path: Path) -> None:
        data = bytearray(zipped({"a.txt": TEXT, "b.txt": TEXT}))
        data[data.index(b"a.txt") + 8] ^= 0xFF
        contents = unpack(tmp_path, bytes(data))
        assert (list(problems(contents)), list(texts(contents))) == (["docs.zip/a.txt"], ["docs.zip/b.txt"])

    def test_leaves_out_what_systems_leave_behind(self, tmp_path: Path) -> None:
        files: dict[str, bytes | str] = dict.fromkeys(
            ["__MACOSX/._a.txt", ".DS_Store", "a/.git/config", "Thumbs.db", "~$a.docx", "empty/"], b"x"
        )
        assert texts(unpack(tmp_path, zipped({**files, "a.txt": TEXT}))) == {"docs.zip/a.txt": TEXT}

    def test_reads_names_in_the_encoding_of_their_machine(self, tmp_path: Path) -> None:
        names = ["收费标准与办理流程说明.txt", "办公时间及联系方式.txt"]
        data = zipped({letter * len(name.encode("gb18030")): TEXT for letter, name in zip("ab", names, strict=True)})
        for letter, name in zip("ab", names, strict=True):
            raw = name.encode("gb18030")
            data = data.replace(letter.encode() * len(raw), raw)
        assert list(texts(unpack(tmp_path, data))) == [f"docs.zip/{name}" for name in names]

    def test_takes_names_as_tar_writes_those_of_a_folder(self, tmp_path: Path) -> None:
        assert list(texts(unpack(tmp_path, tarred(("./a.txt", TEXT), ("./b/c.txt", TEXT))))) == [
            "docs.zip/a.txt",
            "docs.zip/b/c.txt",
        ]

    def test_opens_an_archive_in_an_archive_and_no_deeper(self, tmp_path: Path) -> None:
        deepest = zipped({"c.txt": TEXT})
        inner = zipped({"b.txt": TEXT, "deepest.zip": deepest})
        contents = unpack(tmp_path, zipped({"a.txt": TEXT, "inner.zip": inner}))
        assert set(texts(contents)) == {"docs.zip/a.txt", "docs.zip/inner.zip/b.txt"}
        assert list(problems(contents)) == ["docs.zip/inner.zip/deepest.zip"]

    def test_takes_a_document_called_archive_for_what_it_is(self, tmp_path: Path) -> None:
        word = samples.docx(samples.paragraph("Nine to five."))
        assert texts(unpack(tmp_path, zipped({"guide.zip": word}))) == {"docs.zip/guide.zip": word}

    @pytest.mark.parametrize(
        "data",
        [b"PK\x03\x04 and then nothing", gzip.compress(b"no tar"), zipped({"a": TEXT})[:-10]],
        ids=["a beginning alone", "no tar within", "cut off"],
    )
    def test_says_of_a_damaged_archive_that_not_all_of_it_was_seen(self, tmp_path: Path, data: bytes) -> None:
        contents = unpack(tmp_path, data)
        assert not contents.whole
        assert problems(contents) == {"docs.zip": "unreadable_file"}


class TestBombs:
    def test_a_file_that_unpacks_to_a_thousand_times_its_size_is_refused(self) -> None:
        with pytest.raises(UnreadableFile, match="more than is safe"):
            members(zipped({"a.txt": bytes(20_000_000)}), "bomb.zip", 0)
        with pytest.raises(UnreadableFile, match="more than is safe"):
            members(tarred(("a.txt", bytes(20_000_000))), "bomb.tar.gz", 0)

    def test_a_header_that_unpacks_without_end_is_refused(self) -> None:
        header = tarfile.TarInfo("x")
        header.type, header.size = tarfile.XHDTYPE, 40_000_000
        with pytest.raises(UnreadableFile, match="more than is safe"):
            members(gzip.compress(header.tobuf(tarfile.USTAR_FORMAT) + bytes(40_000_000)), "bomb.tgz", 0)

    def test_files_that_lie_over_one_another_are_refused_by_what_they_say(self) -> None:
        """As in the bombs of one kernel of data that every entry points to: 300 entries, one body."""
        one = zipped({"a": bytes(1_000_000)})
        body, central = one[: one.index(b"PK\x01\x02")], one[one.index(b"PK\x01\x02") : one.index(b"PK\x05\x06")]
        end = bytearray(one[one.index(b"PK\x05\x06") :])
        end[8:12] = (300).to_bytes(2, "little") * 2
        end[12:16] = (len(central) * 300).to_bytes(4, "little")
        with pytest.raises(UnreadableFile, match="more than is safe"):
            members(body + central * 300 + bytes(end), "bomb.zip", 0)

    def test_too_many_files_are_refused(self) -> None:
        with pytest.raises(UnreadableFile, match="holds more than"):
            members(zipped({str(number): b"" for number in range(MAX_MEMBERS + 1)}), "many.zip", 0)

    def test_archives_in_an_archive_count_together(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("ingest.sources.archives.MAX_MEMBERS", 20)
        inner = zipped({f"{number}.txt": TEXT for number in range(15)})
        contents = unpack(tmp_path, zipped({"a.zip": inner, "b.zip": inner}))
        assert len(contents.files) == 20
        assert not contents.whole

    def test_a_large_archive_comes_in_batches(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("ingest.parse.archive.BUDGET", 10)
        for data in (
            zipped({f"{n}.txt": b"12345" for n in range(5)}),
            tarred(*((f"{n}.txt", b"12345") for n in range(5))),
        ):
            names: list[str] = []
            first: int | None = 0
            batches = 0
            while first is not None:
                found, first = members(data, "a.zip", first)
                names += [each.name for each in found]
                batches += 1
            assert (names, batches) == ([f"{n}.txt" for n in range(5)], 3)


@pytest.mark.integration
class TestSandbox:
    @pytest.fixture(scope="class")
    def parser(self) -> Iterator[SandboxedParser]:
        with SandboxedParser() as made:
            yield made

    def test_reads_archives_in_its_worker(self, parser: SandboxedParser) -> None:
        answer = parser.members(zipped({"a.txt": TEXT, "../b": b"x"}), "docs.zip", 0)
        assert answer is not None
        found, following = answer
        assert [(each.name, each.data, each.error is None) for each in found] == [
            ("a.txt", TEXT, True),
            ("../b", b"", False),
        ]
        assert following is None
        assert parser.members(samples.xlsx({"S": [["a"]]}), "a.zip", 0) is None

    def test_tells_what_is_wrong_with_one(self, parser: SandboxedParser) -> None:
        with pytest.raises(UnreadableFile, match="more than is safe"):
            parser.members(zipped({"a": bytes(20_000_000)}), "bomb.zip", 0)


@pytest.mark.integration
class TestIngest:
    def send(self, home: Home, data: bytes, *, sync: bool = False, **more: Any) -> dict[str, Any]:
        from vernacular.jobs import new_job_id

        job_id = new_job_id()
        (home.queue.upload_folder(job_id) / "0001").write_bytes(data)
        item = {
            "kind": "file",
            "file": "0001",
            "filename": "docs.zip",
            "media_type": "application/zip",
            "source_id": "docs.zip",
            **more,
        }
        return home.run(home.enqueue({"source": "api", "sync": sync, "items": [item]}, job_id))

    def test_each_file_becomes_a_document(self, home: Home) -> None:
        records = "\n".join(json.dumps({"id": f"r{n}", "text": f"Record {n}."}) for n in range(3))
        files: dict[str, bytes | str] = {
            "hours.txt": TEXT,
            "fees/fees.md": "# Fees\n\nThe fee is 3 crowns.",
            "fees/fees.md.meta.json": '{"groups": ["staff"], "title": "All fees"}',
            "records.ndjson": records,
            "logo.bin": bytes(range(256)),
        }
        view = self.send(home, zipped(files), described={"metadata": {"year": 2026}})
        assert (view["state"], view["failed"]) == ("partial", 1)
        assert [error["source_id"] for error in view["errors"]] == ["docs.zip/logo.bin"]
        rows = home.documents()
        assert set(rows) == {"docs.zip/hours.txt", "docs.zip/fees/fees.md", "r0", "r1", "r2"}
        fees = rows["docs.zip/fees/fees.md"]
        assert (fees.title, fees.groups, fees.attributes, fees.filename) == (
            "All fees",
            ["staff"],
            {"year": 2026},
            "docs.zip/fees/fees.md",
        )
        assert fees.original is not None

    def test_what_a_later_archive_no_longer_holds_is_deleted_with_sync(self, home: Home) -> None:
        self.send(home, zipped({"a.txt": TEXT, "b.txt": TEXT}), sync=True)
        self.send(home, zipped({"a.txt": TEXT}), sync=True)
        assert set(home.documents()) == {"docs.zip/a.txt"}

    def test_a_damaged_archive_deletes_nothing(self, home: Home) -> None:
        data = zipped({"a.txt": TEXT, "b.txt": TEXT})
        self.send(home, data, sync=True)
        view = self.send(home, data[:-10], sync=True)
        assert {error["name"] for error in view["errors"]} == {"unreadable_file", "deletions_skipped"}
        assert set(home.documents()) == {"docs.zip/a.txt", "docs.zip/b.txt"}

    def test_one_in_a_folder_is_opened_too(self, home: Home, tmp_path: Path) -> None:
        folder = tmp_path / "docs"
        folder.mkdir()
        (folder / "all.tar.gz").write_bytes(tarred(("a.txt", TEXT)))
        (folder / "b.txt").write_bytes(TEXT)
        view = home.run(home.enqueue({"source": "f", "sync": True, "items": [{"kind": "path", "path": str(folder)}]}))
        assert view["state"] == "succeeded"
        assert set(home.documents()) == {"all.tar.gz/a.txt", "b.txt"}
