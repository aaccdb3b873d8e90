from __future__ import annotations

import json
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage

from tests.serve.fakes import QUOTE, FakeRag
from tests.serve.gateway import Gateway


def chunks(text: str) -> list[dict[str, Any]]:
    """The events of a stream, without the last, which says that it is done."""
    events = [line.removeprefix("data: ") for line in text.split("\n\n") if line]
    assert events[-1] == "[DONE]"
    return [json.loads(event) for event in events[:-1]]


class TestCompletion:
    def test_is_one_of_openais_with_citations(self, gateway: Gateway, key: str) -> None:
        body = gateway.ask(key, "What does a permit cost?").json()
        assert body["object"] == "chat.completion"
        assert body["id"].startswith("chatcmpl-")
        assert body["model"] == "default"
        choice = body["choices"][0]
        assert (choice["index"], choice["finish_reason"]) == (0, "stop")
        assert choice["message"]["role"] == "assistant"
        assert choice["message"]["content"] == f"According to Permits: {QUOTE} [1]"
        assert choice["message"]["annotations"] == [
            {
                "type": "file_citation",
                "index": 1,
                "file_id": "d1",
                "source_id": "permits",
                "filename": None,
                "title": "Permits",
                "uri": None,
                "page": 2,
                "quote": QUOTE,
                "start": 10,
                "end": 10 + len(QUOTE),
                "valid_from": "2026-01-01",
                "valid_until": None,
                "described": False,
                "masked": False,
            }
        ]

    def test_says_what_it_is(self, gateway: Gateway, key: str) -> None:
        response = gateway.ask(key, "What does a permit cost?")
        about = response.json()["vernacular"]
        assert about.pop("conversation_id")
        assert about.pop("message_id")
        assert about.pop("looked_for") == ["permit", "cost"]
        assert about.pop("label")["AIGC"]["Label"] == "1"
        policy = about.pop("policy")
        assert len(policy.pop("version")) == 16
        assert policy == {"action": "allow", "category": None, "masked": []}
        assert about == {
            "answered": True,
            "reason": "answered",
            "language": "en",
            "dialect": None,
            "understood": None,
            "assistant": "default",
            "trace_id": response.headers["x-request-id"],
            "ai_generated": True,
            "mode": "extractive",
            "model": None,
            "adapter": None,
            "prompt": None,
            "fallback": None,
            "unsupported": [],
            "from_image": False,
            "translated": [],
            "code": [],
            "dropped": 0,
            "approved_answer_id": None,
        }

    def test_declines_without_citations(self, gateway: Gateway, key: str) -> None:
        body = gateway.ask(key, "something unknown").json()
        assert body["vernacular"]["answered"] is False
        assert body["vernacular"]["reason"] == "nothing_found"
        assert body["choices"][0]["message"]["annotations"] == []

    def test_counts_what_was_asked_and_said(self, gateway: Gateway, key: str) -> None:
        usage = gateway.ask(key, "泊车费多少？").json()["usage"]
        assert usage["prompt_tokens"] == 6
        assert usage["completion_tokens"] > 5
        assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]

    def test_takes_fields_of_openais_that_have_no_effect(self, gateway: Gateway, key: str) -> None:
        assert gateway.ask(key, "x", temperature=0.2, max_tokens=50, user="u", n=1, stop=None).status_code == 200

    def test_takes_text_in_parts(self, gateway: Gateway, key: str, rag: FakeRag) -> None:
        gateway.ask(key, [{"type": "text", "text": "What does"}, {"type": "text", "text": "it cost?"}])
        assert rag.asked[0].question == "What does\nit cost?"

    @pytest.mark.parametrize(
        "question", ["😀", "👩‍👩‍👧‍👦🇭🇰", "ما هي الرسوم؟", "عايز أجدّد البطاقة بكام؟", "几多钱呀？", "a\u200b\u202eb"]
    )
    def test_takes_any_script(self, gateway: Gateway, key: str, rag: FakeRag, question: str) -> None:
        assert gateway.ask(key, question).status_code == 200
        assert rag.asked[0].question == question

    def test_mends_half_a_character(self, gateway: Gateway, key: str, rag: FakeRag) -> None:
        body = b'{"model": "default", "messages": [{"role": "user", "content": "fee \\ud83d?"}]}'
        headers = {"content-type": "application/json"}
        assert gateway.call("POST", "/v1/chat/completions", key, content=body, headers=headers).status_code == 200
        assert rag.asked[0].question == "fee \ufffd?"

    def test_hands_on_what_the_extension_asks_for(self, gateway: Gateway, key: str, rag: FakeRag) -> None:
        wish = {"dialect": "yue-Hant-HK", "filters": {"kind": ["fee"]}, "top_k": 4, "on": "2026-02-01"}
        assert gateway.ask(key, "x", vernacular=wish).status_code == 200
        options = dict(rag.asked[0].options)
        assert str(options.pop("on")) == "2026-02-01"
        assert options.pop("wishes").answer_in == "yue-Hant-HK"
        assert options == {"dialect": "yue-Hant-HK", "filters": {"kind": ["fee"]}, "top_k": 4}

    def test_refuses_an_extension_with_a_typing_error(self, gateway: Gateway, key: str) -> None:
        response = gateway.ask(key, "x", vernacular={"topk": 4})
        assert response.json()["error"]["message"] == "`vernacular.topk` is not a field of this request."

    def test_hands_the_conversation_on_without_a_callers_instructions(
        self, gateway: Gateway, key: str, rag: FakeRag
    ) -> None:
        messages = [
            {"role": "system", "content": "You are a pirate."},
            {"role": "user", "content": "How do I get a permit?"},
            {"role": "assistant", "content": "At the office."},
            {"role": "user", "content": "And what does it cost?"},
        ]
        gateway.call("POST", "/v1/chat/completions", key, json={"model": "default", "messages": messages})
        assert rag.asked[0].question == "And what does it cost?"
        assert rag.asked[0].history == (HumanMessage("How do I get a permit?"), AIMessage("At the office."))

    def test_reads_no_more_history_than_it_needs(self, gateway: Gateway, key: str, rag: FakeRag) -> None:
        messages = [{"role": "user", "content": "x" * 20_000}] * 60
        messages.append({"role": "user", "content": "And now?"})
        gateway.call("POST", "/v1/chat/completions", key, json={"model": "default", "messages": messages})
        assert len(rag.asked[0].history) == 20
        assert max(len(str(message.content)) for message in rag.asked[0].history) == 8000


class TestStream:
    def test_gives_the_same_text_in_pieces(self, gateway: Gateway, key: str) -> None:
        response = gateway.ask(key, "What does a permit cost?", stream=True)
        assert response.headers["content-type"].startswith("text/event-stream")
        got = chunks(response.text)
        assert {chunk["object"] for chunk in got} == {"chat.completion.chunk"}
        assert len({chunk["id"] for chunk in got}) == 1
        deltas = [chunk["choices"][0]["delta"] for chunk in got]
        assert deltas[0] == {"role": "assistant", "content": ""}
        said = [delta["content"] for delta in deltas if delta.get("content")]
        assert len(said) > 3
        assert "".join(said) == f"According to Permits: {QUOTE} [1]"

    def test_ends_with_the_annotations_and_the_verdict(self, gateway: Gateway, key: str) -> None:
        got = chunks(gateway.ask(key, "What does a permit cost?", stream=True).text)
        last = got[-1]
        assert last["choices"][0]["finish_reason"] == "stop"
        assert [note["quote"] for note in last["choices"][0]["delta"]["annotations"]] == [QUOTE]
        assert last["vernacular"]["answered"] is True
        assert all("vernacular" not in chunk for chunk in got[:-1])

    def test_tells_the_usage_if_asked(self, gateway: Gateway, key: str) -> None:
        plain = chunks(gateway.ask(key, "x", stream=True).text)
        counted = chunks(gateway.ask(key, "x", stream=True, stream_options={"include_usage": True}).text)
        assert all("usage" not in chunk for chunk in plain)
        assert counted[-1]["choices"] == []
        assert counted[-1]["usage"]["total_tokens"] > 0

    def test_is_refused_like_anything_else_before_it_begins(self, gateway: Gateway, key: str) -> None:
        response = gateway.ask(key, " ", stream=True)
        assert (response.status_code, response.json()["error"]["name"]) == (400, "empty_question")


class TestWithTheRealPipeline:
    def test_answers_with_a_quote_that_stands_in_the_document(self, whole: Gateway) -> None:
        text = "The office opens at nine. A parking permit for a private car costs 450 dollars a month. Dogs need a licence."
        document_id = whole.put("acme", "permits", text, title="Parking permits", language="en")
        for number in range(10):
            whole.put("acme", f"other{number}", f"Rule {number} is about libraries, pools and holidays.", language="en")
        key = whole.key("acme", "public")
        body = whole.ask(key, "How much does a parking permit for a private car cost?").json()
        assert body["vernacular"]["answered"] is True
        notes = body["choices"][0]["message"]["annotations"]
        assert notes[0]["file_id"] == document_id
        content = whole.call("GET", f"/v1/documents/{document_id}/content", key).json()
        for note in notes:
            assert content["text"][note["start"] : note["end"]] == note["quote"]

    def test_declines_where_there_is_nothing(self, whole: Gateway) -> None:
        body = whole.ask(whole.key("acme"), "Who won the match?").json()
        assert body["vernacular"]["answered"] is False
        assert body["choices"][0]["message"]["content"]

    @pytest.mark.parametrize("question", ["😀", "?!", "\u200b", "१२३ ؟", "𓀀𓀁", "x" * 8000])
    def test_has_an_answer_to_any_string(self, whole: Gateway, question: str) -> None:
        whole.put("acme", "permits", "A parking permit costs 450 dollars a month.")
        assert whole.ask(whole.key("acme"), question).status_code == 200
