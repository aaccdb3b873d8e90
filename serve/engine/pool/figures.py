from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

FIRST_TOKEN_BUCKETS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
ANSWER_BUCKETS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0)


class ModelFigures:
    """What the gateway counts about its model servers. `model` is a base model's name; adapters, which are a tenant's,
    never become labels."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = Counter(
            "vernacular_model_requests",
            "Requests to models, by how they ended: ok, interrupted, unavailable, busy, refused, cancelled.",
            ["model", "outcome"],
            registry=registry,
        )
        self.retries = Counter(
            "vernacular_model_retries", "Tries after the first, before any token.", ["model"], registry=registry
        )
        self.breaker_opens = Counter(
            "vernacular_model_breaker_opens",
            "Times a replica was taken out for failing.",
            ["replica"],
            registry=registry,
        )
        self.fallbacks = Counter(
            "vernacular_model_fallbacks", "Questions answered without the model, by why.", ["reason"], registry=registry
        )
        self.tokens = Counter(
            "vernacular_model_tokens", "Tokens read and written.", ["model", "kind"], registry=registry
        )
        self.in_flight = Gauge("vernacular_model_in_flight", "Requests under way.", ["model"], registry=registry)
        self.waiting = Gauge("vernacular_model_waiting", "Requests in the queue.", ["model"], registry=registry)
        self.first_token = Histogram(
            "vernacular_model_first_token_seconds",
            "From the question's place in the queue to the first token.",
            ["model"],
            buckets=FIRST_TOKEN_BUCKETS,
            registry=registry,
        )
        self.seconds = Histogram(
            "vernacular_model_request_seconds",
            "From the question's place in the queue to the last token.",
            ["model"],
            buckets=ANSWER_BUCKETS,
            registry=registry,
        )
