from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.serve.gateway import Gateway
from vernacular.db.models import EvalRunRow
from vernacular.evaluation.store import add_run
from vernacular.tenancy import TenantScope

PATH = "/v1/admin/evaluations"
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


def keep(gateway: Gateway, slug: str, day: int, recall: float, name: str = "desk") -> str:
    figures = {"all": {"recall@1": recall}, "varieties": {"es-MX": {"recall@1": recall}}, "gaps": {}}
    row = EvalRunRow(
        name=name, digest="d", questions=2, figures=figures, outcomes=[{"qid": "1"}], created_at=BEGIN + timedelta(day)
    )
    with gateway.services.database.write() as session:
        return str(add_run(TenantScope(session, gateway.tenants[slug]), row).id)


def get(gateway: Gateway, key: str, path: str = "") -> Any:
    return gateway.call("GET", PATH + path, key).json()


class TestEvaluations:
    def test_are_listed_the_last_one_first(self, gateway: Gateway, key: str) -> None:
        runs = [keep(gateway, "acme", day, 0.5) for day in (0, 2, 1)]
        listed = get(gateway, key)["data"]
        assert [run["id"] for run in listed] == [runs[1], runs[2], runs[0]]
        assert "outcomes" not in listed[0]
        assert len(get(gateway, key, "?limit=1")["data"]) == 1

    def test_show_what_came_of_each_question_and_what_changed(self, gateway: Gateway, key: str) -> None:
        first = keep(gateway, "acme", 0, 0.5)
        keep(gateway, "acme", 1, 0.9, name="other questions")
        second = keep(gateway, "acme", 2, 0.75)
        shown = get(gateway, key, f"/{second}")
        assert (shown["before"], shown["outcomes"]) == (first, [{"qid": "1"}])
        assert shown["difference"]["varieties"] == {"es-MX": {"recall@1": 0.25}}
        assert get(gateway, key, f"/{first}")["difference"] is None

    def test_of_another_tenant_are_not_there(self, gateway: Gateway, key: str) -> None:
        foreign = keep(gateway, "other", 0, 0.5)
        assert get(gateway, key)["data"] == []
        response = gateway.call("GET", f"{PATH}/{foreign}", key)
        assert (response.status_code, response.json()["error"]["name"]) == (404, "unknown_run")

    def test_are_for_administrators(self, gateway: Gateway) -> None:
        assert gateway.call("GET", PATH, gateway.key("acme", "editor")).status_code == 403
