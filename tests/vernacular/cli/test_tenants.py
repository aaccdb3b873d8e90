from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.vernacular.cli.command import Result, vernacular

Run = Callable[..., Result]


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    return lambda *words: vernacular(capsys, monkeypatch, *words)


class TestTenant:
    def test_create_prints_a_key_once(self, run: Run) -> None:
        made = run("tenant", "create", "townhall", "--languages", "es,ca", "--json")
        assert made.code == 0
        assert made.json["tenant"] == "townhall"
        key = made.json["admin_key"]
        assert key.startswith("vk_townhall_")
        assert key not in run("tenant", "show", "townhall").out

    def test_list_and_show_tell_languages_and_keys(self, run: Run) -> None:
        run("tenant", "create", "townhall", "--languages", "es,ca")
        assert run("tenant", "list", "--json").json[0]["languages"] == ["es", "ca"]
        shown = run("tenant", "show", "townhall", "--json").json
        assert [key["role"] for key in shown["keys"]] == ["admin", "public"]

    def test_one_can_be_sealed_and_unsealed(self, run: Run) -> None:
        run("tenant", "create", "open", "--no-chat-page")
        run("tenant", "create", "closed", "--sealed", "--no-chat-page")
        assert {row["tenant"]: row["sealed"] for row in run("tenant", "list", "--json").json} == {
            "open": False,
            "closed": True,
        }
        assert run("tenant", "set", "closed", "--no-sealed", "--json").json["sealed"] is False
        assert run("tenant", "set", "open", "--sealed", "--json").json["sealed"] is True

    def test_the_front_end_serves_a_tenant_unless_told_not_to(self, run: Run, home: Path) -> None:
        run("tenant", "create", "townhall")
        run("tenant", "create", "handbook", "--no-chat-page")
        run("tenant", "create", "closed")
        run("tenant", "delete", "closed", "--yes")
        kept = home / "ui-keys.json"
        assert list(json.loads(kept.read_text(encoding="utf-8"))) == ["townhall"]
        assert kept.stat().st_mode & 0o077 == 0

    def test_set_changes_what_is_given(self, run: Run) -> None:
        run("tenant", "create", "townhall", "--languages", "es")
        run("tenant", "set", "townhall", "--display-name", "Ayuntamiento")
        shown = run("tenant", "show", "townhall", "--json").json
        assert (shown["display_name"], shown["languages"]) == ("Ayuntamiento", ["es"])

    def test_set_takes_how_varieties_are_understood_and_answered(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "own.json").write_text('{"the slip": "payslip", "HQ": ["head office"]}', encoding="utf-8")
        run("tenant", "create", "townhall")
        options = ("--answer-in", "yue-Hant-HK", "--script", "Hant", "--register", "plain")
        run("tenant", "set", "townhall", *options, "--synonyms", str(tmp_path / "own.json"))
        shown = run("tenant", "show", "townhall", "--json").json
        assert shown["dialect"] == {"answer_in": "yue-Hant-HK", "script": "Hant", "synonyms": 2}
        assert shown["register"] == "plain"
        run("tenant", "set", "townhall", "--script", "", "--display-name", "Hall")
        assert run("tenant", "show", "townhall", "--json").json["dialect"] == {
            "answer_in": "yue-Hant-HK",
            "synonyms": 2,
        }

    @pytest.mark.parametrize(
        "option", [("--answer-in", "no tag"), ("--script", "Latn"), ("--synonyms", "nowhere.json")]
    )
    def test_set_refuses_what_is_no_such_wish(self, run: Run, option: tuple[str, str]) -> None:
        run("tenant", "create", "townhall")
        assert run("tenant", "set", "townhall", *option).code == 1
        assert run("tenant", "show", "townhall", "--json").json["dialect"] == {}

    def test_a_taken_name_is_refused_with_what_to_do(self, run: Run) -> None:
        run("tenant", "create", "townhall")
        again = run("tenant", "create", "townhall")
        assert again.code == 1
        assert "already exists" in again.err
        assert "Choose another name" in again.err

    @pytest.mark.parametrize("name", ["Town Hall", "../up", "市政府", "-x", "a" * 64])
    def test_a_name_that_cannot_be_is_refused(self, run: Run, name: str) -> None:
        refused = run("tenant", "create", "--", name)
        assert refused.code == 1
        assert "small letters" in refused.err

    def test_a_language_that_is_no_tag_is_refused(self, run: Run) -> None:
        assert "BCP 47" in run("tenant", "create", "townhall", "--languages", "español!").err

    def test_an_unknown_tenant_is_told(self, run: Run) -> None:
        missing = run("tenant", "show", "nowhere")
        assert missing.code == 1
        assert "no tenant named 'nowhere'" in missing.err
        assert "tenant list" in missing.err

    def test_delete_removes_it(self, run: Run) -> None:
        run("tenant", "create", "townhall")
        assert run("tenant", "delete", "townhall", "--yes").code == 0
        assert run("tenant", "list", "--json").json == []


class TestKey:
    def test_create_and_revoke(self, run: Run) -> None:
        run("tenant", "create", "townhall")
        made = run("key", "create", "--tenant", "townhall", "--role", "editor", "--groups", "hr,legal", "--json")
        assert made.json["groups"] == ["hr", "legal"]
        assert run("key", "revoke", made.json["key"], "--tenant", "townhall").code == 0
        keys = run("tenant", "show", "townhall", "--json").json["keys"]
        assert [key["revoked"] for key in keys if key["role"] == "editor"] == [True]

    def test_another_tenants_key_cannot_be_revoked(self, run: Run) -> None:
        run("tenant", "create", "townhall")
        other = run("tenant", "create", "harbour", "--json").json["admin_key"]
        refused = run("key", "revoke", other, "--tenant", "townhall")
        assert refused.code == 1
        assert "no such key" in refused.err


class TestArguments:
    def test_bytes_that_are_no_text_are_told(self, run: Run) -> None:
        told = run("tenant", "create", "townhall", "--display-name", "b\udcff")
        assert (told.code, told.out) == (1, "")
        assert "'b\ufffd' is not UTF-8." in told.err

    def test_a_setting_that_there_is_not_is_told(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("VERNACULAR_SERVE__PROT", "9000")
        told = run("tenant", "list")
        assert told.code == 1
        assert "There is no setting VERNACULAR_SERVE__PROT." in told.err

    def test_lines_stay_whole_for_another_program(self, run: Run) -> None:
        name = "海港市政府服務 " * 20
        run("tenant", "create", "townhall", "--display-name", name.strip())
        assert name.strip() in run("tenant", "list").out


class TestVoice:
    def test_set_says_how_the_assistant_speaks(self, run: Run, tmp_path: Path) -> None:
        run("tenant", "create", "townhall")
        terms = tmp_path / "terms.csv"
        terms.write_text('# ours\nDOG,"the dog licence, yearly"\nBIKE\n', encoding="utf-8")
        changed = run(
            "tenant", "set", "townhall", "--persona", "You are Rita.", "--register", "plain", "--glossary", str(terms),
            "--model", "skyllm-7b", "--model", "yue=skyllm-13b", "--dialects", "yue-Hant-HK", "--json",
        ).json  # fmt: skip
        assert changed["persona"] == "You are Rita."
        assert (changed["register"], changed["glossary"]) == ("plain", 2)
        assert changed["models"] == {"default": "skyllm-7b", "yue": "skyllm-13b"}
        assert changed["dialects"] == ["yue-Hant-HK"]

    def test_an_empty_text_takes_it_away(self, run: Run) -> None:
        run("tenant", "create", "townhall")
        run("tenant", "set", "townhall", "--persona", "You are Rita.", "--model", "a", "--model", "yue=b")
        changed = run("tenant", "set", "townhall", "--persona", "", "--model", "yue=", "--json").json
        assert (changed["persona"], changed["models"]) == ("", {"default": "a"})

    def test_a_register_that_there_is_not_is_refused(self, run: Run) -> None:
        run("tenant", "create", "townhall")
        refused = run("tenant", "set", "townhall", "--register", "loud")
        assert refused.code == 1
        assert "formal, plain, colloquial" in refused.err

    @pytest.mark.parametrize(("name", "content"), [("a.json", "[1]"), ("a.json", "{"), ("a.json", '{"a": 1}')])
    def test_a_glossary_that_cannot_be_read_is_refused(self, run: Run, tmp_path: Path, name: str, content: str) -> None:
        run("tenant", "create", "townhall")
        (tmp_path / name).write_text(content, encoding="utf-8")
        assert run("tenant", "set", "townhall", "--glossary", str(tmp_path / name)).code == 1
        assert run("tenant", "set", "townhall", "--glossary", str(tmp_path / "none.csv")).code == 1

    def test_synonyms_with_half_a_character_do_no_harm(self, run: Run, tmp_path: Path) -> None:
        run("tenant", "create", "townhall")
        synonyms = tmp_path / "synonyms.json"
        synonyms.write_text('{"a": ["\\ud800"], "rubbish": ["waste"]}', encoding="ascii")
        run("tenant", "set", "townhall", "--synonyms", str(synonyms))
        assert run("tenant", "show", "townhall").code == 0

    @pytest.mark.parametrize("text", ["[" * 100_000, "[]", "{", '{"a": 5}'])
    def test_synonyms_that_are_none_are_refused(self, run: Run, tmp_path: Path, text: str) -> None:
        run("tenant", "create", "townhall")
        synonyms = tmp_path / "synonyms.json"
        synonyms.write_text(text, encoding="ascii")
        refused = run("tenant", "set", "townhall", "--synonyms", str(synonyms))
        assert (refused.code, "unexpected" in refused.err) == (1, False)
