"""Logs as JSON lines, and the figures Prometheus reads. Neither ever holds a tenant's text."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TextIO

import orjson
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

FIELDS = "fields"
LATENCY_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: `ts`, `level`, `logger`, `message`, and what `log(..., extra={"fields": {...}})` adds."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update(getattr(record, FIELDS, {}))
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return _dumps(line)


def _dumps(line: dict[str, object]) -> str:
    try:
        return orjson.dumps(line, default=str).decode()
    except orjson.JSONEncodeError:  # a lone surrogate in some value
        mended = {key: str(value).encode("utf-8", "backslashreplace").decode() for key, value in line.items()}
        return orjson.dumps(mended).decode()


def configure_logging(level: str, stream: TextIO | None = None) -> None:
    """Send all logs of this process as JSON lines to `stream` (standard error); call it once, where the process starts."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("httpx", "httpcore", "uvicorn.access", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class Metrics:
    """The gateway's figures, in registries of their own: those by tenant, whose names are not for everyone, in `by_tenant`.

    Labels are route templates and tenants' names, never paths or tenants' words.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.by_tenant = CollectorRegistry()
        self.tenant_requests = Counter(
            "vernacular_tenant_requests",
            "Requests of a tenant answered.",
            ["tenant", "status"],
            registry=self.by_tenant,
        )
        self.tenant_seconds = Counter(
            "vernacular_tenant_request_seconds", "Time its requests took.", ["tenant"], registry=self.by_tenant
        )
        self.tenant_documents = Gauge(
            "vernacular_tenant_documents", "Documents of a tenant.", ["tenant"], registry=self.by_tenant
        )
        self.requests = Counter(
            "vernacular_http_requests", "Requests answered.", ["method", "route", "status"], registry=self.registry
        )
        self.latency = Histogram(
            "vernacular_http_request_seconds",
            "Time to the last byte of the response.",
            ["method", "route"],
            buckets=LATENCY_BUCKETS,
            registry=self.registry,
        )
        self.answers = Counter(
            "vernacular_answers", "Questions answered or declined.", ["outcome", "reason"], registry=self.registry
        )
        self.model_failures = Counter(
            "vernacular_search_model_failures",
            "Failures of the embedding or reranking model, or to suppose what documents say; searches went on without.",
            ["model"],
            registry=self.registry,
        )
        self.modes = Counter(
            "vernacular_answer_modes",
            "Answers by who wrote them, and why quotes came though a model was asked.",
            ["mode", "fallback"],
            registry=self.registry,
        )
        self.searches = Counter("vernacular_searches", "Searches served.", registry=self.registry)
        self.quota_refusals = Counter(
            "vernacular_quota_refusals",
            "Requests refused for want of quota, by whose (tenant, principal, visitor) and of what span.",
            ["whose", "span"],
            registry=self.registry,
        )
        self.tenants = Gauge("vernacular_tenants", "Tenants held.", registry=self.registry)
        self.documents = Gauge("vernacular_documents", "Documents held.", registry=self.registry)

    def observe_request(self, method: str, route: str, status: int, seconds: float, tenant: str = "") -> None:
        """`tenant`: the name of the caller's; empty: the caller was not let in, or is an operator."""
        self.requests.labels(method, route, str(status)).inc()
        self.latency.labels(method, route).observe(seconds)
        if tenant:
            self.tenant_requests.labels(tenant, str(status)).inc()
            self.tenant_seconds.labels(tenant).inc(seconds)

    def set_documents(self, held: Mapping[str, int]) -> None:
        """Documents by tenant's name."""
        self.tenant_documents.clear()
        for tenant, documents in held.items():
            self.tenant_documents.labels(tenant).set(documents)
        self.tenants.set(len(held))
        self.documents.set(sum(held.values()))

    def observe_mode(self, mode: str, fallback: str) -> None:
        self.modes.labels(mode, fallback).inc()

    def observe_answer(self, answered: bool, reason: str) -> None:
        self.answers.labels("answered" if answered else "declined", reason).inc()

    def observe_model_failure(self, model: str) -> None:
        """`model`: `embedding`, `rerank` or `hypothesis`."""
        self.model_failures.labels(model).inc()

    def render(self, *, by_tenant: bool = False) -> bytes:
        """The figures in Prometheus' text format; `by_tenant`: with those that name tenants."""
        return generate_latest(self.registry) + (generate_latest(self.by_tenant) if by_tenant else b"")
