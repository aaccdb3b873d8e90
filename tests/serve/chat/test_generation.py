from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response

from serve.rag.answering import Prepared
from tests.serve.chat.test_endpoints import chunks
from tests.serve.engine.fake_model_server import FakeModelServer, Script, fake_model_server
from tests.serve.gateway import Gateway, running_gateway
from vernacular.db.models import MessageRow
from vernacular.settings import DialectSettings
from vernacular.tenancy import TenantScope
from vernacular.types import Understanding

BIKES = (
    "Residents may rent a bicycle at any station of the town. A bicycle costs 4 crowns an hour, and the first half hour is "
    "free. Bicycles must be returned to a station before midnight."
)
QUESTION = "How much does a bicycle cost an hour?"
TRUE = "A bicycle costs 4 crowns an hour [1]."
FALSE = "A bicycle costs 9 crowns an hour [1]."
Open = Callable[..., AbstractContextManager[Gateway]]


@pytest.fixture
def server() -> Iterator[FakeModelServer]:
    with fake_model_server() as running:
        yield running


@pytest.fixture
def opened(home: Path, server: FakeModelServer) -> Open:
    """Opens a gateway in front of the server, with the tenant acme and a document on bicycles."""

    @contextmanager
    def open_gateway(tenant: dict[str, Any] | None = None, **generation: Any) -> Iterator[Gateway]:
        settings = {"endpoints": [{"url": server.url}], "wait_s": 0.2, **generation}
        with running_gateway(home, generation=settings) as running:
            running.tenant("acme", **(tenant or {}))
            running.put("acme", "bikes", BIKES, title="Bicycle rental", language="en")
            for number in range(8):
                running.put("acme", f"o{number}", f"Rule {number} is about libraries and holidays.", language="en")
            yield running

    return open_gateway


def says(server: FakeModelServer, text: str, size: int = 3, **script: Any) -> None:
    tokens = tuple(text[at : at + size] for at in range(0, len(text), size))
    server.script = Script(tokens=tokens, **script)


def said(response: Response) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """The text of a stream, its last chunk's choice, and its `vernacular`."""
    got = chunks(response.text)
    text = "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in got if chunk["choices"])
    last = next(chunk for chunk in got if "vernacular" in chunk)
    return text, last["choices"][0], last["vernacular"]


def kept(gateway: Gateway) -> list[MessageRow]:
    with gateway.services.database.read() as session:
        scope = TenantScope(session, gateway.tenants["acme"])
        return list(scope.execute(scope.select(MessageRow).order_by(MessageRow.position)).scalars())


def soon(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.01)
    return holds()


class TestAnswer:
    def test_is_the_models_with_citations_that_stand_in_the_document(
        self, opened: Open, server: FakeModelServer
    ) -> None:
        says(server, TRUE)
        with opened() as gateway:
            key = gateway.key("acme")
            body = gateway.ask(key, QUESTION).json()
            note = body["choices"][0]["message"]["annotations"][0]
            content = gateway.call("GET", f"/v1/documents/{note['file_id']}/content", key).json()["text"]
        assert body["choices"][0]["message"]["content"] == TRUE
        assert content[note["start"] : note["end"]] == note["quote"]
        assert note["quote"].startswith("A bicycle costs 4 crowns")
        about = body["vernacular"]
        assert (about["mode"], about["model"], about["prompt"]) == ("generative", "fake-model", "answer.v4")
        assert (about["answered"], about["fallback"]) == (True, None)
        assert body["usage"]["prompt_tokens"] == 7

    def test_streams_each_sentence_once_it_is_verified(self, opened: Open, server: FakeModelServer) -> None:
        says(server, f"{TRUE} {FALSE} The first half hour is free [1].")
        with opened() as gateway:
            text, choice, about = said(gateway.ask(gateway.key("acme"), QUESTION, stream=True))
        assert text == f"{TRUE} The first half hour is free [1]."
        assert choice["finish_reason"] == "stop"
        assert len(choice["delta"]["annotations"]) == 1
        assert about["dropped"] == 1

    def test_flags_what_is_not_borne_out_where_tokens_are_streamed(self, opened: Open, server: FakeModelServer) -> None:
        says(server, f"{TRUE} {FALSE}")
        with opened(stream="tokens") as gateway:
            text, _choice, about = said(gateway.ask(gateway.key("acme"), QUESTION, stream=True))
        assert [text[start:end] for start, end in about["unsupported"]] == ["A bicycle costs 9 crowns an hour."]

    def test_is_declined_where_the_model_finds_none(self, opened: Open, server: FakeModelServer) -> None:
        says(server, "NO_ANSWER")
        with opened() as gateway:
            text, _choice, about = said(gateway.ask(gateway.key("acme"), QUESTION, stream=True))
        assert (about["answered"], about["reason"]) == (False, "no_answer")
        assert QUESTION in text

    def test_falls_back_to_quotes_where_nothing_is_borne_out(self, opened: Open, server: FakeModelServer) -> None:
        says(server, "The moon is made of cheese [1]. Mars is red [2].")
        with opened() as gateway:
            body = gateway.ask(gateway.key("acme"), QUESTION).json()
        assert (body["vernacular"]["mode"], body["vernacular"]["fallback"]) == ("extractive", "unsupported")
        assert "4 crowns an hour" in body["choices"][0]["message"]["content"]

    def test_keeps_code_whole(self, opened: Open, server: FakeModelServer) -> None:
        says(server, f"{TRUE}\n\n```python\nprint(4)\n\n\nprint('[1] <b>')\n```\n")
        with opened() as gateway:
            text, _choice, about = said(gateway.ask(gateway.key("acme"), QUESTION, stream=True))
        assert text.endswith("```python\nprint(4)\n\n\nprint('[1] <b>')\n```")
        (block,) = about["code"]
        assert (block["language"], block["verified"]) == ("python", False)
        assert text[block["start"] : block["end"]].startswith("```python")

    def test_asks_no_model_about_what_no_document_speaks_of(self, opened: Open, server: FakeModelServer) -> None:
        with opened() as gateway:
            about = gateway.ask(gateway.key("acme"), "Who won the chess championship?").json()["vernacular"]
        assert not about["answered"]
        assert server.requests == []

    def test_is_counted_by_who_wrote_it(self, opened: Open, server: FakeModelServer) -> None:
        says(server, TRUE)
        with opened() as gateway:
            gateway.ask(gateway.key("acme"), QUESTION)
            says(server, "", status=500)
            gateway.ask(gateway.key("acme"), QUESTION)
            figures = gateway.http.get("/metrics").text
        assert 'vernacular_answer_modes_total{fallback="",mode="generative"} 1.0' in figures
        assert 'vernacular_answer_modes_total{fallback="model_unavailable",mode="extractive"} 1.0' in figures


class TestRequest:
    def test_carries_the_tenants_voice_and_fenced_passages(self, opened: Open, server: FakeModelServer) -> None:
        says(server, TRUE)
        profile = {"persona": "You are Rita.", "register": "plain", "glossary": {"bike": "a bicycle"}}
        with opened(tenant={"profile": profile}) as gateway:
            gateway.ask(gateway.key("acme"), QUESTION)
        system, user = server.requests[0]["messages"]
        assert system["content"].startswith("You are Rita.")
        assert "bike: a bicycle" in system["content"]
        assert BIKES in user["content"]
        assert "<<passage 1 " in user["content"]

    def test_keeps_tenants_apart_in_the_servers_cache(self, opened: Open, server: FakeModelServer) -> None:
        says(server, TRUE)
        with opened() as gateway:
            gateway.tenant("other")
            gateway.put("other", "bikes", BIKES, title="Bicycle rental", language="en")
            for tenant in ("acme", "acme", "other"):
                gateway.ask(gateway.key(tenant), QUESTION)
        one, same, other = [request["cache_salt"] for request in server.requests]
        assert one == same != other

    def test_hands_on_the_temperature_and_no_more_tokens_than_are_allowed(
        self, opened: Open, server: FakeModelServer
    ) -> None:
        says(server, TRUE)
        with opened(max_tokens=300) as gateway:
            gateway.ask(gateway.key("acme"), QUESTION, temperature=0, max_tokens=5000, seed=7)
        sent = server.requests[0]
        assert (sent["temperature"], sent["max_tokens"], sent["seed"]) == (0, 300, 7)

    def test_refuses_a_seed_that_no_server_could_take(self, opened: Open, server: FakeModelServer) -> None:
        with opened() as gateway:
            assert gateway.ask(gateway.key("acme"), QUESTION, seed=10**30).status_code == 400
        assert server.requests == []

    def test_asks_the_tenants_own_model(self, opened: Open, server: FakeModelServer) -> None:
        with opened(tenant={"profile": {"models": {"en": "their-model"}}}) as gateway:
            about = gateway.ask(gateway.key("acme"), QUESTION).json()["vernacular"]
        assert (about["model"], about["fallback"]) == ("their-model", "model_unavailable")

    def test_rewrites_a_follow_up_before_searching(self, opened: Open, server: FakeModelServer) -> None:
        rewritten = json.dumps({"question": "Until when must a bicycle be returned?"})
        says(server, "Bicycles must be returned before midnight [1].")
        server.scripts = deque([Script(tokens=(rewritten,))])
        messages = [
            {"role": "user", "content": QUESTION},
            {"role": "assistant", "content": "4 crowns [1]."},
            {"role": "user", "content": "And until when must it be returned?"},
        ]
        with opened() as gateway:
            body = gateway.call(
                "POST", "/v1/chat/completions", gateway.key("acme"), json={"model": "default", "messages": messages}
            ).json()
        rewriting, answering = server.requests
        assert rewriting["response_format"]["type"] == "json_schema"
        assert rewriting["temperature"] == 0
        assert answering["messages"][-1]["content"].count("And until when must it be returned?") == 1
        assert body["choices"][0]["message"]["content"] == "Bicycles must be returned before midnight [1]."

    def test_expands_the_rewritten_question_and_not_the_one_before(
        self, opened: Open, server: FakeModelServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        question = "Until when must a velocipede be returned?"
        says(server, "Bicycles must be returned before midnight [1].")
        server.scripts = deque([Script(tokens=(json.dumps({"question": question}),))])
        messages = [
            {"role": "user", "content": "How much does a velocipede cost an hour?"},
            {"role": "assistant", "content": "4 crowns [1]."},
            {"role": "user", "content": "And until when must it be returned?"},
        ]
        prepared: list[Understanding] = []
        with opened(tenant={"profile": {"dialect": {"synonyms": {"velocipede": ["bicycle"]}}}}) as gateway:
            prepare = gateway.services.rag.prepare

            def noted(scope: TenantScope, understanding: Understanding, **wishes: Any) -> Prepared:
                prepared.append(understanding)
                return prepare(scope, understanding, **wishes)

            monkeypatch.setattr(gateway.services.rag, "prepare", noted)
            gateway.call(
                "POST", "/v1/chat/completions", gateway.key("acme"), json={"model": "default", "messages": messages}
            )
        (found,) = prepared
        own = [each for each in found.expansions if each.kind == "glossary"]
        assert [(found.query[each.start : each.end], each.terms) for each in own] == [("velocipede", ("bicycle",))]
        assert found.query == question

    def test_searches_for_what_a_model_supposes_where_that_is_wanted(
        self, opened: Open, server: FakeModelServer
    ) -> None:
        supposed = {"question": "hourly price of bicycle rental", "passage": "A bicycle costs so much an hour."}
        says(server, TRUE)
        server.scripts = deque([Script(tokens=(json.dumps(supposed),))])
        with opened() as gateway:
            gateway.services.settings.dialects = DialectSettings(hypothetical=True)
            body = gateway.ask(gateway.key("acme"), "What do two wheels set me back?").json()
        supposing, answering = server.requests
        assert supposing["response_format"]["json_schema"]["name"] == "hypothesis"
        assert "Write in English" in supposing["messages"][0]["content"]
        assert BIKES in answering["messages"][-1]["content"]
        assert body["choices"][0]["message"]["content"] == TRUE

    def test_searches_without_it_where_the_model_fails_at_that(self, opened: Open, server: FakeModelServer) -> None:
        says(server, TRUE)
        server.scripts = deque([Script(tokens=("I would rather not.",))])
        with opened() as gateway:
            gateway.services.settings.dialects = DialectSettings(hypothetical=True)
            body = gateway.ask(gateway.key("acme"), QUESTION).json()
            figures = gateway.call("GET", "/metrics", "").text
        assert body["choices"][0]["message"]["content"] == TRUE
        assert 'vernacular_search_model_failures_total{model="hypothesis"} 1.0' in figures


class TestWithoutAModel:
    def test_answers_by_quotes_when_no_server_is_up(self, opened: Open, server: FakeModelServer) -> None:
        says(server, "", status=500)
        with opened() as gateway:
            response = gateway.ask(gateway.key("acme"), QUESTION)
        about = response.json()["vernacular"]
        assert response.status_code == 200
        assert (about["mode"], about["answered"], about["fallback"]) == ("extractive", True, "model_unavailable")

    def test_streams_quotes_when_every_server_is_busy(self, opened: Open, server: FakeModelServer) -> None:
        with occupied(opened, server) as gateway:
            text, _choice, about = said(gateway.ask(gateway.key("acme"), QUESTION, stream=True))
        assert (about["mode"], about["fallback"]) == ("extractive", "model_busy")
        assert "4 crowns" in text

    @pytest.mark.parametrize("stream", [False, True])
    def test_is_turned_away_with_429_if_the_settings_say_so(
        self, opened: Open, server: FakeModelServer, stream: bool
    ) -> None:
        with occupied(opened, server, fallback=False) as gateway:
            response = gateway.ask(gateway.key("acme"), QUESTION, stream=stream)
        assert (response.status_code, response.json()["error"]["name"]) == (429, "model_busy")
        assert int(response.headers["retry-after"]) >= 1

    @pytest.mark.parametrize("stream", [False, True])
    def test_is_turned_away_with_503_if_the_settings_say_so(
        self, opened: Open, server: FakeModelServer, stream: bool
    ) -> None:
        says(server, "", status=500)
        with opened(fallback=False) as gateway:
            response = gateway.ask(gateway.key("acme"), QUESTION, stream=stream)
        assert (response.status_code, response.json()["error"]["name"]) == (503, "model_unavailable")

    def test_ends_cleanly_when_the_server_dies_in_mid_answer(self, opened: Open, server: FakeModelServer) -> None:
        says(server, f"{TRUE} The first half hour is free [1]. Bicycles must be ret", die_after=26, delay_s=0.02)
        with opened() as gateway:
            text, choice, about = said(gateway.ask(gateway.key("acme"), QUESTION, stream=True))
            says(server, "", status=500)
            after = gateway.ask(gateway.key("acme"), QUESTION).json()["vernacular"]
        assert text == f"{TRUE} The first half hour is free [1]."
        assert (choice["finish_reason"], about["reason"], about["answered"]) == ("length", "interrupted", True)
        assert len(choice["delta"]["annotations"]) == 1
        assert (after["mode"], after["answered"]) == ("extractive", True)


class TestCallerWhoLeaves:
    def test_stops_the_model_and_leaves_what_was_said_in_the_conversation(
        self, opened: Open, server: FakeModelServer
    ) -> None:
        says(server, f"{TRUE} " + "Bicycles must be returned to a station before midnight [1]. " * 200, delay_s=0.01)
        with opened() as gateway, leaving(gateway, gateway.key("acme"), after=TRUE):
            assert soon(lambda: server.hung_up == 1)
            assert soon(lambda: len(kept(gateway)) == 2)
            question, answer = kept(gateway)
        assert question.content == QUESTION
        assert answer.content.startswith(TRUE)
        assert answer.details["reason"] == "interrupted"
        assert server.sent < 1000


@contextmanager
def occupied(opened: Open, server: FakeModelServer, **generation: Any) -> Iterator[Gateway]:
    """A gateway whose only server is taken by another question for as long as the block lasts."""
    says(server, TRUE, hold=True)
    with opened(max_running=1, max_waiting=0, **generation) as gateway:
        other = threading.Thread(target=gateway.ask, args=(gateway.key("acme"), QUESTION))
        other.start()
        assert soon(lambda: server.active == 1)
        try:
            yield gateway
        finally:
            server.go.set()
            other.join(10)


@contextmanager
def leaving(gateway: Gateway, key: str, after: str) -> Iterator[None]:
    """A caller of the application who reads the stream until `after` has come, and then is gone."""
    body = json.dumps(
        {"model": "default", "stream": True, "messages": [{"role": "user", "content": QUESTION}]}
    ).encode()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "path": "/v1/chat/completions",
        "raw_path": b"/v1/chat/completions",
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": [(b"authorization", f"Bearer {key}".encode()), (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
        "state": {},
    }
    portal = gateway.http.portal
    assert portal is not None
    portal.call(_call_and_leave, gateway.http.app, scope, body, after)
    yield


async def _call_and_leave(app: Any, scope: dict[str, Any], body: bytes, after: str) -> None:
    import asyncio

    gone = asyncio.Event()
    requests = [{"type": "http.request", "body": body, "more_body": False}]
    got: list[str] = []

    async def receive() -> dict[str, Any]:
        if requests:
            return requests.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        for line in message.get("body", b"").decode().splitlines():
            if line.startswith("data: {"):
                got.append(json.loads(line[6:])["choices"][0]["delta"].get("content") or "")
        if after in "".join(got):
            gone.set()

    await app(scope, receive, send)
