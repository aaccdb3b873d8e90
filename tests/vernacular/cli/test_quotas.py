from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.vernacular.cli.command import Result, vernacular
from vernacular.cli.context import opened_database
from vernacular.quotas.usage import Used, add_usage
from vernacular.settings import Settings
from vernacular.tenancy import Platform, TenantScope

Run = Callable[..., Result]


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    return lambda *words: vernacular(capsys, monkeypatch, *words)


@pytest.fixture
def town(run: Run) -> None:
    assert run("tenant", "create", "town", "--no-chat-page").code == 0


@pytest.mark.usefixtures("town")
class TestQuota:
    def test_is_set_and_shown(self, run: Run) -> None:
        run("quota", "set", "-t", "town", "--requests-per-minute", "60", "--megabytes", "5")
        told = run("quota", "set", "-t", "town", "--for", "principal", "--tokens-per-day", "500", "--json").json
        assert told["in_force"]["tenant"] == {
            "requests_per_minute": 60,
            "tokens_per_day": 0,
            "documents": 0,
            "megabytes": 5,
        }
        assert told["in_force"]["principal"] == {"requests_per_minute": 0, "tokens_per_day": 500}
        assert run("quota", "show", "-t", "town", "--json").json == told
        assert "60" in run("quota", "show", "-t", "town").out

    def test_of_one_key_is_set_and_taken_away(self, run: Run) -> None:
        key = run("tenant", "show", "town", "--json").json["keys"][0]["id"]
        told = run("quota", "set", "-t", "town", "--for", key, "--requests-per-minute", "7", "--json").json
        assert told["set"] == {"principals": {key: {"requests_per_minute": 7}}}
        told = run("quota", "set", "-t", "town", "--for", key, "--requests-per-minute", "unset", "--json").json
        assert told["set"] == {}

    @pytest.mark.parametrize(
        ("words", "says"),
        [
            ((), "nothing to change"),
            (("--documents", "many"), "no limit"),
            (("--documents", "-1"), "no limit"),
            (("--for", "visitor", "--documents", "1"), "the tenant as a whole"),
            (("--for", "nobody", "--tokens-per-day", "1"), "no account and no key"),
        ],
    )
    def test_is_refused_in_words(self, run: Run, words: tuple[str, ...], says: str) -> None:
        refused = run("quota", "set", "-t", "town", *words)
        assert (refused.code, says in refused.err) == (1, True)

    def test_of_a_part_is_never_more_than_the_whole(self, run: Run) -> None:
        run("quota", "set", "-t", "town", "--requests-per-minute", "6")
        assert run("quota", "set", "-t", "town", "--for", "principal", "--requests-per-minute", "7").code == 1


@pytest.mark.usefixtures("town")
class TestUsage:
    def test_is_shown_by_tenant_and_by_principal(self, run: Run, home: Path) -> None:
        today = datetime.now(UTC).date()
        with opened_database(Settings(home=home)) as database, database.write() as session:
            scope = TenantScope(session, Platform(session).tenant("town"))
            add_usage(scope, [Used(today, "k1", "key", 3, 1, 40, 5)])
        figures = {"requests": 3, "refused": 1, "prompt_tokens": 40, "completion_tokens": 5}
        assert run("usage", "--json").json["data"] == [{"tenant": "town", **figures}]
        rows = run("usage", "-t", "town", "--json").json["data"]
        assert rows == [{"day": today.isoformat(), "kind": "key", "principal": "k1", **figures}]
        assert "40" in run("usage", "-t", "town").out

    def test_of_nothing_says_so(self, run: Run) -> None:
        assert "Nothing was used" in run("usage").out
