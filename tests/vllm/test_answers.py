"""Questions to a gateway whose answers a real vLLM writes."""

from __future__ import annotations

import json
import random
from typing import Any

import httpx
import openai
import pytest

from bench.nano.facts import BOTH, FEE, NEITHER, ROOM, Place
from tests.vllm.conftest import Stack
from tests.vllm.processes import MODEL, Answer

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(600)]
QUESTIONS = 15
MOST_WRONG = 5  # the model learns better in one training than in another


def told_truly(answer: Answer, known: dict[str, Place]) -> bool:
    """Whether each citation is a sentence of the document it names, and each has its marker."""
    quoted = all(note["quote"] in known[note["source_id"]].text for note in answer.citations)
    return quoted and all(f"[{note['index']}]" in answer.text for note in answer.citations)


class TestAnswers:
    def test_says_what_the_documents_say_and_cites_them_word_for_word(self, stack: Stack) -> None:
        known = {place.name: place for place in stack.harbour.places}
        right = 0
        for place in random.Random().sample(stack.harbour.places, QUESTIONS):
            kind = random.choice((FEE, ROOM, BOTH))
            answer = stack.harbour.answer(place.question(kind))
            assert told_truly(answer, known)
            right += answer.about["mode"] == "generative" and all(
                sentence in answer.text and any(sentence == note["quote"] for note in answer.citations)
                for sentence in place.sentences(kind)
            )
        assert right >= QUESTIONS - MOST_WRONG

    def test_says_that_no_passage_answers_where_the_model_says_so(self, stack: Stack) -> None:
        answers = [stack.harbour.answer(place.question(NEITHER)) for place in stack.harbour.places[:5]]
        declined = [answer for answer in answers if answer.about["reason"] == "no_answer"]
        assert len(declined) >= 3
        assert not any(answer.about["answered"] or answer.citations for answer in declined)

    def test_counts_the_tokens_that_vllm_counted(self, stack: Stack) -> None:
        before = stack.model.metric("generation_tokens_total")
        usage = stack.harbour.answer(stack.harbour.places[1].question(FEE)).body["usage"]
        assert usage["completion_tokens"] == stack.model.metric("generation_tokens_total") - before > 0
        assert usage["prompt_tokens"] > usage["completion_tokens"]


def is_written(chunks: list[dict[str, Any]]) -> bool:
    """Whether the model wrote the answer: now and then it finds none, or cites wrongly and quotes come."""
    about = chunks[-2].get("vernacular") or {}
    return bool(about.get("answered")) and about.get("mode") == "generative"


class TestStreaming:
    def test_streams_an_answer_with_its_citations_at_the_end(self, stack: Stack) -> None:
        known = {place.name: place for place in stack.harbour.places}
        streams = (self.chunks(stack, place.question(BOTH)) for place in stack.harbour.places)
        chunks = next(chunks for chunks in streams if is_written(chunks))
        text, ending = "".join(self.pieces(chunks)), chunks[-2]
        notes = ending["choices"][0]["delta"]["annotations"]
        assert all(f"[{note['index']}]" in text for note in notes)
        assert {note["quote"] for note in notes} <= set(known[notes[0]["source_id"]].sentences(BOTH))
        assert ending["choices"][0]["finish_reason"] == "stop"
        assert ending["vernacular"]["mode"] == "generative"
        assert chunks[-1]["usage"]["completion_tokens"] > 0

    def test_serves_openais_own_client(self, stack: Stack) -> None:
        place = stack.harbour.places[0]
        with openai.OpenAI(base_url=f"{stack.gateway.url}/v1", api_key=stack.harbour.key, max_retries=0) as client:
            stream = client.chat.completions.create(
                model="default", messages=[{"role": "user", "content": place.question(FEE)}], stream=True
            )
            said = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
        assert place.name in said
        assert "[1]" in said

    @staticmethod
    def chunks(stack: Stack, question: str) -> list[dict[str, Any]]:
        body = {
            "model": "default",
            "messages": [{"role": "user", "content": question}],
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        response = stack.harbour.call("POST", "/v1/chat/completions", json=body)
        events = [line.removeprefix("data: ") for line in response.text.splitlines() if line.startswith("data: ")]
        assert events[-1] == "[DONE]"
        return [json.loads(event) for event in events[:-1]]

    @staticmethod
    def pieces(chunks: list[dict[str, Any]]) -> list[str]:
        told = (chunk["choices"][0]["delta"].get("content") for chunk in chunks if chunk["choices"])
        return [piece for piece in told if piece]


class TestWatching:
    def test_readiness_names_the_model(self, stack: Stack) -> None:
        parts = httpx.get(f"{stack.gateway.url}/readyz", timeout=30).json()["parts"]
        assert parts["models"] == {"ready": True, "detail": f"{MODEL}: 1 of 1 up"}

    def test_the_administrator_sees_the_replica(self, stack: Stack) -> None:
        [card] = stack.harbour.call("GET", "/v1/admin/models").json()["data"]
        assert (card["name"], card["context_tokens"], card["loras"]) == (MODEL, 2048, True)
        assert [(one["name"], one["state"], one["breaker"]) for one in card["replicas"]] == [(MODEL, "up", "closed")]

    def test_metrics_hold_vllms_own_figures(self, stack: Stack) -> None:
        stack.harbour.answer(stack.harbour.places[0].question(FEE))
        lines = httpx.get(f"{stack.gateway.url}/metrics", timeout=30).text.splitlines()
        for name in ("vllm:kv_cache_usage_perc{", "vllm:num_requests_running{", "vllm:generation_tokens_total{"):
            [line] = [line for line in lines if line.startswith(name)]
            assert f'replica="{MODEL}"' in line

    def test_the_command_line_sees_the_server(self, stack: Stack) -> None:
        [row] = json.loads(stack.gateway.command("model", "status", "--json").stdout)
        assert (row["name"], row["state"], row["model"]) == (MODEL, "ready", MODEL)

    def test_vllm_answers_nobody_without_its_key(self, stack: Stack) -> None:
        body = {"model": MODEL, "messages": [{"role": "user", "content": "?"}], "max_tokens": 2}
        url = f"{stack.model.endpoint['url']}/chat/completions"
        assert httpx.post(url, json=body, timeout=30).status_code == 401
