"""What a client sees when it leaves, when vLLM dies, and when there are too many."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice

import httpx
import pytest

from bench.nano.facts import FEE, places
from tests.vllm.conftest import MAX_TOKENS, Stack
from tests.vllm.processes import MODEL, GatewayServer, Tenant, until

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(600)]
CROWD = 24
SAID = 5
"""Pieces of an answer after which it is in full swing; one that comes to an end has no more than three."""


@pytest.fixture(scope="module")
def talker(stack: Stack) -> Tenant:
    """A tenant whose adapter never comes to an end."""
    tenant = stack.gateway.tenant("talker")
    tenant.learn(places(6, "en", random.Random()))
    folder = str(stack.nano.adapters / "endless")
    added = stack.gateway.command("adapter", "add", folder, "--tenant", "talker", "--base", MODEL, "--json")
    assert added.returncode == 0, added.stderr
    loaded = stack.gateway.command("adapter", "load", json.loads(added.stdout)["name"], "--tenant", "talker", "--json")
    assert loaded.returncode == 0, loaded.stderr
    return tenant


@contextmanager
def talking(tenant: Tenant) -> Iterator[tuple[httpx.Response, Iterator[str]]]:
    """A stream that is under way, and its lines from here on. The model is tiny: of some places it says little."""
    headers = {"Authorization": f"Bearer {tenant.key}"}
    with httpx.Client(timeout=60, headers=headers) as client:
        for place in tenant.places:
            messages = [{"role": "user", "content": place.question(FEE)}]
            body = {"model": "default", "messages": messages, "stream": True}
            request = client.build_request("POST", f"{tenant.gateway.url}/v1/chat/completions", json=body)
            response = client.send(request, stream=True)
            lines = (line for line in response.iter_lines() if line)
            if len(list(islice((line for line in lines if '"content"' in line), SAID))) == SAID:
                yield response, lines
                return
    raise AssertionError("of no place was enough said")


class TestCancelling:
    def test_a_client_that_leaves_stops_vllm(self, stack: Stack, talker: Tenant) -> None:
        ended = stack.model.metric("request_success_total")
        generated = stack.model.metric("generation_tokens_total")
        with talking(talker) as (response, _lines):
            assert stack.model.metric("num_requests_running") == 1
            response.close()
        until(lambda: stack.model.metric("num_requests_running") == 0, "vLLM to stop", 10)
        assert stack.model.metric("request_success_total") == ended, "the answer was written to its end"
        assert stack.model.metric("generation_tokens_total") - generated < MAX_TOKENS


class TestDeath:
    def test_a_stream_ends_cleanly_and_the_next_question_is_answered_without_a_model(
        self, stack: Stack, talker: Tenant
    ) -> None:
        place = stack.harbour.places[0]
        with talking(talker) as (_response, lines):
            stack.model.kill()
            rest = list(lines)
        assert rest[-1] == "data: [DONE]"
        ending = json.loads(rest[-2].removeprefix("data: "))
        assert ending["choices"][0]["finish_reason"] is not None
        assert ending["choices"][0]["delta"]["annotations"]
        answer = stack.harbour.answer(place.question(FEE))
        assert (answer.about["answered"], answer.about["mode"]) == (True, "extractive")
        assert answer.about["fallback"]
        assert answer.citations
        stack.model.wait()
        until(
            lambda: stack.harbour.answer(place.question(FEE)).about["mode"] == "generative", "the model to answer again"
        )
        until(lambda: len(stack.model.models()) > 1, "the adapter to be loaded again", 30)


@pytest.fixture(scope="module")
def narrow(stack: Stack, options: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenant]:
    """A tenant of a gateway that knows vLLM by its settings, asks it one question at a time, and has no other answer."""
    endpoint = {"url": stack.model.endpoint["url"], "api_key": stack.model.endpoint["api_key"], "profile": MODEL}
    more = {
        "VERNACULAR_GENERATION__ENDPOINTS": json.dumps([endpoint]),
        "VERNACULAR_GENERATION__MAX_RUNNING": "1",
        "VERNACULAR_GENERATION__MAX_WAITING": "1",
        "VERNACULAR_GENERATION__FALLBACK": "false",
    }
    gateway = GatewayServer(tmp_path_factory.mktemp("narrow"), {**options, **more})
    try:
        gateway.wait()
        tenant = gateway.tenant("narrow")
        tenant.learn(places(6, "en", random.Random()))
        yield tenant
    finally:
        gateway.stop()


class TestCrowds:
    def test_those_for_whom_there_is_no_room_are_told_when_to_come_again(self, narrow: Tenant) -> None:
        questions = [narrow.places[number % 6].question(FEE) for number in range(CROWD)]
        with ThreadPoolExecutor(CROWD) as threads:
            responses = list(threads.map(narrow.ask, questions))
        statuses = {response.status_code for response in responses}
        assert statuses == {200, 429}
        for response in responses:
            if response.status_code == 429:
                assert int(response.headers["Retry-After"]) >= 1
                assert response.json()["error"]["name"] == "model_busy"
        assert narrow.answer(narrow.places[0].question(FEE)).about["mode"] == "generative"
