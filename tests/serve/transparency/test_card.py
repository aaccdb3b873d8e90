from __future__ import annotations

from datetime import date
from typing import Any

from tests.serve.gateway import Gateway
from vernacular.db.models import AdapterRow, EvalRunRow, RedteamRunRow
from vernacular.tenancy import TenantScope


def card(gateway: Gateway, role: str = "public", **query: str) -> Any:
    return gateway.call("GET", "/v1/system-card", gateway.key("harbour", role=role), params=query)


class TestSystemCard:
    def test_says_what_answers_and_what_that_means(self, gateway: Gateway) -> None:
        gateway.tenant("harbour", languages=["en"], dialects=["yue-Hant-HK"])
        found = card(gateway).json()
        assert found["answers"] == "extractive"
        assert found["models"] == []
        assert found["safety"]["policy"] == "neutral"
        assert len(found["safety"]["version"]) == 16
        assert found["varieties"][0]["tag"] == "yue-Hant-HK"
        limits = " ".join(found["limits"])
        assert "No language model" in limits
        assert "not known" in limits
        assert "No contact is set" in limits

    def test_tells_evaluations_and_adapters_with_their_lineage(self, gateway: Gateway) -> None:
        tenant = gateway.tenant("harbour", profile={"contact": {"phone": "12"}})
        with gateway.services.database.write() as session:
            scope = TenantScope(session, tenant)
            run = {"questions": 20, "figures": {"all": {"recall@1": 0.9}}}
            scope.add(EvalRunRow(name="service", digest="d", outcomes=[], **run))
            scope.add(
                AdapterRow(
                    name="harbour-es",
                    base_model="m",
                    version=1,
                    path="p",
                    digest="d" * 64,
                    rank=8,
                    state="active",
                    lineage={"data": "letters of 2025"},
                )
            )
        found = card(gateway).json()
        assert found["evaluation"][0]["figures"]["all"]["recall@1"] == 0.9
        assert found["adapters"][0]["lineage"]["data"] == "letters of 2025"
        assert not any("evaluated" in limit or "contact" in limit for limit in found["limits"])

    def test_tells_how_long_the_tenant_itself_keeps_what_is_said(self, gateway: Gateway) -> None:
        gateway.tenant("harbour", profile={"retention": {"conversations_days": 90, "audit_days": 200}})
        oversight = card(gateway).json()["oversight"]
        assert (oversight["conversations_days"], oversight["audit_retention_days"]) == (90, 200)

    def test_counts_only_what_the_caller_may_read(self, gateway: Gateway) -> None:
        gateway.tenant("harbour")
        gateway.put("harbour", "open", "The pier opens at nine.", language="en")
        gateway.put("harbour", "closed", "The safe opens at ten.", language="en", groups=["staff"])
        assert card(gateway).json()["data"]["documents"] == 1
        assert card(gateway, role="editor").json()["data"]["documents"] == 2

    def test_tells_attacks_by_suite_and_no_more(self, gateway: Gateway) -> None:
        tenant = gateway.tenant("harbour", languages=["en"])
        pii = {"tried": 161, "succeeded": 2, "errors": 0, "languages": {"arz-Arab-EG": {"tried": 12}}}
        with gateway.services.database.write() as session:
            run = {"suites": ["pii"], "figures": {"all": pii, "suites": {"pii": pii}}, "report": "{}", "version": "1"}
            TenantScope(session, tenant).add(RedteamRunRow(**run))
        shown = card(gateway, format="markdown").text
        assert "| pii | 161 | 2 | 0 |" in shown
        assert "arz" not in shown.split("## Red team")[1].split("## Safety")[0]

    def test_is_markdown_in_which_names_are_only_names(self, gateway: Gateway) -> None:
        gateway.tenant("harbour", languages=["en"])
        gateway.put("harbour", "open", "The pier opens at nine.", language="en")
        response = card(gateway, format="markdown")
        assert response.headers["content-type"].startswith("text/markdown")
        assert response.text.startswith("# System card: Harbour")
        assert "## Known limits" in response.text


class TestDataSheet:
    def test_counts_by_source_language_and_type(self, gateway: Gateway) -> None:
        gateway.tenant("harbour")
        gateway.put("harbour", "a", "The pier opens at nine.", language="en", media_type="text/html")
        gateway.put("harbour", "b", "El muelle abre a las nueve.", language="es", valid_until=date(2020, 1, 1))
        found = gateway.call("GET", "/v1/data-sheet", gateway.key("harbour", role="editor")).json()
        assert found["documents"] == 2
        (source,) = found["sources"]
        assert source["languages"] == {"en": 1, "es": 1}
        assert source["expired"] == 1
        assert source["media_types"]["text/html"] == 1
        assert found["generations"][0]["state"] == "active"

    def test_is_for_editors(self, gateway: Gateway) -> None:
        gateway.tenant("harbour")
        assert gateway.call("GET", "/v1/data-sheet", gateway.key("harbour", role="member")).status_code == 403

    def test_of_a_tenant_without_documents_is_empty(self, gateway: Gateway) -> None:
        gateway.tenant("harbour")
        found = gateway.call("GET", "/v1/data-sheet", gateway.key("harbour")).json()
        assert (found["documents"], found["sources"]) == (0, [])
