"""A gateway that answers from a handful of documents, in memory or on a port of this machine.

`FakeGateway.handle` is the whole of it; `transport()` gives it to httpx without a socket, `listen()` over HTTP.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx

from tests.ui.fake_people import FakePeople

PUBLIC_KEYS = {"harbour": "vn-harbour", "delta": "vn-delta", "hostile": "vn-hostile"}

TENANTS: dict[str, dict[str, Any]] = {
    "vn-harbour": {
        "name": "harbour",
        "display_name": "海港市政府服務",
        "languages": ["zh-Hant", "yue-Hant-HK", "en"],
        "dialects": ["yue-Hant-HK"],
        "varieties": [{"tag": "yue-Hant-HK", "name": "Cantonese (Hong Kong)", "native": "廣東話（香港）"}],
        "answer_in": "question",
        "contact": {"name": "海港市市民聯絡中心", "phone": "555 0100", "email": "enquiries@harbour.example"},
        "greeting": "你好！證件、泊車、房屋的事都可以問我。",
        "suggested_questions": ["我唔見咗張身份證，補領要幾多錢呀？", "泊車許可證每個月收幾錢？"],
    },
    "vn-delta": {
        "name": "delta",
        "display_name": "محافظة الدلتا",
        "languages": ["ar"],
        "dialects": ["arz-Arab-EG"],
        "varieties": [{"tag": "arz-Arab-EG", "name": "Egyptian Arabic", "native": "العامية المصرية"}],
        "answer_in": "standard",
        "contact": {"name": "خدمة المواطنين", "phone": "555 0300"},
        "greeting": "أهلًا بك! اسأل عن الرخص والرسوم والمواعيد.",
        "suggested_questions": ["عايز أجدد الرخصة، بكام؟"],
    },
    "vn-hostile": {
        "name": "hostile",
        "display_name": "![logo](http://evil.example/logo) <img src=http://evil.example/name>",
        "languages": ["en"],
        "dialects": [],
        "contact": {},
        "greeting": '<img src="http://evil.example/greeting"> ![x](http://evil.example/md)',
        "suggested_questions": ["![x](http://evil.example/suggestion) attack"],
    },
}

DOCUMENTS: dict[str, dict[str, str]] = {
    "id-card": {
        "title": "補領身份證",
        "text": "補領身份證\n\n遺失身份證的市民須親身辦理補領。\n\n補領身份證的費用為港幣 425 元。\n\n"
        + "辦理時間約為十個工作天，屆時會以短訊通知領取。\n" * 80,
    },
    "licence": {
        "title": "رسوم الرخص",
        "text": "رسوم الرخص\n\nرسم تجديد رخصة القيادة الخاصة 250 جنيهًا، وتسري ثلاث سنوات.\n\nتُقدَّم الطلبات في وحدة المرور.",
    },
    "attack": {
        "title": "![t](http://evil.example/title) <script>alert(1)</script>",
        "text": 'Rules <img src="http://evil.example/doc"> ![d](http://evil.example/doc.md) end.',
    },
}

# What a question must hold, the document that answers it, the quote, the text, and the annotation's further fields.
ANSWERS: list[tuple[str, str, str, str, dict[str, Any]]] = [
    (
        "身份證",
        "id-card",
        "補領身份證的費用為港幣 425 元。",
        "根據文件：\n補領身份證的費用為港幣 425 元。 [1]",
        {"page": 2, "valid_from": "2026-04-01", "uri": "https://harbour.example/id-card"},
    ),
    (
        "الرخصة",
        "licence",
        "رسم تجديد رخصة القيادة الخاصة 250 جنيهًا، وتسري ثلاث سنوات.",
        "حسب الوثائق:\nرسم تجديد رخصة القيادة الخاصة 250 جنيهًا، وتسري ثلاث سنوات. [1]",
        {"valid_from": "2026-01-01", "valid_until": "2026-12-31"},
    ),
    (
        "attack",
        "attack",
        'Rules <img src="http://evil.example/doc"> ![d](http://evil.example/doc.md) end.',
        '![a](http://evil.example/answer) <img src="http://evil.example/tag"> <b>bold</b> [1]',
        {"uri": "javascript:alert(1)"},
    ),
]

DECLINE = "我在文件中找不到這個問題的答案。"
DECLINE_ARABIC = "لم أجد إجابة عن هذا السؤال في الوثائق."


@dataclass
class Reply:
    status: int
    body: bytes
    media_type: str = "application/json"


class Topic(Protocol):
    """The part of a fake gateway that one view needs; a test puts it into `FakeGateway.topics`."""

    def handle(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> Reply | None:
        """None: it is about something else."""


@dataclass
class FakeGateway:
    """`trouble`: None, or `down`, `unauthorized`, `unavailable`, `cut` (a stream that breaks off).

    `vision`: its assistants read images. `asked` collects the messages of every chat request, `conversations` the
    conversation that each went on with, `wished` what the visitor wished to be answered in. `people`: those who can sign in. `topics`
    answer for anybody that the gateway knows, before the rest does.
    """

    trouble: str | None = None
    asked: list[list[dict[str, Any]]] = field(default_factory=list)
    vision: bool = False
    conversations: list[str | None] = field(default_factory=list)
    wished: list[str | None] = field(default_factory=list)
    people: FakePeople = field(default_factory=FakePeople)
    topics: list[Topic] = field(default_factory=list)

    def handle(self, method: str, path: str, authorization: str, body: bytes) -> Reply:
        credential = authorization.removeprefix("Bearer ")
        if self.trouble is None and (found := self.people.handle(method, path, credential, body)) is not None:
            status, told = found
            return _error(status, told, "Refused.") if isinstance(told, str) else Reply(status, _json(told))
        tenant = TENANTS.get(self.people.key_of(credential))
        if tenant is None or self.trouble == "unauthorized":
            return _error(401, "unauthorized", "This key is not known.")
        if self.trouble == "unavailable":
            return _error(503, "unavailable", "The index is starting.")
        if (method, path) == ("GET", "/v1/tenant"):
            offered = {"sign_in": bool(self.people.passwords)}
            return Reply(200, _json({**tenant, **offered, "vision": self.vision, "max_images": 4, "max_image_mb": 8.0}))
        address = urlsplit(path)
        for topic in self.topics:
            if (reply := topic.handle(method, unquote(address.path), dict(parse_qsl(address.query)), body)) is not None:
                return reply
        if method == "GET" and path.startswith("/v1/documents/") and path.endswith("/content"):
            return _document(unquote(path.split("/")[3]))
        if (method, path) == ("POST", "/v1/chat/completions"):
            return self._chat(json.loads(body))
        return _error(404, "not_found", "There is nothing here.")

    def _chat(self, request: dict[str, Any]) -> Reply:
        self.asked.append(request["messages"])
        self.conversations.append(request.get("vernacular", {}).get("conversation_id"))
        self.wished.append(request.get("vernacular", {}).get("dialect"))
        content = request["messages"][-1]["content"]
        if not isinstance(content, str) and not self.vision:
            return _error(400, "no_vision", "This assistant reads text only.")
        question = content if isinstance(content, str) else "".join(part.get("text", "") for part in content)
        if len(question) > 8000:
            return _error(400, "too_long", "The question has more than 8000 characters.")
        chunks = _answer_chunks(question)
        if self.trouble == "cut":
            return Reply(200, b"".join(_event(chunk) for chunk in chunks[:-1]), "text/event-stream")
        return Reply(200, b"".join(_event(c) for c in chunks) + b"data: [DONE]\n\n", "text/event-stream")

    def transport(self) -> httpx.MockTransport:
        def respond(request: httpx.Request) -> httpx.Response:
            if self.trouble == "down":
                raise httpx.ConnectError("Connection refused", request=request)
            path = request.url.raw_path.decode()
            reply = self.handle(request.method, path, request.headers.get("authorization", ""), request.content)
            return httpx.Response(reply.status, content=reply.body, headers={"content-type": reply.media_type})

        return httpx.MockTransport(respond)

    @contextlib.contextmanager
    def listen(self) -> Iterator[str]:
        """Serve on a free port of 127.0.0.1; yields the address."""
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._reply(b"")

            def do_POST(self) -> None:
                self._reply(self.rfile.read(int(self.headers.get("content-length", 0))))

            def do_PUT(self) -> None:
                self.do_POST()

            def do_PATCH(self) -> None:
                self.do_POST()

            def do_DELETE(self) -> None:
                self.do_POST()

            def _reply(self, body: bytes) -> None:
                reply = gateway.handle(self.command, self.path, self.headers.get("authorization", ""), body)
                self.send_response(reply.status)
                self.send_header("content-type", reply.media_type)
                self.send_header("content-length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

            def log_message(self, *_args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def _answer_chunks(question: str) -> list[dict[str, Any]]:
    for word, document_id, quote, text, further in ANSWERS:
        if word in question:
            document = DOCUMENTS[document_id]
            start = document["text"].index(quote)
            annotation = {
                "type": "file_citation",
                "index": 1,
                "file_id": document_id,
                "source_id": document_id,
                "title": document["title"],
                "quote": quote,
                "start": start,
                "end": start + len(quote),
                **further,
            }
            return [*_pieces(text), _last(True, "answered", [annotation], question)]
    decline = DECLINE_ARABIC if "\u0600" <= question[:1] <= "\u06ff" else DECLINE
    return [*_pieces(decline), _last(False, "no_evidence", [], question)]


def _pieces(text: str) -> list[dict[str, Any]]:
    return [{"choices": [{"index": 0, "delta": {"content": text[i : i + 7]}}]} for i in range(0, len(text), 7)]


def _last(answered: bool, reason: str, annotations: list[dict[str, Any]], question: str) -> dict[str, Any]:
    return {
        "choices": [{"index": 0, "delta": {"annotations": annotations}, "finish_reason": "stop"}],
        "vernacular": {
            "answered": answered,
            "reason": reason,
            "language": "",
            "understood": {"tag": "arz-Arab-EG", "name": "Egyptian Arabic", "native": "العامية المصرية"}
            if "عايز" in question
            else None,
            "ai_generated": True,
            "conversation_id": "c-1",
        },
    }


def _document(document_id: str) -> Reply:
    document = DOCUMENTS.get(document_id)
    if document is None:
        return _error(404, "unknown_document", "There is no such document.")
    return Reply(200, _json({"document_id": document_id, **document, "pages": []}))


def _error(status: int, name: str, message: str) -> Reply:
    return Reply(status, _json({"error": {"name": name, "message": message, "hint": "", "request_id": "r-1"}}))


def _event(chunk: dict[str, Any]) -> bytes:
    return b"data: " + _json(chunk) + b"\n\n"


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
