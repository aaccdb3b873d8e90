"""Tokens against their limits, over HTTP: of quotes, and of what a model writes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from serve.chat.usage import count_tokens
from tests.serve.chat.test_generation import BIKES, QUESTION, TRUE, says
from tests.serve.engine.fake_model_server import FakeModelServer, fake_model_server
from tests.serve.gateway import Gateway, running_gateway
from vernacular.quotas.usage import Used, add_usage
from vernacular.tenancy import TenantScope


def tenant(gateway: Gateway, tokens: int, slug: str = "town") -> str:
    gateway.tenant(slug, profile={"quotas": {"tenant": {"tokens_per_day": tokens}}})
    return gateway.key(slug)


def remaining(gateway: Gateway, key: str) -> int:
    limits = gateway.call("GET", "/v1/usage", key).json()["limits"]
    return int(next(each["remaining"] for each in limits if each["unit"] == "tokens"))


class TestQuotes:
    def test_are_charged_as_the_response_tells(self, gateway: Gateway) -> None:
        key = tenant(gateway, 1000)
        used = sum(gateway.ask(key, "What is the fee?").json()["usage"]["total_tokens"] for _ in range(3))
        assert remaining(gateway, key) == 1000 - used
        total = gateway.call("GET", "/v1/usage", key).json()["total"]
        assert total["total_tokens"] == used

    def test_end_when_there_is_no_more(self, gateway: Gateway) -> None:
        key = tenant(gateway, 60)
        found = [gateway.ask(key, "What is the fee?") for _ in range(12)]
        answered = [each for each in found if each.status_code == 200]
        used = sum(each.json()["usage"]["total_tokens"] for each in answered)
        assert 60 - 25 <= used <= 60
        assert found[-1].status_code == 429
        assert int(found[-1].headers["retry-after"]) > 60
        assert "hours" in found[-1].json()["error"]["hint"] or "minutes" in found[-1].json()["error"]["hint"]

    def test_are_not_more_when_all_are_asked_for_at_once(self, gateway: Gateway) -> None:
        key = tenant(gateway, 200)
        with ThreadPoolExecutor(8) as callers:
            found = list(callers.map(lambda _: gateway.ask(key, "What is the fee?"), range(40)))
        used = sum(each.json()["usage"]["total_tokens"] for each in found if each.status_code == 200)
        assert {each.status_code for each in found} == {200, 429}
        assert 80 < used <= 200

    def test_cost_nothing_where_there_is_an_error(self, gateway: Gateway) -> None:
        key = tenant(gateway, 1000)
        assert gateway.ask(key, "x" * 9000).status_code == 400
        assert gateway.ask(key, "fee?", vernacular={"conversation_id": "nobody's"}).status_code in {200, 404}
        assert gateway.ask(key, "fee?", n=3).status_code == 400
        assert remaining(gateway, key) > 960

    def test_of_a_stream_that_has_no_room_are_refused_before_it_begins(self, gateway: Gateway) -> None:
        key = tenant(gateway, 3)
        refused = gateway.ask(key, "What is the fee for a parking permit?", stream=True)
        assert (refused.status_code, refused.json()["error"]["name"]) == (429, "quota_exceeded")

    def test_of_before_this_gateway_was_started_are_known(self, gateway: Gateway) -> None:
        key = tenant(gateway, 1000)
        today = datetime.now(UTC).date()
        with gateway.services.database.write() as session:
            scope = TenantScope(session, gateway.tenants["town"])
            add_usage(scope, [Used(today, "k9", "key", prompt_tokens=600, completion_tokens=100)])
            add_usage(scope, [Used(today - timedelta(days=3), "k9", "key", prompt_tokens=9000)])
        assert remaining(gateway, key) == 300


@pytest.fixture
def server() -> Iterator[FakeModelServer]:
    with fake_model_server() as running:
        yield running


@pytest.fixture
def opened(home: Path, server: FakeModelServer) -> Iterator[Gateway]:
    generation: dict[str, Any] = {"endpoints": [{"url": server.url}], "stream": "tokens"}
    with running_gateway(home, generation=generation) as running:
        yield running


def put(gateway: Gateway) -> None:
    gateway.put("town", "bikes", BIKES, title="Bicycle rental", language="en")
    for number in range(8):
        gateway.put("town", f"o{number}", f"Rule {number} is about libraries and holidays.", language="en")


def events(response: Any) -> list[dict[str, Any]]:
    lines = [line[6:] for line in response.text.splitlines() if line.startswith("data: ")]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


class TestModels:
    def test_are_charged_for_what_they_counted(self, opened: Gateway, server: FakeModelServer) -> None:
        key = tenant(opened, 100_000)
        put(opened)
        says(server, TRUE)
        answer = opened.ask(key, QUESTION).json()
        assert answer["vernacular"]["mode"] == "generative"
        assert remaining(opened, key) == 100_000 - answer["usage"]["total_tokens"]

    def test_are_not_asked_when_the_passages_have_no_room(self, opened: Gateway, server: FakeModelServer) -> None:
        key = tenant(opened, count_tokens(QUESTION) + 5)
        put(opened)
        says(server, TRUE)
        assert opened.ask(key, QUESTION).status_code == 429
        assert not server.requests

    def test_end_in_the_middle_and_say_so(self, opened: Gateway, server: FakeModelServer) -> None:
        room = 120
        key = tenant(opened, 700)
        put(opened)
        says(server, TRUE + " A bicycle costs 4 crowns an hour [1]." * 400, size=12, delay_s=0.002)
        told = events(opened.ask(key, QUESTION, stream=True, max_tokens=16_000))
        assert told[-1]["error"]["name"] == "quota_exceeded"
        said = "".join(each["choices"][0]["delta"].get("content") or "" for each in told[:-1])
        assert 0 < count_tokens(said) < 700 + room
        assert remaining(opened, key) < 150

    def test_give_back_what_was_charged_when_none_of_them_answers(
        self, opened: Gateway, server: FakeModelServer
    ) -> None:
        key = tenant(opened, 100_000)
        put(opened)
        says(server, TRUE, status=500)
        answer = opened.ask(key, QUESTION).json()
        assert answer["vernacular"]["mode"] == "extractive"
        assert remaining(opened, key) == 100_000 - answer["usage"]["total_tokens"]
