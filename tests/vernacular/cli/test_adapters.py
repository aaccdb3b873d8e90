from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.serve.engine.adapters.made import adapter, tensors
from tests.vernacular.cli.command import Result, vernacular
from vernacular.cli import adapters

Run = Callable[..., Result]


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    def one(*words: str) -> Result:
        return vernacular(capsys, monkeypatch, *words)

    one("tenant", "create", "townhall", "--no-chat-page")
    one("tenant", "create", "library", "--no-chat-page")
    return one


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return adapter(tmp_path / "made")


@pytest.fixture
def name(run: Run, made: Path) -> str:
    """Of an adapter of townhall's."""
    return str(run("adapter", "add", str(made), "-t", "townhall", "--base", "tiny", "--json").json["name"])


class TestAdd:
    def test_registers_with_all_that_is_told(self, run: Run, made: Path, tmp_path: Path) -> None:
        (tmp_path / "lineage.json").write_text('{"data": "letters", "who": "Ada"}', encoding="utf-8")
        words = (
            "--dialect",
            "es-MX",
            "--share",
            "0.5",
            "--assistant",
            "clerk",
            "--lineage",
            str(tmp_path / "lineage.json"),
        )
        added = run("adapter", "add", str(made), "--tenant", "townhall", "--base", "tiny", *words, "--json")
        assert added.code == 0
        assert added.json["name"].startswith("townhall--es-MX--v1-")
        assert (added.json["share"], added.json["assistant"], added.json["state"]) == (0.5, "clerk", "registered")
        assert (added.json["lineage"]["data"], added.json["lineage"]["who"]) == ("letters", "Ada")

    def test_says_what_to_do_next(self, run: Run, made: Path) -> None:
        added = run("adapter", "add", str(made), "-t", "townhall", "--base", "tiny")
        assert "vernacular adapter load townhall--any--v1-" in added.out

    def test_leaves_the_folder_as_it_was(self, run: Run, made: Path) -> None:
        before = {path.name: path.read_bytes() for path in made.iterdir()}
        run("adapter", "add", str(made), "-t", "townhall", "--base", "tiny")
        assert {path.name: path.read_bytes() for path in made.iterdir()} == before

    def test_refuses_a_pickle_in_one_sentence(self, run: Run, made: Path) -> None:
        (made / "training_args.bin").write_bytes(b"\x80\x02")
        refused = run("adapter", "add", str(made), "-t", "townhall", "--base", "tiny")
        assert refused.code == 1
        assert "training_args.bin is a pickle" in refused.err
        assert "safe_serialization" in refused.err

    @pytest.mark.parametrize("content", ["{", "[1]"])
    def test_refuses_a_lineage_that_is_none(self, run: Run, made: Path, tmp_path: Path, content: str) -> None:
        (tmp_path / "l.json").write_text(content, encoding="utf-8")
        refused = run(
            "adapter", "add", str(made), "-t", "townhall", "-b", "tiny", "--lineage", str(tmp_path / "l.json")
        )
        assert refused.code == 1
        assert "JSON" in refused.err

    def test_tells_of_a_folder_that_is_not_there(self, run: Run, tmp_path: Path) -> None:
        assert "is not a folder" in run("adapter", "add", str(tmp_path / "no"), "-t", "townhall", "-b", "tiny").err


class TestListAndShow:
    def test_list_tells_of_all_tenants_or_one(self, run: Run, name: str, tmp_path: Path) -> None:
        other = adapter(tmp_path / "other", tensors(seed=5))
        run("adapter", "add", str(other), "-t", "library", "--base", "tiny")
        assert [row["tenant"] for row in run("adapter", "list", "--json").json] == ["library", "townhall"]
        assert [row["name"] for row in run("adapter", "list", "-t", "townhall", "--json").json] == [name]

    def test_show_tells_all_but_the_path(self, run: Run, name: str) -> None:
        shown = run("adapter", "show", name, "-t", "townhall", "--json").json
        assert (shown["base_model"], shown["rank"], shown["note"]) == ("tiny", 8, "")
        assert "path" not in shown

    def test_another_tenants_is_not_there(self, run: Run, name: str) -> None:
        for words in (
            ("show", name),
            ("load", name),
            ("unload", name),
            ("share", name, "0.5"),
            ("remove", name, "--yes"),
        ):
            refused = run("adapter", *words, "-t", "library")
            assert refused.code == 1
            assert "no adapter" in refused.err


class TestChanging:
    def test_load_without_a_gateway_says_when_it_will_be(self, run: Run, name: str) -> None:
        loaded = run("adapter", "load", name, "-t", "townhall")
        assert loaded.code == 0
        assert "as soon as a gateway and a server of tiny run" in loaded.out
        assert run("adapter", "show", name, "-t", "townhall", "--json").json["state"] == "active"

    def test_unload_retires(self, run: Run, name: str) -> None:
        run("adapter", "load", name, "-t", "townhall")
        assert run("adapter", "unload", name, "-t", "townhall", "--json").json["state"] == "retired"

    def test_share_is_kept(self, run: Run, name: str) -> None:
        assert run("adapter", "share", name, "0.25", "-t", "townhall", "--json").json["share"] == 0.25
        assert run("adapter", "share", name, "1.5", "-t", "townhall").code != 0

    def test_remove_removes_the_files_too(self, run: Run, name: str, home: Path) -> None:
        assert run("adapter", "remove", name, "-t", "townhall", "--yes", "--json").json["deleted"] is True
        assert not list(home.glob("adapters/*/*/*"))

    def test_deleting_the_tenant_removes_its_files(self, run: Run, name: str, home: Path) -> None:
        assert list(home.glob("adapters/*/*/adapter_model.safetensors"))
        run("tenant", "delete", "townhall", "--yes")
        assert not list(home.glob("adapters/*/*/*"))


class TestWaiting:
    """With a gateway that tells how far it is."""

    def told(self, monkeypatch: pytest.MonkeyPatch, *views: tuple[int, int, str]) -> list[str]:
        left = list(views)
        asked: list[str] = []

        def call(_door: object, method: str, path: str) -> dict[str, Any]:
            asked.append(f"{method} {path}")
            loaded_on, replicas, note = left.pop(0)
            return {"loaded_on": loaded_on, "replicas": replicas, "note": note}

        @contextmanager
        def door(*_: object) -> Iterator[None]:
            yield None

        monkeypatch.setattr(adapters, "running_gateway", lambda _settings: "http://gateway")
        monkeypatch.setattr(adapters, "gateway_client", door)
        monkeypatch.setattr(adapters, "call", call)
        monkeypatch.setattr(adapters, "POLL_S", 0.0)
        return asked

    def test_load_waits_until_every_server_has_it(self, run: Run, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        asked = self.told(monkeypatch, (0, 2, ""), (1, 2, ""), (2, 2, ""))
        assert "loaded on 2 of 2 servers" in run("adapter", "load", name, "-t", "townhall").out
        assert len(asked) == 3

    def test_load_tells_why_it_cannot(self, run: Run, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.told(monkeypatch, (0, 2, ""), (0, 2, "Its rank is too large."))
        refused = run("adapter", "load", name, "-t", "townhall")
        assert refused.code == 1
        assert "Its rank is too large." in refused.err

    def test_load_gives_up_waiting_in_the_end(self, run: Run, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.told(monkeypatch, (0, 2, ""))
        shown = run("adapter", "load", name, "-t", "townhall", "--wait", "0", "--json")
        assert shown.json == {"name": name, "state": "active", "loaded_on": 0, "replicas": 2}
        assert json.loads(shown.out)
