from __future__ import annotations

import logging
from pathlib import Path

import pytest

from vernacular.dialects import registry
from vernacular.dialects.pack import Manifest, Pack
from vernacular.dialects.registry import CurrentRegistry, Registry

TAG = "xx-Test"


@pytest.fixture(autouse=True)
def one_pack(monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = Manifest(tag=TAG, version="1.0.0", name="Test", native="test", family="xx", scripts=["Latn"])
    monkeypatch.setattr(registry, "built_in", lambda: Registry([Pack(manifest)]))


def write(folder: Path, name: str, text: str) -> None:
    (folder / TAG).mkdir(parents=True, exist_ok=True)
    beside = folder / TAG / f"{name}.new"
    beside.write_text(text, encoding="utf-8")
    beside.replace(folder / TAG / f"{name}.tsv")


def words(current: CurrentRegistry) -> list[str]:
    return [entry.forms[0] for entry in current.get().get(TAG).lexicon]


class TestCurrentRegistry:
    def test_gives_the_same_registry_while_nothing_changes(self, tmp_path: Path) -> None:
        write(tmp_path, "a", "foo\tbar\n")
        current = CurrentRegistry(tmp_path)
        assert current.get() is current.get()

    def test_sees_what_is_imported_changed_and_removed_meanwhile(self, tmp_path: Path) -> None:
        current = CurrentRegistry(tmp_path / "dialects")
        assert words(current) == []
        write(tmp_path / "dialects", "a", "foo\tbar\n")
        assert words(current) == ["foo"]
        write(tmp_path / "dialects", "a", "longer\tbar\n")
        write(tmp_path / "dialects", "b", "other\tbar\n")
        assert words(current) == ["longer", "other"]
        (tmp_path / "dialects" / TAG / "a.tsv").unlink()
        assert words(current) == ["other"]

    def test_goes_on_with_what_it_had_when_a_dictionary_is_damaged(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        write(tmp_path, "a", "foo\tbar\n")
        current = CurrentRegistry(tmp_path)
        assert words(current) == ["foo"]
        with caplog.at_level(logging.WARNING):
            write(tmp_path, "b", "no standard term\n")
            assert words(current) == ["foo"]
        assert "b.tsv, line 1" in caplog.text

    def test_is_shared_by_all_who_ask_for_a_folder(self, tmp_path: Path) -> None:
        assert registry.current(tmp_path) is registry.current(tmp_path)
