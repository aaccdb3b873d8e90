from __future__ import annotations

import json
import re
from pathlib import Path

import yaml
from prometheus_client import CollectorRegistry

from serve.engine.pool.figures import ModelFigures
from vernacular.telemetry import Metrics

DEPLOY = Path(__file__).parent.parent.parent / "deploy"
OF_VLLM = {
    "vllm:kv_cache_usage_perc",
    "vllm:prefix_cache_queries_total",
    "vllm:prefix_cache_hits_total",
    "vllm:num_requests_running",
    "vllm:num_requests_waiting",
    "vllm:num_preemptions_total",
}
"""Seen on /metrics of vLLM 0.32."""


def asked() -> list[str]:
    found = json.loads((DEPLOY / "grafana" / "dashboards" / "vernacular.json").read_text(encoding="utf-8"))
    return [target["expr"] for panel in found["panels"] for target in panel["targets"]]


def series(registry: CollectorRegistry) -> dict[str, set[str]]:
    """Name of each series → its labels."""
    found: dict[str, set[str]] = {}
    for family in registry._names_to_collectors.values():
        labels = set(getattr(family, "_labelnames", ()))
        for name in family.describe() if hasattr(family, "describe") else ():
            suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}.get(name.type, ("",))
            found |= {f"{name.name}{suffix}": labels | {"le"} for suffix in suffixes}
    return found


def test_the_dashboard_asks_for_figures_that_are_told() -> None:
    metrics = Metrics()
    ModelFigures(metrics.registry)
    told = series(metrics.registry)
    names = {name for expression in asked() for name in re.findall(r"(?:vernacular_|vllm:)\w+", expression)}
    assert names
    assert {name for name in names if name.startswith("vllm:")} <= OF_VLLM
    assert {name for name in names if name.startswith("vernacular_")} <= set(told)


def test_the_dashboard_groups_by_labels_that_the_figures_have() -> None:
    metrics = Metrics()
    ModelFigures(metrics.registry)
    told = series(metrics.registry)
    for expression in asked():
        names = re.findall(r"vernacular_\w+", expression)
        grouped = {label for labels in re.findall(r"by \(([^)]*)\)", expression) for label in labels.split(", ")}
        for name in names:
            assert grouped <= told[name], expression


def test_prometheus_asks_the_gateway() -> None:
    (job,) = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"]
    assert job["dns_sd_configs"] == [{"names": ["gateway"], "type": "A", "port": 8080}]


def test_grafana_finds_prometheus_and_the_dashboards() -> None:
    provisioning = DEPLOY / "grafana" / "provisioning"
    (source,) = yaml.safe_load((provisioning / "datasources" / "prometheus.yml").read_text("utf-8"))["datasources"]
    (provider,) = yaml.safe_load((provisioning / "dashboards" / "vernacular.yml").read_text("utf-8"))["providers"]
    assert source["url"] == "http://prometheus:9090"
    assert provider["options"]["path"] == "/etc/grafana/dashboards"
    dashboard = json.loads((DEPLOY / "grafana" / "dashboards" / "vernacular.json").read_text(encoding="utf-8"))
    assert {panel["datasource"]["uid"] for panel in dashboard["panels"]} == {source["uid"]}
