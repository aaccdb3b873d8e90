"""One request through the pool, as a LangChain user sees it: tries, breaks, cancels."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from serve.engine.models import ChatModel, Models
from serve.engine.pool.breaker import FAILURES
from tests.serve.engine.driving import chosen, settings_for, until, with_models
from tests.serve.engine.fake_model_server import Script, fake_model_server
from vernacular.errors import ContextTooLong, ModelBusy, ModelInterrupted, ModelRefused, ModelUnavailable

ANSWER = "Hello world."


async def ask(model: ChatModel, **params: Any) -> str:
    return "".join([str(chunk.content) async for chunk in model.llm.astream("hi", **params)])


async def ask_into(got: list[str], model: ChatModel) -> None:
    async for chunk in model.llm.astream("hi"):
        got.append(str(chunk.content))


async def drain(chunks: AsyncIterator[Any]) -> None:
    async for _ in chunks:
        pass


def outcomes(registry: CollectorRegistry) -> dict[str, float]:
    samples = [
        one for family in registry.collect() for one in family.samples if one.name == "vernacular_model_requests_total"
    ]
    return {sample.labels["outcome"]: sample.value for sample in samples}


class TestBeforeTheFirstToken:
    @pytest.mark.parametrize(
        "first",
        [
            Script(status=500),
            Script(status=503),
            Script(status=429, retry_after="1"),
            Script(status=401),
            Script(status=404),
            Script(die_after=0),
            Script(error_after=0),
            Script(raw=b""),
            Script(raw=b"data: {nonsense\n\n"),
            Script(raw=b"<html>not found</html>"),
        ],
        ids=str,
    )
    def test_another_replica_is_tried(self, tmp_path: Path, first: Script) -> None:
        async def use(models: Models) -> None:
            assert await ask(chosen(models)) == ANSWER
            assert (len(bad.requests), len(good.requests)) == (1, 1)

        with fake_model_server(first) as bad, fake_model_server() as good:
            with_models(settings_for(tmp_path, [bad, good]), use)

    def test_another_is_tried_when_no_token_comes_in_time(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            assert await ask(chosen(models)) == ANSWER
            await until(lambda: slow.hung_up == 1)

        with fake_model_server(Script(hold=True)) as slow, fake_model_server() as good:
            with_models(settings_for(tmp_path, [slow, good], first_token_s=0.1), use)

    def test_the_only_one_is_tried_once_more(self, tmp_path: Path) -> None:
        registry = CollectorRegistry()

        async def use(models: Models) -> None:
            assert await ask(chosen(models)) == ANSWER

        with fake_model_server(scripts=deque([Script(status=500)])) as server:
            with_models(settings_for(tmp_path, [server]), use, registry)
            assert len(server.requests) == 2
        assert registry.get_sample_value("vernacular_model_retries_total", {"model": "fake-model"}) == 1

    def test_it_is_given_up_when_every_try_failed(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            with pytest.raises(ModelUnavailable):
                await ask(chosen(models))
            assert len(server.requests) == 2

        with fake_model_server(Script(status=500)) as server:
            with_models(settings_for(tmp_path, [server]), use)

    def test_a_slow_one_is_not_asked_again(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            with pytest.raises(ModelUnavailable):
                await ask(chosen(models))
            assert len(server.requests) == 1

        with fake_model_server(Script(hold=True)) as server:
            with_models(settings_for(tmp_path, [server], first_token_s=0.05), use)

    def test_it_is_busy_when_every_replica_sheds_load(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            with pytest.raises(ModelBusy) as raised:
                await ask(chosen(models))
            assert raised.value.retry_after_s == 9

        with fake_model_server(Script(status=503, retry_after="9")) as server:
            with_models(settings_for(tmp_path, [server]), use)

    def test_what_the_server_refuses_is_not_tried_again(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            with pytest.raises(ContextTooLong):
                await ask(chosen(models))
            with pytest.raises(ModelRefused) as raised:
                await ask(chosen(models))
            assert type(raised.value) is ModelRefused
            assert len(server.requests) == 2

        scripts = deque([Script(status=400, error="maximum context length is 4096 tokens"), Script(status=400)])
        with fake_model_server(scripts=scripts) as server:
            with_models(settings_for(tmp_path, [server]), use)

    def test_reasoning_counts_as_a_token(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            with pytest.raises(ModelInterrupted):
                await ask(chosen(models))

        with fake_model_server(Script(reasoning="hm", die_after=0)) as server:
            with_models(settings_for(tmp_path, [server]), use)


class TestAfterTheFirstToken:
    @pytest.mark.parametrize(
        "script", [Script(die_after=2, delay_s=0.05), Script(error_after=2, delay_s=0.05)], ids=str
    )
    def test_it_is_interrupted_and_never_begun_anew(self, tmp_path: Path, script: Script) -> None:
        registry = CollectorRegistry()

        async def use(models: Models) -> None:
            got: list[str] = []
            with pytest.raises(ModelInterrupted):
                await ask_into(got, chosen(models))
            assert "".join(got).startswith("Hello")
            assert len(bad.requests) + len(good.requests) == 1

        with fake_model_server(script) as bad, fake_model_server(script) as good:
            with_models(settings_for(tmp_path, [bad, good]), use, registry)
        assert outcomes(registry) == {"interrupted": 1}

    def test_it_is_interrupted_when_the_stream_stops(self, tmp_path: Path) -> None:
        raw = b'data: {"choices": [{"delta": {"content": "Hel"}}]}\n\n'

        async def use(models: Models) -> None:
            with pytest.raises(ModelInterrupted):
                await ask(chosen(models))

        with fake_model_server(Script(raw=raw)) as server:
            with_models(settings_for(tmp_path, [server]), use)

    def test_it_is_interrupted_when_it_takes_too_long(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            with pytest.raises(ModelInterrupted):
                await ask(chosen(models))

        with fake_model_server(Script(tokens=["x"] * 10_000, delay_s=0.01)) as server:
            with_models(settings_for(tmp_path, [server], total_s=0.3), use)


class TestBreaker:
    def test_spares_a_replica_that_fails(self, tmp_path: Path) -> None:
        registry = CollectorRegistry()

        async def use(models: Models) -> None:
            for _ in range(FAILURES + 5):
                assert await ask(chosen(models)) == ANSWER
            assert len(bad.requests) == FAILURES
            (card,) = models.cards()
            assert {one.breaker for one in card.replicas} == {"open", "closed"}

        with fake_model_server(Script(status=500)) as bad, fake_model_server() as good:
            with_models(settings_for(tmp_path, [bad, good]), use, registry)
            label = {"replica": bad.url.removeprefix("http://").removesuffix("/v1")}
        assert registry.get_sample_value("vernacular_model_breaker_opens_total", label) == 1

    def test_does_not_open_for_shedding_refusing_or_cancelling(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            for error in (ModelBusy, ModelRefused) * FAILURES:
                with pytest.raises(error):
                    await ask(chosen(models))
            for _ in range(FAILURES):
                task = asyncio.create_task(ask(chosen(models)))
                await until(lambda: server.active == 1)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                await until(lambda: server.active == 0)
            assert models.cards()[0].replicas[0].breaker == "closed"

        scripts = deque([Script(status=503), Script(status=400)] * FAILURES)
        with fake_model_server(Script(hold=True), scripts=scripts) as server:
            with_models(settings_for(tmp_path, [server]), use)


class TestLeaving:
    def test_by_cancelling_hangs_up_and_frees_the_place(self, tmp_path: Path) -> None:
        registry = CollectorRegistry()

        async def use(models: Models) -> None:
            task = asyncio.create_task(ask(chosen(models)))
            await until(lambda: server.sent > 5)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert models.cards()[0].replicas[0].in_flight == 0
            await until(lambda: server.hung_up == 1)

        with fake_model_server(Script(tokens=["x"] * 100_000, delay_s=0.001)) as server:
            with_models(settings_for(tmp_path, [server]), use, registry)
            assert server.sent < 100_000
        assert outcomes(registry) == {"cancelled": 1}

    def test_by_closing_hangs_up(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            stream: Any = chosen(models).llm.astream("hi")
            async with aclosing(stream) as chunks:
                await anext(chunks)
            await until(lambda: server.hung_up == 1)

        with fake_model_server(Script(tokens=["x"] * 100_000, delay_s=0.001)) as server:
            with_models(settings_for(tmp_path, [server]), use)

    def test_before_the_first_token_hangs_up(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            task = asyncio.create_task(ask(chosen(models)))
            await until(lambda: server.active == 1)
            task.cancel()
            await until(lambda: server.hung_up == 1)

        with fake_model_server(Script(hold=True)) as server:
            with_models(settings_for(tmp_path, [server]), use)

    def test_by_the_gateway_ends_the_answers_under_way(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            task = asyncio.create_task(ask(chosen(models)))
            await until(lambda: server.sent > 5)
            await models.close()
            with pytest.raises(ModelInterrupted):
                await task

        with fake_model_server(Script(tokens=["x"] * 100_000, delay_s=0.001)) as server:
            with_models(settings_for(tmp_path, [server]), use)


class TestASlowReader:
    def test_makes_the_server_wait_instead_of_filling_memory(self, tmp_path: Path) -> None:
        """A thousand tokens of 8 KB each: more than all buffers between the two take."""

        async def use(models: Models) -> None:
            stream: Any = chosen(models).llm.astream("hi")
            async with aclosing(stream) as chunks:
                await anext(chunks)
                seen = -1
                while server.sent != seen:  # until it stands still
                    seen = server.sent
                    await asyncio.sleep(0.3)
                assert server.sent < len(tokens)
                rest = sum([len(str(chunk.content)) async for chunk in chunks])
            assert server.sent == len(tokens)
            assert rest <= sum(map(len, tokens))

        tokens = ["x" * 8192] * 4000
        with fake_model_server(Script(tokens=tokens)) as server:
            with_models(settings_for(tmp_path, [server]), use)

    def test_that_stands_still_does_not_hold_a_replica(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            stream: Any = chosen(models).llm.astream("hi")
            async with aclosing(stream) as chunks:
                await anext(chunks)
                await until(lambda: server.hung_up == 1)
                replica = models.cards()[0].replicas[0]
                assert (replica.in_flight, replica.breaker) == (0, "closed")
                with pytest.raises(ModelInterrupted):
                    await drain(chunks)

        with fake_model_server(Script(tokens=["x" * 8192] * 4000)) as server:
            with_models(settings_for(tmp_path, [server], total_s=0.5), use)


class TestQueue:
    def test_gives_places_in_turn_and_turns_the_rest_away(self, tmp_path: Path) -> None:
        registry = CollectorRegistry()

        async def use(models: Models) -> None:
            tasks = [asyncio.create_task(ask(chosen(models))) for _ in range(5)]
            await until(lambda: server.active == 2 and sum(task.done() for task in tasks) == 1)
            assert models.cards()[0].waiting == 2
            server.go.set()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            assert results[:4] == [ANSWER] * 4
            assert isinstance(results[4], ModelBusy)

        with fake_model_server(Script(hold=True)) as server:
            with_models(settings_for(tmp_path, [server], max_running=2, max_waiting=2), use, registry)
        assert outcomes(registry) == {"ok": 4, "busy": 1}
        assert registry.get_sample_value("vernacular_model_waiting", {"model": "fake-model"}) == 0
        assert registry.get_sample_value("vernacular_model_in_flight", {"model": "fake-model"}) == 0


class TestFigures:
    def test_count_tokens_and_times_by_model(self, tmp_path: Path) -> None:
        registry = CollectorRegistry()

        async def use(models: Models) -> None:
            await models.load_adapter("fake-model", "acme-tuned", "/adapters/acme")
            await ask(chosen(models, adapter="acme-tuned"))

        with fake_model_server() as server:
            with_models(settings_for(tmp_path, [server]), use, registry)
        label = {"model": "fake-model"}
        assert registry.get_sample_value("vernacular_model_tokens_total", {**label, "kind": "prompt"}) == 7
        assert registry.get_sample_value("vernacular_model_tokens_total", {**label, "kind": "completion"}) == 3
        assert registry.get_sample_value("vernacular_model_first_token_seconds_count", label) == 1
        assert "acme" not in str([sample.labels for family in registry.collect() for sample in family.samples])
