from __future__ import annotations

import time
from pathlib import Path

from serve.rag.understand import understand
from serve.rag.varieties import Varieties
from vernacular.dialects.imports import write_whole
from vernacular.dialects.preferences import DialectPreferences
from vernacular.settings import DialectSettings

QUESTION = "我唔見咗張搲水飛，點算好呀？"
PATIENCE_S = 60.0


def added(varieties: Varieties) -> list[str]:
    found = understand(QUESTION, varieties=varieties)
    return [term for each in varieties.expansions(found, DialectPreferences(), None) for term in each.terms]


def put(folder: Path, name: str, *lines: str) -> None:
    write_whole(folder / "yue-Hant-HK" / f"{name}.tsv", "\n".join(lines))


class TestImportedDictionaries:
    def test_count_from_the_next_question_on(self, tmp_path: Path) -> None:
        varieties = Varieties(DialectSettings(), tmp_path)
        assert "提款卡" not in added(varieties)
        put(tmp_path, "slang", "搲水飛\t提款卡")
        assert "提款卡" in added(varieties)
        (tmp_path / "yue-Hant-HK" / "slang.tsv").unlink()
        assert "提款卡" not in added(varieties)

    def test_that_are_large_keep_no_question_waiting(self, tmp_path: Path) -> None:
        varieties = Varieties(DialectSettings(), tmp_path)
        before = added(varieties)
        put(tmp_path, "large", "搲水飛\t提款卡", *(f"詞{number}語\t文{number}字" for number in range(6000)))
        assert added(varieties) == before
        until = time.monotonic() + PATIENCE_S
        while "提款卡" not in added(varieties) and time.monotonic() < until:
            time.sleep(0.05)
        assert "提款卡" in added(varieties)
