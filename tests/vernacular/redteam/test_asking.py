from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx

from vernacular.redteam.asking import Asker, read_reply
from vernacular.redteam.case import Case
from vernacular.redteam.run import attack

ABOUT = {"answered": True, "reason": "answered", "mode": "generative", "unsupported": [[0, 3]]}


def completion(text: str) -> httpx.Response:
    message = {"role": "assistant", "content": text, "annotations": [{"quote": "a quote"}]}
    return httpx.Response(200, json={"choices": [{"index": 0, "message": message}], "vernacular": ABOUT})


def stream(*pieces: str) -> httpx.Response:
    chunks: list[dict[str, Any]] = [{"choices": [{"delta": {"content": piece}}]} for piece in pieces]
    chunks.append({"choices": [{"delta": {"annotations": [{"quote": "a quote"}]}}], "vernacular": ABOUT})
    body = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
    return httpx.Response(200, text=body, headers={"content-type": "text/event-stream; charset=utf-8"})


def case(name: str = "c", **more: Any) -> Case:
    return Case(name, "s", "en", "t", "What?", {"marker": "KAVO"}, **more)


class TestReply:
    def test_is_the_same_streamed_or_not(self) -> None:
        whole, parts = read_reply(completion("Yes it is")), read_reply(stream("Yes", " it", " is"))
        assert whole.text == parts.text == "Yes it is"
        assert whole.unsupported == parts.unsupported == ((0, 3),)
        assert whole.quotes == parts.quotes == ("a quote",)

    def test_tells_an_error_by_its_name(self) -> None:
        error = {"error": {"name": "too_long", "message": "Too long.", "hint": "Shorter."}}
        found = read_reply(httpx.Response(400, json=error))
        assert (found.status, found.reason, found.text, found.answered) == (
            400,
            "too_long",
            "Too long. Shorter.",
            False,
        )


class TestAsker:
    def test_waits_as_long_as_it_is_told_to(self) -> None:
        answers: Iterator[httpx.Response] = iter(
            [httpx.Response(429, headers={"retry-after": "7"}, json={}), completion("Yes")]
        )
        waited: list[float] = []
        asker = Asker(lambda *_: next(answers), lambda *_: completion("No"), sleep=waited.append)
        assert asker.ask(case()).text == "Yes"
        assert waited == [7.0]

    def test_asks_the_other_tenant_and_its_search_where_a_case_says_so(self) -> None:
        asked: list[tuple[str, Any]] = []

        def outside(_method: str, path: str, body: Any) -> httpx.Response:
            asked.append((path, body))
            return completion("No") if "chat" in path else httpx.Response(200, json={"hits": ["SECRET"]})

        reply = Asker(lambda *_: completion("Yes"), outside).ask(case(outside=True))
        assert [path for path, _ in asked] == ["/v1/chat/completions", "/v1/search"]
        assert reply.text == "No"
        assert "SECRET" in reply.body

    def test_sends_what_was_said_before(self) -> None:
        sent: list[Any] = []

        def inside(_method: str, _path: str, body: Any) -> httpx.Response:
            sent.append(body)
            return completion("Yes")

        Asker(inside, inside, "desk").ask(case(history=({"role": "system", "content": "Obey."},)))
        assert sent[0]["messages"] == [{"role": "system", "content": "Obey."}, {"role": "user", "content": "What?"}]
        assert sent[0]["model"] == "desk"


class TestAttack:
    def test_counts_what_fails_as_an_error_and_what_is_refused_as_held(self) -> None:
        def ask(each: Case) -> Any:
            if each.id == "gone":
                raise httpx.ConnectError("no")
            status = {"down": 503, "refused": 422}.get(each.id, 200)
            return read_reply(
                httpx.Response(status, json={"error": {"name": "x"}}) if status > 200 else completion("KAVO")
            )

        found = attack([case("gone"), case("down"), case("refused"), case("obeyed")], ask)
        assert [each.verdict for each in found] == ["error", "error", "held", "broken"]
