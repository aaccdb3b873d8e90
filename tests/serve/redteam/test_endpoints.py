from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.serve.gateway import Gateway
from vernacular.audit.keys import AuditKeys
from vernacular.db.models import RedteamRunRow
from vernacular.redteam.case import Outcome
from vernacular.redteam.report import check, read_report, signed_report
from vernacular.redteam.store import add_run
from vernacular.tenancy import TenantScope

PATH = "/v1/admin/redteam"
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


def keep(gateway: Gateway, slug: str, day: int = 0) -> str:
    outcomes = [
        Outcome("a/1", "injection", "es-MX", "join", "held"),
        Outcome("a/2", "injection", "en", "join", "broken"),
    ]
    report = signed_report(AuditKeys(gateway.services.settings.home), {"tenant": slug}, outcomes)
    figures = read_report(report)["figures"]
    row = RedteamRunRow(suites=["injection"], figures=figures, report=report, created_at=BEGIN + timedelta(day))
    with gateway.services.database.write() as session:
        return str(add_run(TenantScope(session, gateway.tenants[slug]), row).id)


class TestRuns:
    def test_are_listed_the_last_one_first(self, gateway: Gateway, key: str) -> None:
        runs = [keep(gateway, "acme", day) for day in (0, 2, 1)]
        listed = gateway.call("GET", PATH, key).json()["data"]
        assert [run["id"] for run in listed] == [runs[1], runs[2], runs[0]]
        assert listed[0]["figures"]["suites"]["injection"]["succeeded"] == 1
        assert "report" not in listed[0]
        assert len(gateway.call("GET", f"{PATH}?limit=1", key).json()["data"]) == 1

    def test_show_a_report_that_can_be_verified(self, gateway: Gateway, key: str) -> None:
        run = keep(gateway, "acme")
        found = gateway.call("GET", f"{PATH}/{run}", key).json()
        assert found["id"] == run
        assert check(found["report"], found["public_key"].encode()).holds

    def test_are_not_shown_to_others(self, gateway: Gateway, key: str) -> None:
        gateway.tenant("harbour")
        foreign, own = keep(gateway, "harbour"), keep(gateway, "acme")
        assert gateway.call("GET", f"{PATH}/{foreign}", key).status_code == 404
        assert gateway.call("GET", f"{PATH}/{own}", gateway.key("acme", "editor")).status_code == 403
        assert [run["id"] for run in gateway.call("GET", PATH, key).json()["data"]] == [own]
