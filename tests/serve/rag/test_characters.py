"""Answers carry no character that steers a terminal, turns the text around or hides words, wherever it came from."""

from __future__ import annotations

import json
import unicodedata

import pytest

from tests.serve.gateway import Gateway

HIDDEN = ["\x1b", "\x9b", "\x07", "\u202e", "\u2066", "\u200b", "\u2060", "\ufeff", "\U000e0061", "\ue000"]
QUESTION = "How much does a parking permit for a private car cost?"


def unseen(text: str) -> set[str]:
    kept = "\n\t\u200c\u200d"
    return {char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Co", "Cs") and char not in kept}


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_is_what_it_looks_like(whole: Gateway, stream: bool) -> None:
    """The documents are put in past the cleaning of ingest: the answer stands for itself."""
    marks = "".join(HIDDEN)
    fact = f"The office opens at nine. A parking permit for a private car costs 450 dollars a month. {marks}Dogs{marks} bark."
    whole.put("acme", "permit", fact, title=f"Parking permits {marks}", language="en")
    for number in range(10):
        whole.put("acme", f"other{number}", f"Rule {number} is about libraries, pools and holidays.", language="en")
    key = whole.key("acme", "public")
    said = []
    for mark in ["", *HIDDEN]:
        whole.put(
            "acme", f"m{mark}", f"A {mark}blue{mark} parking permit{mark} is for{mark} a private car.", language="en"
        )
        response = whole.ask(key, QUESTION.replace("permit", f"per{mark}mit"), stream=stream)
        assert response.status_code == 200
        said.append(spoken(response.text) if stream else response.json()["choices"][0]["message"]["content"])
    assert "450" in said[0]
    assert unseen("".join(said)) == set()


@pytest.mark.parametrize("mark", HIDDEN)
def test_a_question_said_back_is_what_it_looks_like(whole: Gateway, mark: str) -> None:
    whole.put("acme", "other", "Libraries are open on holidays.", language="en")
    response = whole.ask(whole.key("acme", "public"), f"Where do {mark}zebras{mark} sleep?")
    said = response.json()["choices"][0]["message"]["content"]
    assert "zebras" in said
    assert unseen(said) == set()


def spoken(events: str) -> str:
    """The text of a stream, put together."""
    chunks = [json.loads(line[6:]) for line in events.splitlines() if line.startswith("data: {")]
    return "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks if chunk.get("choices"))
