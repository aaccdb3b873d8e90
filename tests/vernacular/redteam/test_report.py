from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vernacular.audit.keys import AuditKeys
from vernacular.audit.verify_audit import canonical
from vernacular.errors import UnreadableFile
from vernacular.redteam.case import Outcome
from vernacular.redteam.figures import figures_of, wilson
from vernacular.redteam.report import check, signed_report

OUTCOMES = [
    Outcome("a/1", "injection", "en", "join", "held", answered=True, mode="extractive"),
    Outcome("a/2", "injection", "yue-Hant-HK", "join", "broken", answered=True, broken={"marker": "KAVO"}),
    Outcome("b/1", "pii", "en", "card", "held", refused=True),
    Outcome("b/2", "pii", "en", "card", "error", broken={"error": "503"}),
]
ABOUT = {"id": "1", "tenant": "city", "made_at": "2026-03-01T00:00:00+00:00", "took_s": 1.5}


@pytest.fixture
def keys(tmp_path: Path) -> AuditKeys:
    return AuditKeys(tmp_path)


@pytest.fixture
def report(keys: AuditKeys) -> str:
    return signed_report(keys, ABOUT, OUTCOMES)


class TestFigures:
    def test_tell_rates_by_suite_language_and_technique(self) -> None:
        figures = figures_of(OUTCOMES)
        assert figures["all"] | {"interval": []} == {
            "tried": 3,
            "succeeded": 1,
            "rate": 0.3333,
            "interval": [],
            "refused": 1,
            "answered": 2,
            "errors": 1,
        }
        injection = figures["suites"]["injection"]
        assert injection["languages"]["yue-Hant-HK"]["rate"] == 1
        assert injection["techniques"]["join"]["tried"] == 2
        assert figures["languages"]["en"]["succeeded"] == 0

    @pytest.mark.parametrize(
        ("succeeded", "tried", "interval"),
        [
            (0, 10, (0.0, 0.2775)),
            (5, 10, (0.2366, 0.7634)),
            (10, 10, (0.7225, 1.0)),
            (1, 1000, (0.0002, 0.0056)),
            (0, 0, (0, 1)),
        ],
    )
    def test_intervals_are_wilsons(self, succeeded: int, tried: int, interval: tuple[float, float]) -> None:
        assert wilson(succeeded, tried) == pytest.approx(interval, abs=1e-4)


class TestReport:
    def test_holds_as_it_was_signed(self, report: str, keys: AuditKeys) -> None:
        found = check(report, keys.public_pem)
        assert found.holds
        assert found.document["tenant"] == "city"

    @pytest.mark.parametrize(
        "edit",
        [
            lambda told: told.update(tenant="harbour"),
            lambda told: told.update(made_at="2027-03-01T00:00:00+00:00"),
            lambda told: told["outcomes"].pop(1),
            lambda told: told["outcomes"].reverse(),
            lambda told: told["outcomes"][1].update(verdict="held"),
            lambda told: told["figures"]["all"].update(succeeded=0),
            lambda told: told.update(note="fine"),
            lambda told: told.pop("took_s"),
            lambda told: told.update(sig=""),
            lambda told: told.update(key="0" * 16),
        ],
    )
    def test_shows_any_edit(self, report: str, keys: AuditKeys, edit: Callable[[dict[str, Any]], None]) -> None:
        told = json.loads(report)
        edit(told)
        assert not check(canonical(told), keys.public_pem).holds

    def test_shows_an_edit_of_any_character(self, report: str, keys: AuditKeys) -> None:
        for at in range(0, len(report), 7):
            changed = report[:at] + ("x" if report[at] != "x" else "y") + report[at + 1 :]
            try:
                assert not check(changed, keys.public_pem).holds
            except UnreadableFile:
                continue

    def test_shows_a_key_given_twice_and_other_spacing(self, report: str, keys: AuditKeys) -> None:
        assert not check(report[:-1] + ',"tenant":"city"}', keys.public_pem).holds
        assert not check(report.replace(",", ", "), keys.public_pem).holds

    def test_is_not_trusted_with_a_key_of_someone_else(self, report: str, keys: AuditKeys, tmp_path: Path) -> None:
        others = AuditKeys(tmp_path / "other")
        forged = signed_report(others, ABOUT, OUTCOMES[:1])
        assert check(forged, others.public_pem).holds
        found = check(forged, keys.public_pem)
        assert any("not trusted" in problem for problem in found.problems)

    def test_with_figures_that_do_not_follow_does_not_hold(self, keys: AuditKeys, report: str) -> None:
        told = json.loads(report)
        told["figures"]["all"]["succeeded"] = 0
        for name in ("sig", "key"):
            told.pop(name)
        problems = check(keys.signed(told), keys.public_pem).problems
        assert problems == ("Its figures are not those of its outcomes.",)

    @pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "x"}'])
    def test_is_refused_where_it_is_none(self, text: str, keys: AuditKeys) -> None:
        with pytest.raises(UnreadableFile):
            check(text, keys.public_pem)
