from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.vernacular.cli.command import Result, vernacular
from vernacular.dialects.pack import read_pack

Run = Callable[..., Result]


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    return lambda *words: vernacular(capsys, monkeypatch, *words)


@pytest.fixture
def words(tmp_path: Path) -> Path:
    file = tmp_path / "Slang.jsonl"
    rows = [
        {"w": "搲水飛", "zh": ["提款卡"], "j": "we2 seoi2 fei1"},
        {"w": "", "zh": ["x"]},
        {"w": "咇嚦檔", "zh": "當鋪"},
    ]
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return file


def import_words(run: Run, words: Path, *more: str) -> Result:
    return run("dialect", "import", str(words), "--tag", "yue", "--map", "dialect=w,standard=zh,romanised=j", *more)


class TestListAndShow:
    def test_list_tells_what_each_pack_holds(self, run: Run) -> None:
        packs = {pack["tag"]: pack for pack in run("dialect", "list", "--json").json}
        assert packs["yue-Hant-HK"]["entries"] >= 300
        assert packs["zh"]["domains"]["labour"] > 0
        assert "yue-Hant-HK" in run("dialect", "list").out

    def test_show_takes_any_tag_that_means_the_pack(self, run: Run) -> None:
        shown = run("dialect", "show", "yue-HK", "--json").json
        assert (shown["tag"], shown["standard"]) == ("yue-Hant-HK", "zh-Hant-HK")
        assert "zh-Hant-HK" in run("dialect", "show", "yue").out

    def test_show_looks_a_word_up(self, run: Run) -> None:
        found = run("dialect", "show", "yue", "--word", "屋企", "--json").json["found"]
        assert any("家" in entry["standard"] for entry in found)
        assert "no such word" in run("dialect", "show", "yue", "--word", "xyzzy").out

    def test_show_says_which_packs_there_are(self, run: Run) -> None:
        refused = run("dialect", "show", "tlh")
        assert refused.code == 1
        assert "yue-Hant-HK" in refused.err


class TestImport:
    def test_adds_a_dictionary_to_a_pack_and_tells_what_came_of_it(self, run: Run, words: Path, home: Path) -> None:
        told = import_words(run, words)
        assert told.code == 0
        assert "2 entries for yue-Hant-HK from 3 lines" in told.out
        assert "line 2: no dialect word." in told.err
        assert (home / "dialects" / "yue-Hant-HK" / "slang.tsv").is_file()
        assert run("dialect", "show", "yue", "--json").json["imported"] == 2
        assert run("dialect", "show", "yue", "-w", "提款卡", "--json").json["found"][0]["dialect"] == ["搲水飛"]

    def test_again_under_the_same_name_replaces_it(self, run: Run, words: Path) -> None:
        import_words(run, words)
        again = import_words(run, words, "--json").json
        assert (again["entries"], again["duplicates"]) == (2, 0)
        assert run("dialect", "show", "yue", "--json").json["imported"] == 2

    def test_for_a_pack_that_is_not_there_is_refused(self, run: Run, words: Path) -> None:
        refused = run("dialect", "import", str(words), "--tag", "tlh")
        assert refused.code == 1
        assert "no dialect pack" in refused.err

    def test_without_a_map_that_fits_says_which_fields_there_are(self, run: Run, words: Path) -> None:
        refused = run("dialect", "import", str(words), "--tag", "yue")
        assert refused.code == 1
        assert "no field 'dialect', but w, zh, j" in refused.err


class TestExport:
    def test_writes_the_pack_with_what_was_imported(self, run: Run, words: Path, tmp_path: Path) -> None:
        import_words(run, words)
        told = run("dialect", "export", "yue", "--to", str(tmp_path / "mine"), "--json").json
        pack = read_pack(Path(told["path"]))
        assert pack.tag == "yue-Hant-HK"
        assert "搲水飛" in [form for entry in pack.lexicon for form in entry.forms]
        assert run("dialect", "export", "yue", "--to", str(tmp_path / "mine")).code == 1


class TestTest:
    def test_of_a_question_shows_detection_expansion_and_both_searches(
        self, run: Run, words: Path, tmp_path: Path
    ) -> None:
        import_words(run, words)
        document = tmp_path / "cards.txt"
        document.write_text("遺失提款卡的客戶應立即通知本行。", encoding="utf-8")
        run("tenant", "create", "bank")
        assert run("ingest", str(document), "--tenant", "bank").code == 0
        asked = ("dialect", "test", "我唔見咗張搲水飛，點算好？", "--tenant", "bank")
        tried = run(*asked, "--json").json
        assert tried["detection"]["tag"] == "yue-Hant-HK"
        assert ["提款卡"] in [added["terms"] for added in tried["expansions"]]
        assert (len(tried["hits_with"]), len(tried["hits_without"])) == (1, 0)
        shown = run(*asked).out
        assert "搲水飛 → 提款卡" in shown
        assert "nothing" in shown

    def test_of_a_pack_runs_its_own_questions(self, run: Run) -> None:
        proof = run("dialect", "test", "--pack", "yue", "--json").json
        assert proof["questions"] >= 20
        assert proof["with"]["recall@5"] >= proof["without"]["recall@5"]
        assert "variety told" in run("dialect", "test", "--pack", "yue").out

    def test_needs_a_question_and_a_tenant(self, run: Run) -> None:
        assert run("dialect", "test", "hello").code == 1
