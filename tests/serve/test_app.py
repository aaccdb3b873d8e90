from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from serve.app import create_app
from tests.serve.fakes import FakeRag
from tests.serve.gateway import Gateway, running_gateway
from vernacular.settings import Settings

JSON = {"content-type": "application/json"}
CHAT = "/v1/chat/completions"


def question(content: Any, **more: Any) -> dict[str, Any]:
    return {"json": {"model": "default", "messages": [{"role": "user", "content": content}], **more}}


ERRORS: list[tuple[str, str, str, dict[str, Any], int, str, str]] = [
    ("an unknown route", "GET", "/v2/search", {}, 404, "not_found", "There is no route GET /v2/search."),
    ("a wrong method", "GET", "/v1/search", {}, 405, "method_not_allowed", "not for GET"),
    ("no content", "POST", "/v1/search", {}, 400, "bad_request", "must be a JSON object"),
    ("no JSON type", "POST", "/v1/search", {"content": b'{"query": "x"}'}, 400, "bad_request", "must be a JSON object"),
    ("a JSON list", "POST", "/v1/search", {"json": []}, 400, "bad_request", "must be a JSON object"),
    ("broken JSON", "POST", "/v1/search", {"content": b'{"query":', "headers": JSON}, 400, "bad_request", "not valid JSON"),
    ("latin-1", "POST", "/v1/search", {"content": b'{"query": "\xe9"}', "headers": JSON}, 400, "bad_request", "UTF-8"),
    (
        "deep JSON", "POST", "/v1/search", {"content": b'{"query": ' + b"[" * 100_000, "headers": JSON},
        400, "bad_request", "nested too deeply",
    ),
    ("a typing error", "POST", "/v1/search", {"json": {"query": "x", "topk": 3}}, 400, "bad_request", "`topk` is not a field"),
    ("no query", "POST", "/v1/search", {"json": {}}, 400, "bad_request", "`query` is missing"),
    ("a number for a query", "POST", "/v1/search", {"json": {"query": 5}}, 400, "bad_request", "`query` must be a string"),
    ("an empty query", "POST", "/v1/search", {"json": {"query": " \n"}}, 400, "empty_question", "empty"),
    ("top_k 0", "POST", "/v1/search", {"json": {"query": "x", "top_k": 0}}, 400, "bad_request", "`top_k` must be at least 1"),
    ("top_k 1000", "POST", "/v1/search", {"json": {"query": "x", "top_k": 1000}}, 400, "bad_request", "`top_k` must be at most"),
    (
        "a filter of no kind", "POST", "/v1/search", {"json": {"query": "x", "filters": {"a": {"near": 1}}}},
        400, "bad_request", "`filters` knows the bounds gte, lte, gt and lt, and `a` has others",
    ),
    ("a bad day", "POST", "/v1/search", {"json": {"query": "x", "on": "soon"}}, 400, "bad_request", "`on` must be a date"),
    (
        "a bad dialect", "POST", "/v1/search", {"json": {"query": "x", "dialect": "yue; drop"}},
        400, "bad_request", "`dialect` must be a BCP 47 tag",
    ),
    ("a question of 1 MB", "POST", CHAT, question("费" * 350_000), 400, "too_long", "350,000 characters, and the limit is 8,000"),
    ("an empty question", "POST", CHAT, question(""), 400, "empty_question", "empty"),
    ("an unknown model", "POST", CHAT, question("x", model="gpt-9"), 404, "unknown_model", "no model named 'gpt-9'"),
    ("two choices", "POST", CHAT, question("x", n=2), 400, "bad_request", "`n` must be 1"),
    ("tools", "POST", CHAT, question("x", tools=[{"type": "function"}]), 400, "bad_request", "does not call tools"),
    (
        "a JSON answer", "POST", CHAT, question("x", response_format={"type": "json_object"}),
        400, "bad_request", "answers in text only",
    ),
    ("a number as content", "POST", CHAT, question(5), 400, "bad_request", "`messages[0].content` must be a string or a list"),
    (
        "an image's address", "POST", CHAT, question([{"type": "image_url", "image_url": {"url": "https://x.example/a.png"}}]),
        400, "image_refused", "addresses are never fetched here",
    ),
    (
        "sound", "POST", CHAT, question([{"type": "input_audio", "input_audio": {}}]),
        400, "bad_request", "a part of type input_audio, and this assistant reads text and images only",
    ),
    ("no messages", "POST", CHAT, {"json": {"model": "default", "messages": []}}, 400, "bad_request", "`messages` must not be empty"),
    (
        "an assistant's last word", "POST", CHAT, {"json": {"messages": [{"role": "assistant", "content": "x"}]}},
        400, "bad_request", "last message must be the user's",
    ),
    (
        "an unknown conversation", "POST", CHAT, question("x", vernacular={"conversation_id": "nope"}),
        404, "unknown_conversation", "no such conversation",
    ),
    ("an unknown job", "GET", "/v1/jobs/nope", {}, 404, "unknown_job", "no such job"),
    ("an unknown document", "GET", "/v1/documents/nope", {}, 404, "unknown_document", "no such document"),
    ("a bad cursor", "GET", "/v1/documents?cursor=%F0%9F%98%80", {}, 400, "bad_request", "`cursor` is not one"),
    ("a bad limit", "GET", "/v1/documents?limit=many", {}, 400, "bad_request", "`limit` must be a whole number"),
    ("no address", "POST", "/v1/documents", {"json": {"uri": "example.com"}}, 400, "fetch_refused", "example.com"),
    ("a picture", "POST", "/v1/documents", {"content": b"x", "headers": {"content-type": "image/png"}}, 400, "unsupported_source", "image/png"),
    ("an empty file", "POST", "/v1/documents", {"files": {"file": ("a.txt", b"")}}, 400, "empty_file", "`a.txt` is empty"),
]  # fmt: skip


class TestErrors:
    @pytest.mark.parametrize(
        ("method", "path", "request_", "status", "name", "says"),
        [row[1:] for row in ERRORS],
        ids=[row[0] for row in ERRORS],
    )
    def test_each_is_one_clear_sentence_with_what_to_do(
        self,
        gateway: Gateway,
        key: str,
        method: str,
        path: str,
        request_: dict[str, Any],
        status: int,
        name: str,
        says: str,
    ) -> None:
        response = gateway.call(method, path, key, **request_)
        error = response.json()["error"]
        assert (response.status_code, error["name"]) == (status, name)
        assert says in error["message"]
        assert error["message"].endswith(".")
        assert "\n" not in error["message"]
        assert error["hint"]
        assert error["request_id"] == response.headers["x-request-id"]

    def test_an_unexpected_failure_tells_nothing_of_the_inside(
        self, gateway: Gateway, key: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        response = gateway.ask(key, "crash, please")
        error = response.json()["error"]
        assert (response.status_code, error["name"]) == (500, "internal")
        assert "secret" not in response.text
        logged = [record for record in caplog.records if record.exc_info]
        assert vars(logged[0])["fields"]["request_id"] == error["request_id"]

    def test_a_locked_database_is_a_moments_trouble(
        self, gateway: Gateway, key: str, rag: FakeRag, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def locked(*_given: object, **_options: object) -> None:
            raise OperationalError("SELECT", {}, Exception("database is locked"))

        monkeypatch.setattr(FakeRag, "search", locked)
        response = gateway.call("POST", "/v1/search", key, json={"query": "fee"})
        assert (response.status_code, response.json()["error"]["name"]) == (503, "store_busy")
        assert response.headers["retry-after"]


class TestBodies:
    def test_an_announced_body_past_the_limit_is_refused_unread(self, tmp_path: Path) -> None:
        with running_gateway(tmp_path, FakeRag(), max_body_mb=1) as gateway:
            gateway.tenant("acme")
            key = gateway.key("acme")
            headers = {"content-type": "application/x-ndjson"}
            response = gateway.call("POST", "/v1/documents", key, content=b"x" * 1_100_000, headers=headers)
            assert (response.status_code, response.json()["error"]["name"]) == (413, "too_large")

    def test_an_unannounced_one_as_soon_as_it_passes_the_limit(self, tmp_path: Path) -> None:
        sent = 0

        def endless() -> Any:
            nonlocal sent
            while sent < 100:
                sent += 1
                yield b"x" * 100_000

        with running_gateway(tmp_path, FakeRag(), max_body_mb=1) as gateway:
            gateway.tenant("acme")
            key = gateway.key("acme")
            headers = {"content-type": "application/x-ndjson"}
            response = gateway.call("POST", "/v1/documents", key, content=endless(), headers=headers)
            assert (response.status_code, response.json()["error"]["name"]) == (413, "too_large")
            assert list(gateway.services.settings.uploads_path.iterdir()) == []

    def test_json_has_a_limit_of_its_own(self, gateway: Gateway, key: str) -> None:
        response = gateway.call("POST", "/v1/search", key, json={"query": "x" * 9_000_000})
        assert (response.status_code, response.json()["error"]["name"]) == (413, "too_large")

    @pytest.mark.parametrize("path", ["/v1/login", "/v1/search", "/v1/chat/completions", "/scim/v2/Users"])
    @pytest.mark.parametrize("given", [None, "vk_acme_wrong"])
    def test_a_strangers_is_read_no_further_than_a_sign_in_takes(
        self, gateway: Gateway, path: str, given: str | None
    ) -> None:
        sent = 0

        def endless() -> Any:
            nonlocal sent
            while sent < 2000:
                sent += 1
                yield b" " * 4000

        headers = {"content-type": "application/json"}
        response = gateway.call("POST", path, given, content=endless(), headers=headers)
        assert response.status_code == 401

    def test_only_a_chat_may_carry_what_the_allowed_images_take(self, tmp_path: Path) -> None:
        with running_gateway(tmp_path, FakeRag()) as gateway:
            gateway.tenant("acme")
            key, images = gateway.key("acme"), gateway.services.settings.vision.max_body_bytes
            assert gateway.ask(key, "x" * (images // 2)).json()["error"]["name"] == "too_long"
            response = gateway.ask(key, "x" * (images + 9_000_000))
            assert (response.status_code, response.json()["error"]["name"]) == (413, "too_large")


class TestEveryResponse:
    def test_carries_its_request_id(self, gateway: Gateway) -> None:
        assert gateway.call("GET", "/healthz").headers["x-request-id"]
        given = gateway.call("GET", "/healthz", headers={"X-Request-ID": "trace-0123456789"})
        assert given.headers["x-request-id"] == "trace-0123456789"

    def test_does_not_repeat_a_request_id_that_could_forge_a_log_line(self, gateway: Gateway) -> None:
        forged = gateway.call("GET", "/healthz", headers={"X-Request-ID": 'x", "level": "info'})
        assert '"' not in forged.headers["x-request-id"]

    def test_carries_security_headers(self, gateway: Gateway) -> None:
        for path in ("/healthz", "/nowhere", "/v1/search"):
            headers = gateway.call("GET", path).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert "default-src 'none'" in headers["content-security-policy"]

    def test_leaves_a_line_in_the_log_without_what_was_asked(
        self, gateway: Gateway, key: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.INFO, logger="vernacular.access"):
            gateway.ask(key, "a very private question")
        fields = vars(caplog.records[-1])["fields"]
        assert (fields["method"], fields["route"], fields["status"]) == ("POST", "/v1/chat/completions", 200)
        assert "private" not in json.dumps(fields)
        assert key not in json.dumps(fields)


class TestCreateApp:
    def test_opens_nothing_before_it_runs(self, tmp_path: Path) -> None:
        create_app(Settings(home=tmp_path / "home"))
        assert not (tmp_path / "home").exists()

    def test_describes_itself(self, gateway: Gateway) -> None:
        described = gateway.call("GET", "/openapi.json").json()
        assert "/v1/chat/completions" in described["paths"]
        responses = described["paths"]["/v1/search"]["post"]["responses"]
        assert set(responses) == {"200", "4XX", "5XX"}
        assert "multipart/form-data" in described["paths"]["/v1/documents"]["post"]["requestBody"]["content"]


class TestLargeChats:
    """A chat may carry images: past 8 MB it is read for those who may ask, and for no one else."""

    LARGE = b'{"messages": [{"role": "user", "content": "' + b"x" * (9 << 20) + b'"}]}'

    @pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eA=="}])
    def test_are_refused_without_a_good_key(self, gateway: Gateway, headers: dict[str, str]) -> None:
        response = gateway.call("POST", "/v1/chat/completions", content=self.LARGE, headers=headers)
        assert (response.status_code, response.json()["error"]["name"]) == (401, "unauthorized")

    def test_are_read_for_a_good_key(self, gateway: Gateway, key: str) -> None:
        headers = {"content-type": "application/json"}
        response = gateway.call("POST", "/v1/chat/completions", key, content=self.LARGE, headers=headers)
        assert (response.status_code, response.json()["error"]["name"]) == (400, "too_long")
