from __future__ import annotations

import fcntl
from datetime import timedelta
from pathlib import Path

import pytest

from tests.contracts.fakes import InMemoryVectorStore
from tests.serve.fakes import FakeRag
from tests.serve.gateway import Gateway, running_gateway
from vernacular.access.operators import OperatorKeys
from vernacular.db.base import now
from vernacular.db.models import JobRow
from vernacular.jobs import worker_lock
from vernacular.tenancy import Platform, TenantScope


class TestReadiness:
    def test_names_every_part(self, gateway: Gateway) -> None:
        response = gateway.call("GET", "/readyz")
        assert response.status_code == 200
        assert response.json()["ready"] is True
        assert set(response.json()["parts"]) == {"sql", "vectors", "jobs", "models", "quotas"}

    def test_says_that_the_vectors_are_down(self, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(InMemoryVectorStore, "ready", lambda _self: False)
        response = gateway.call("GET", "/readyz")
        assert response.status_code == 503
        assert response.json()["ready"] is False
        assert response.json()["parts"]["vectors"] == {
            "ready": False,
            "detail": "the vector store (edge) does not answer",
        }
        assert response.json()["parts"]["sql"]["ready"] is True

    def test_says_that_no_worker_takes_up_the_jobs(self, gateway: Gateway) -> None:
        long_ago = now() - timedelta(hours=1)
        with gateway.services.database.write() as session:
            row = JobRow(kind="ingest", created_at=long_ago, updated_at=long_ago)
            TenantScope(session, gateway.tenants["acme"]).add(row)
        response = gateway.call("GET", "/readyz")
        assert response.status_code == 503
        assert "no worker has touched" in response.json()["parts"]["jobs"]["detail"]

    def test_says_that_the_worker_beside_it_is_down(self, home: Path) -> None:
        with running_gateway(home, FakeRag(), worker=True) as gateway:
            response = gateway.call("GET", "/readyz")
            assert response.status_code == 503
            assert "the ingest worker is not running" in response.json()["parts"]["jobs"]["detail"]
            with worker_lock(home).open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                assert gateway.call("GET", "/readyz").json()["ready"] is True
            assert gateway.call("GET", "/readyz").status_code == 503

    def test_needs_no_worker_elsewhere_while_nothing_waits(self, gateway: Gateway) -> None:
        assert gateway.call("GET", "/readyz").json()["parts"]["jobs"] == {
            "ready": True,
            "detail": "jobs are taken up",
        }


class TestMetrics:
    def test_count_requests_by_route_and_answers_by_outcome(self, gateway: Gateway, key: str) -> None:
        gateway.put("acme", "a", "text")
        gateway.ask(key, "What does it cost?")
        gateway.ask(key, "something unknown")
        gateway.call("GET", "/v1/documents/one", key)
        gateway.call("GET", "/v1/documents/two", key)
        figures = gateway.call("GET", "/metrics").text
        assert 'vernacular_answers_total{outcome="answered",reason="answered"} 1.0' in figures
        assert 'vernacular_answers_total{outcome="declined",reason="nothing_found"} 1.0' in figures
        route = 'method="GET",route="/v1/documents/{document_id}",status="404"'
        assert f"vernacular_http_requests_total{{{route}}} 2.0" in figures
        assert "vernacular_documents 1.0" in figures

    def test_hold_no_tenants_word_and_no_path(self, gateway: Gateway, key: str) -> None:
        gateway.ask(key, "a very private question")
        gateway.call("GET", "/some/secret/path")
        figures = gateway.call("GET", "/metrics").text
        assert not any(word in figures for word in ("private", "secret", "acme"))


def operators_key(gateway: Gateway) -> str:
    with gateway.services.database.write() as session:
        return OperatorKeys(gateway.ring).issue(session)


class TestFiguresByTenant:
    def test_are_told_to_operators_alone(self, gateway: Gateway, key: str) -> None:
        gateway.put("acme", "a", "text")
        gateway.call("GET", "/v1/documents", key)
        gateway.call("GET", "/v1/documents", "vk_wrong")
        for other in (None, key, "vo_wrong"):
            assert "acme" not in gateway.call("GET", "/metrics", other).text
        figures = gateway.call("GET", "/metrics", operators_key(gateway)).text
        assert 'vernacular_tenant_requests_total{status="200",tenant="acme"} 1.0' in figures
        assert 'vernacular_tenant_documents{tenant="acme"} 1.0' in figures
        assert 'vernacular_tenant_documents{tenant="other"} 0.0' in figures
        assert "vernacular_documents 1.0" in figures

    def test_and_all_others_can_be_too(self, home: Path, rag: FakeRag) -> None:
        with running_gateway(home, rag, metrics="operator") as gateway:
            gateway.tenant("acme")
            assert gateway.call("GET", "/metrics").status_code == 401
            assert gateway.call("GET", "/metrics", gateway.key("acme")).status_code == 403
            assert "acme" in gateway.call("GET", "/metrics", operators_key(gateway)).text

    def test_or_be_told_to_everyone(self, home: Path, rag: FakeRag) -> None:
        with running_gateway(home, rag, metrics="tenants") as gateway:
            gateway.tenant("acme")
            assert 'vernacular_tenant_documents{tenant="acme"} 0.0' in gateway.call("GET", "/metrics").text

    def test_forget_tenants_that_are_gone(self, home: Path, rag: FakeRag) -> None:
        with running_gateway(home, rag, metrics="tenants") as gateway:
            tenant = gateway.tenant("acme")
            gateway.call("GET", "/metrics")
            with gateway.services.database.write() as session:
                Platform(session).delete_tenant(tenant)
            assert "vernacular_tenant_documents{" not in gateway.call("GET", "/metrics").text
