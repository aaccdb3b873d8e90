from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest

from tests.serve.engine.fake_model_server import FakeModelServer, Script, fake_model_server
from vernacular.safety.guard_model import GuardModel, GuardUnavailable, Judgement, read_judgement
from vernacular.safety.policy import GuardPolicy
from vernacular.safety.registry import pack
from vernacular.settings import GuardModelSettings


def saying(text: str) -> Script:
    return Script(raw=json.dumps({"choices": [{"message": {"content": text}}]}).encode())


@pytest.fixture
def server() -> Iterator[FakeModelServer]:
    with fake_model_server() as running:
        yield running


def judged(server: FakeModelServer, prompt: str, answer: str | None = None, timeout_s: float = 5.0) -> Judgement:
    async def ask() -> Judgement:
        guard = GuardModel(GuardModelSettings(url=server.url, model=server.model, timeout_s=timeout_s))
        try:
            return await guard.judge(prompt, answer)
        finally:
            await guard.close()

    return asyncio.run(ask())


class TestReadJudgement:
    @pytest.mark.parametrize(
        ("said", "judgement"),
        [
            ("safe", Judgement(True)),
            ("\n\nunsafe\nS1,S9", Judgement(False, ("s1", "s9"))),
            ("Safety: Unsafe\nCategories: Violent", Judgement(False, ("violent",))),
            ("Safety: Safe\nCategories: None", Judgement(True)),
            ('```json\n{"safe": false, "categories": ["hate"]}\n```', Judgement(False, ("hate",))),
            ('{"flagged": true, "categories": {"violence": true, "hate": false}}', Judgement(False, ("violence",))),
            ('{"verdict": "unsafe", "category": "S2"}', Judgement(False, ("s2",))),
            ("I would rather not say.", None),
            ('{"hello": 1}', None),
            ("{not json}", None),
            ("", None),
        ],
    )
    def test_reads_what_guards_write(self, said: str, judgement: Judgement | None) -> None:
        assert read_judgement(said) == judgement


class TestGuardModel:
    def test_asks_for_a_prompt_and_for_an_answer(self, server: FakeModelServer) -> None:
        server.script = saying("unsafe\nS1")
        assert judged(server, "question", "answer") == Judgement(False, ("s1",))
        assert [message["role"] for message in server.requests[0]["messages"]] == ["user", "assistant"]

    @pytest.mark.parametrize(
        "script", [Script(status=500), saying("well"), Script(raw=b"not json"), Script(raw=b'{"choices": []}')]
    )
    def test_says_that_there_is_no_judgement(self, server: FakeModelServer, script: Script) -> None:
        server.script = script
        with pytest.raises(GuardUnavailable):
            judged(server, "question")

    def test_waits_no_longer_than_it_may(self, server: FakeModelServer) -> None:
        server.script = Script(hold=True)
        with pytest.raises(GuardUnavailable):
            judged(server, "question", timeout_s=0.1)
        server.go.set()

    @pytest.mark.parametrize(("mode", "action"), [("closed", "decline"), ("rules", "log")])
    def test_without_one_the_tenant_chose_what_holds(self, mode: str, action: str) -> None:
        policy = pack("neutral").changed(guard=GuardPolicy.model_validate({"mode": mode}))
        guard = GuardModel(GuardModelSettings(url="http://127.0.0.1:9/v1", timeout_s=1))
        finding = asyncio.run(guard.finding(policy, "question"))
        assert finding is not None
        assert (finding.category, finding.action) == ("guard", action)

    def test_is_not_asked_where_none_is_configured_or_wanted(self) -> None:
        off = pack("neutral").changed(guard=GuardPolicy(mode="off"))
        assert asyncio.run(GuardModel(GuardModelSettings()).finding(pack("neutral"), "question")) is None
        assert asyncio.run(GuardModel(GuardModelSettings(url="http://127.0.0.1:9/v1")).finding(off, "x")) is None
