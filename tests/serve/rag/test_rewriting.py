from __future__ import annotations

import asyncio
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from serve.rag.rewriting import parse, rewrite
from serve.rag.understand import understand
from tests.serve.rag.scripted import ScriptedModel, Turn
from vernacular.errors import ModelBusy
from vernacular.types import Understanding

HISTORY: list[BaseMessage] = [HumanMessage("How do I rent a bicycle?"), AIMessage("At any station of the town [1].")]
FOLLOW_UP = "And what does it cost?"


def rewritten(*turn: str | Exception, **more: Any) -> tuple[Understanding, ScriptedModel]:
    model = ScriptedModel(turns=[turn])
    return asyncio.run(rewrite(understand(FOLLOW_UP, HISTORY), HISTORY, model, **more)), model


class TestRewrite:
    def test_gives_a_query_that_stands_alone(self) -> None:
        found, model = rewritten('{"question": "What does it cost to rent a bicycle?"}')
        assert found.question == FOLLOW_UP
        assert found.query == "What does it cost to rent a bicycle?"
        assert found.carried == ()
        assert model.options[0]["temperature"] == 0

    def test_never_loses_the_persons_own_words(self) -> None:
        found, _ = rewritten('{"question": "How do I rent a bicycle?"}')
        assert found.query.startswith(FOLLOW_UP)

    @pytest.mark.parametrize(
        "said",
        ["", "{}", '{"question": ""}', '{"question": 4}', '{"question": "…"}', '{"question": "' + "a bicycle " * 80 + '"}',
         '{"question": "Who won the chess championship in Reykjavik?"}', '{"question": "cut off',
         '{"question":' * 20_000 + "}"],
    )  # fmt: skip
    def test_keeps_to_the_carried_terms_where_the_model_wanders_off(self, said: str) -> None:
        found, _ = rewritten(said)
        assert found == understand(FOLLOW_UP, HISTORY)

    def test_keeps_to_them_where_the_model_fails(self) -> None:
        found, _ = rewritten(ModelBusy("busy"))
        assert found == understand(FOLLOW_UP, HISTORY)

    def test_waits_for_no_one(self) -> None:
        class Slow(ScriptedModel):
            async def _agenerate(self, *_args: Any, **_options: Any) -> Any:
                await asyncio.sleep(60)

        turns: list[Turn] = []
        found = asyncio.run(rewrite(understand(FOLLOW_UP, HISTORY), HISTORY, Slow(turns=turns), limit_s=0.01))
        assert found == understand(FOLLOW_UP, HISTORY)

    def test_fences_the_conversation(self) -> None:
        _, model = rewritten("{}")
        user = str(model.asked[0][-1].text)
        assert "Person: How do I rent a bicycle?\nAssistant: At any station of the town." in user


class TestParse:
    @pytest.mark.parametrize(
        "text", ['{"question": "Why?"}', '```json\n{"question": "Why?"}\n```', 'Sure: {"question": " Why? "}', "Why?"]
    )
    def test_finds_the_question(self, text: str) -> None:
        assert parse(text) == "Why?"
