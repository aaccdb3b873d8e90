from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from vernacular.dialects.exports import export_pack
from vernacular.dialects.pack import DomainEntry, Entry, Manifest, Marker, Pack, Style, Words, read_pack
from vernacular.dialects.registry import built_in
from vernacular.errors import Conflict, UnreadableFile

PACK = Pack(
    Manifest(
        tag="xx-Test",
        version="1.2.0",
        name="Test",
        native='"test"',
        family="xx",
        scripts=["Latn"],
        aliases=["xx"],
        variants={"a b": "ab", "ß": "ss"},
    ),
    (Entry(("foo", "fu"), ("bar",), "n", 0.55, ("foo1",)), Entry(("baz",), (), "", 1.0, ("baz2",))),
    (Marker("foo", 2.5), Marker("^x+", -1, "regex")),
    (DomainEntry("tax", ("cash",), ("levy",), 0.5), DomainEntry("labour", ("boss",), ("employer",))),
    Words(function="a the", openers="and so; what of"),
    {"lead": "Here is “it”: {x}"},
    Style(name="Test", guide="One.\nTwo: 'x'.", registers={"plain": "p"}, examples=[{"standard": "s", "variety": "v"}]),
    ({"qid": "1", "question": "q", "standard": "s", "text": "t", "answers": ["a"]},),
)


class TestExportPack:
    def test_writes_what_is_read_back_the_same(self, tmp_path: Path) -> None:
        folder = export_pack(PACK, tmp_path)
        assert folder == tmp_path / "xx-Test"
        found = read_pack(folder)
        assert replace(found, domains=()) == replace(PACK, domains=())
        assert set(found.domains) == set(PACK.domains)

    def test_writes_every_pack_there_is(self, tmp_path: Path) -> None:
        for pack in built_in():
            found = read_pack(export_pack(pack, tmp_path))
            assert replace(found, domains=()) == replace(pack, domains=()), pack.tag
            assert sorted(map(str, found.domains)) == sorted(map(str, pack.domains))

    def test_never_writes_over_what_is_there(self, tmp_path: Path) -> None:
        export_pack(PACK, tmp_path)
        with pytest.raises(Conflict):
            export_pack(PACK, tmp_path)

    def test_says_when_it_cannot_write(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(UnreadableFile):
            export_pack(PACK, tmp_path / "file")
