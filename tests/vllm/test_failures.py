"""What a client sees when it leaves, when vLLM dies, and when there are too many."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from bench.nano.facts import FEE, places
from tests.vllm.conftest import Stack
from tests.vllm.processes import MODEL, GatewayServer, Tenant, until

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(600)]
CROWD = 24


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


def lines_of(response: httpx.Response) -> Iterator[str]:
    return (line for line in response.iter_lines() if line)


def first_words(lines: Iterator[str]) -> str:
    """Read on until something was said."""
    for line in lines:
        chunk = json.loads(line.removeprefix("data: "))
        if said := chunk["choices"][0]["delta"].get("content"):
            return str(said)
    raise AssertionError("nothing was said")


def streaming(client: httpx.Client, tenant: Tenant) -> httpx.Response:
    body = {
        "model": "default",
        "messages": [{"role": "user", "content": tenant.places[0].question(FEE)}],
        "stream": True,
    }
    headers = {"Authorization": f"Bearer {tenant.key}"}
    request = client.build_request("POST", f"{tenant.gateway.url}/v1/chat/completions", json=body, headers=headers)
    return client.send(request, stream=True)


class TestCancelling:
    def test_a_client_that_leaves_stops_vllm(self, stack: Stack, talker: Tenant) -> None:
        aborted = stack.model.metric("request_success_total", finished_reason="abort")
        with httpx.Client(timeout=60) as client:
            response = streaming(client, talker)
            first_words(lines_of(response))
            assert stack.model.metric("num_requests_running") == 1
            response.close()
        until(lambda: stack.model.metric("num_requests_running") == 0, "vLLM to stop", 10)
        assert stack.model.metric("request_success_total", finished_reason="abort") == aborted + 1


class TestDeath:
    def test_a_stream_ends_cleanly_and_the_next_question_is_answered_without_a_model(
        self, stack: Stack, talker: Tenant
    ) -> None:
        place = stack.harbour.places[0]
        with httpx.Client(timeout=60) as client:
            response = streaming(client, talker)
            lines = lines_of(response)
            first_words(lines)
            stack.model.kill()
            rest = list(lines)
        assert rest[-1] == "data: [DONE]"
        ending = json.loads(rest[-2].removeprefix("data: "))
        assert ending["choices"][0]["finish_reason"] is not None
        assert ending["choices"][0]["delta"]["annotations"]
        answer = stack.harbour.answer(place.question(FEE))
        assert (answer.about["answered"], answer.about["mode"]) == (True, "extractive")
        assert answer.about["fallback"]
        assert place.values[FEE] in answer.text
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
