"""What the gateway tells of its model servers: administrators, probes, and Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from tests.serve.engine.fake_model_server import FakeModelServer, Script, fake_model_server
from tests.serve.fakes import FakeRag
from tests.serve.gateway import Gateway, running_gateway
from vernacular.settings import EndpointSettings

FIGURES = """# HELP vllm:num_requests_waiting Waiting.
# TYPE vllm:num_requests_waiting gauge
vllm:num_requests_waiting{model_name="fake-model"} 4.0
"""


@contextmanager
def gateway_with(home: Path, *servers: FakeModelServer, **generation: Any) -> Iterator[Gateway]:
    endpoints = [EndpointSettings(url=server.url, api_key=SecretStr("k-secret")) for server in servers]
    with running_gateway(home, FakeRag(), generation={"endpoints": endpoints, **generation}) as gateway:
        yield gateway


def admin(gateway: Gateway) -> str:
    gateway.tenant("acme")
    return gateway.key("acme")


class TestStatus:
    def test_shows_models_and_replicas(self, home: Path) -> None:
        with fake_model_server(metrics=FIGURES) as server, gateway_with(home, server) as gateway:
            (model,) = gateway.call("GET", "/v1/admin/models", admin(gateway)).json()["data"]
        assert (model["name"], model["context_tokens"], model["vision"]) == ("fake-model", 4096, False)
        (replica,) = model["replicas"]
        assert (replica["state"], replica["waiting"], replica["breaker"]) == ("up", 4, "closed")

    def test_shows_no_keys_and_no_adapters(self, home: Path) -> None:
        with (
            fake_model_server(adapters={"other-tenant": "/adapters/x"}) as server,
            gateway_with(home, server) as gateway,
        ):
            text = gateway.call("GET", "/v1/admin/models", admin(gateway)).text
        assert "k-secret" not in text
        assert "other-tenant" not in text

    def test_is_for_administrators(self, home: Path) -> None:
        with gateway_with(home) as gateway:
            assert gateway.call("GET", "/v1/admin/models", admin(gateway)).json() == {"data": []}
            assert gateway.call("GET", "/v1/admin/models", gateway.key("acme", "editor")).status_code == 403


class TestReadiness:
    def test_needs_no_model(self, home: Path) -> None:
        with gateway_with(home) as gateway:
            part = gateway.call("GET", "/readyz").json()["parts"]["models"]
        assert part == {"ready": True, "detail": "none configured: extractive answers"}

    def test_counts_replicas(self, home: Path) -> None:
        with fake_model_server() as one, fake_model_server() as two, gateway_with(home, one, two) as gateway:
            part = gateway.call("GET", "/readyz").json()["parts"]["models"]
        assert part == {"ready": True, "detail": "fake-model: 2 of 2 up"}

    def test_holds_with_every_model_down_only_by_the_fallback(self, home: Path) -> None:
        with fake_model_server(healthy=False) as server:
            with gateway_with(home, server) as gateway:
                response = gateway.call("GET", "/readyz")
                assert response.status_code == 200
                assert response.json()["parts"]["models"]["detail"] == "(unknown): 0 of 1 up; extractive answers"
            with gateway_with(home, server, fallback=False) as gateway:
                response = gateway.call("GET", "/readyz")
                assert response.status_code == 503
                assert response.json()["parts"]["models"]["ready"] is False


class TestMetrics:
    def test_hold_the_servers_own_figures_in_a_valid_text(self, home: Path) -> None:
        with fake_model_server(metrics=FIGURES) as one, fake_model_server(metrics=FIGURES) as two:
            with gateway_with(home, one, two) as gateway:
                text = gateway.call("GET", "/metrics").text
            ports = {server.url.removeprefix("http://").removesuffix("/v1") for server in (one, two)}
        families = {family.name: family for family in text_string_to_metric_families(text)}
        assert {sample.labels["replica"] for sample in families["vllm:num_requests_waiting"].samples} == ports
        assert "vernacular_model_requests" in families
        assert text.count("# TYPE vllm:num_requests_waiting ") == 1

    def test_count_answers_that_had_to_do_without_the_model(self, home: Path) -> None:
        with fake_model_server(Script(status=500)) as server:
            endpoints = [EndpointSettings(url=server.url)]
            with running_gateway(home, generation={"endpoints": endpoints}) as gateway:
                key = admin(gateway)
                gateway.put("acme", "permits", "The parking permit costs 450 dollars a month.")
                answer = gateway.ask(key, "What does the parking permit cost?").json()
                text = gateway.call("GET", "/metrics").text
        assert answer["vernacular"]["mode"] == "extractive"
        assert 'vernacular_model_fallbacks_total{reason="model_unavailable"} 1.0' in text
        assert 'vernacular_model_requests_total{model="fake-model",outcome="unavailable"} 1.0' in text
