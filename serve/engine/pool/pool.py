"""The servers of all models, and one request through them: wait for a place, try, try another, stream."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Any, TypeVar

import orjson

from serve.engine.pool import failures
from serve.engine.pool.admission import Admission, Lease
from serve.engine.pool.client import ModelClient
from serve.engine.pool.failures import Failure, Kind
from serve.engine.pool.figures import ModelFigures
from serve.engine.pool.health import look
from serve.engine.pool.members import Members, reconcile
from serve.engine.pool.replica import Replica
from serve.engine.pool.stream import Patience, Piece, Stream
from vernacular.errors import ModelBusy, ModelInterrupted, ModelRefused, ModelUnavailable, VernacularError
from vernacular.settings import Settings

log = logging.getLogger(__name__)
T = TypeVar("T")
TRIES = 3
AGAIN_S = 0.1
"""Before trying the only replica once more."""
ROUND_S = 2.0
"""What a round of health waits for servers that are slow to answer."""
FEWEST_MS, MOST_MS = 15, 60
"""For how long tokens are merged into one piece: with one request under way, and with many."""


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One request to a model. `params` is what every OpenAI-compatible server knows; `vllm_params` goes to vLLM alone; `tenant`
    says whose it is, and goes nowhere."""

    model: str
    messages: list[dict[str, Any]]
    adapter: str | None
    params: Mapping[str, Any]
    vllm_params: Mapping[str, Any]
    tenant: str = ""

    def body(self, replica: Replica) -> bytes:
        content: dict[str, Any] = {
            "model": self.adapter or replica.model,
            "messages": self.messages,
            "stream": True,
            "stream_options": {"include_usage": True},
            **self.params,
        }
        if replica.offer.vllm:
            content.update(self.vllm_params)
        return orjson.dumps(content)


class Pool:
    """For one event loop, between `open` and `close`."""

    def __init__(self, settings: Settings, figures: ModelFigures) -> None:
        self.settings = settings
        self.figures = figures
        self.client = ModelClient()
        self.replicas: tuple[Replica, ...] = ()
        self.loop: asyncio.AbstractEventLoop | None = None
        self._queues: dict[str, Admission] = {}
        self._members = Members(settings)
        self._looks: dict[Replica, asyncio.Task[None]] = {}
        self._alone = Lock()

    async def open(self) -> None:
        self.loop = asyncio.get_running_loop()
        await self.client.open()

    async def close(self) -> None:
        looks = list(self._looks.values())
        for task in looks:
            task.cancel()
        await asyncio.gather(*looks, return_exceptions=True)
        await self.client.close()
        self.loop = None

    def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """`work` in the pool's loop, for threads outside it; without one, in a loop of its own with the servers looked at
        anew.

        Raises:
            RuntimeError: called in the loop's own thread, which would wait for itself.
        """
        if self.loop is None:
            with self._alone:
                return asyncio.run(self._opened(work))
        if self.loop is _running_loop():
            raise RuntimeError("this is the event loop's own thread: use the asynchronous methods")
        return asyncio.run_coroutine_threadsafe(work(), self.loop).result()

    async def _opened(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        await self.open()
        try:
            await self.look()
            return await work()
        finally:
            await self.close()

    def refresh_members(self) -> None:
        self.replicas = reconcile(self.replicas, self._members.endpoints())

    async def look(self) -> None:
        """One round of health: who is there, and how each fares. One that is slow to answer does not hold up the others,
        here or in the rounds after."""
        self.refresh_members()
        for replica in self.replicas:
            if replica not in self._looks:
                task = self._looks[replica] = asyncio.create_task(look(self.client, replica), name="model-look")
                task.add_done_callback(partial(self._looked, replica))
        if self._looks:
            await asyncio.wait(self._looks.values(), timeout=ROUND_S)
        self.hand_out()

    def _looked(self, replica: Replica, task: asyncio.Task[None]) -> None:
        del self._looks[replica]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("looking at a model server failed", exc_info=error)

    def hand_out(self) -> None:
        for queue in self._queues.values():
            queue.hand_out()

    def waiting(self, model: str) -> int:
        """Requests in the queue of a model. May be called from any thread."""
        queue = self._queues.get(model)
        return 0 if queue is None else queue.waiting

    def queue(self, model: str) -> Admission:
        """The queue before the replicas of a model; one that no replica has gets none that would be kept."""
        found = self._queues.get(model)
        if found is None:
            most = self.settings.quotas.running_per_tenant
            found = Admission(model, self.settings.generation, lambda: self.replicas, self.figures, per_tenant=most)
            if any(replica.model == model for replica in self.replicas):
                self._queues[model] = found
        return found

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Piece]:
        """The answer in pieces; the last has a `finish_reason`.

        Raises:
            ModelBusy: the queue is full, the wait was too long, or every replica sheds load.
            ModelUnavailable: no replica could begin.
            ModelInterrupted: it broke off after the first token.
            ModelRefused: the request is not taken; ContextTooLong if it is too long.
        """
        begin = asyncio.get_running_loop().time()
        outcome, first = "cancelled", True
        self.figures.in_flight.labels(request.model).inc()
        try:
            async with aclosing(self._tries(request, begin + self.settings.generation.total_s)) as pieces:
                async for piece in pieces:
                    if first:
                        first = False
                        self._observe_first(request.model, begin)
                    if piece.finish_reason is not None:
                        outcome = "ok"
                        self._observe_end(request.model, begin, piece)
                    yield piece
        except VernacularError as error:
            outcome = _outcome(error)
            raise
        finally:
            self.figures.in_flight.labels(request.model).dec()
            self.figures.requests.labels(request.model, outcome).inc()

    async def _tries(self, request: ChatRequest, until: float) -> AsyncGenerator[Piece]:
        queue = self.queue(request.model)
        failed: list[Replica] = []
        while True:
            lease = await queue.take(request.adapter, frozenset(failed), request.tenant)
            late = asyncio.get_running_loop().call_at(until, lease.release)
            try:
                stream = self._stream(lease.replica, request, until)
                async with aclosing(stream.pieces()) as pieces:
                    async for piece in pieces:
                        lease.replica.breaker.succeed()
                        yield piece
                    return
            except Failure as failure:
                self._note(lease, request, failure)
                if stream.begun:
                    raise ModelInterrupted("The model broke off in the middle of its answer.") from failure
                failed.append(lease.replica)
                if not self._may_try_again(request, failed, failure, until):
                    raise _error(queue, failure) from failure
            finally:
                late.cancel()
                lease.release()
            self.figures.retries.labels(request.model).inc()
            if failed[-1] in failed[:-1] or len(self._able(request)) < 2:
                await asyncio.sleep(AGAIN_S)

    def _stream(self, replica: Replica, request: ChatRequest, until: float) -> Stream:
        patience = Patience(self.settings.generation.first_token_s, until)
        merge_ms = min(FEWEST_MS + replica.in_flight, MOST_MS)
        return Stream(self.client, replica.endpoint, request.body(replica), patience, merge_ms / 1000)

    def _may_try_again(self, request: ChatRequest, failed: list[Replica], failure: Failure, until: float) -> bool:
        """Another replica, or the same one once more unless it is slow, full, or does not have the model."""
        if failure.kind is Kind.REFUSED or len(failed) >= TRIES or asyncio.get_running_loop().time() >= until:
            return False
        able = self._able(request)
        if any(replica not in failed for replica in able):
            return True
        return failure.kind is Kind.BROKEN and bool(able) and len(failed) < 2

    def _able(self, request: ChatRequest) -> list[Replica]:
        return [one for one in self.replicas if one.takes_requests() and one.serves(request.model, request.adapter)]

    def _note(self, lease: Lease, request: ChatRequest, failure: Failure) -> None:
        """What a failure says of its replica."""
        replica = lease.replica
        fields = {"replica": replica.label, "kind": failure.kind.value, "reason": str(failure)}
        counts = failure.kind in {Kind.BROKEN, Kind.SLOW}
        log.log(logging.WARNING if counts else logging.INFO, "a try at a model failed", extra={"fields": fields})
        if counts and replica.breaker.fail(lease.probe):
            self.figures.breaker_opens.labels(replica.label).inc()
        elif failure.kind is Kind.MISSING:
            replica.forget(request.adapter)

    def _observe_first(self, model: str, begin: float) -> None:
        self.figures.first_token.labels(model).observe(asyncio.get_running_loop().time() - begin)

    def _observe_end(self, model: str, begin: float, piece: Piece) -> None:
        seconds = asyncio.get_running_loop().time() - begin
        self.figures.seconds.labels(model).observe(seconds)
        self.queue(model).observe_duration(seconds)
        if piece.usage is not None:
            self.figures.tokens.labels(model, "prompt").inc(piece.usage.prompt)
            self.figures.tokens.labels(model, "completion").inc(piece.usage.completion)


def _error(queue: Admission, failure: Failure) -> VernacularError:
    """What whoever asked is told when no further try is worth it."""
    if failure.kind is Kind.REFUSED:
        return failures.refused(str(failure))
    if failure.kind is Kind.SHED:
        return queue.busy("Every server of the model has too much to do.", failure.retry_after_s)
    return ModelUnavailable(f"No server of the model {queue.model!r} could begin an answer.")


def _outcome(error: VernacularError) -> str:
    kinds = {
        ModelBusy: "busy",
        ModelInterrupted: "interrupted",
        ModelUnavailable: "unavailable",
        ModelRefused: "refused",
    }
    return next((name for kind, name in kinds.items() if isinstance(error, kind)), "failed")


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
