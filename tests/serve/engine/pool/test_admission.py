from __future__ import annotations

import asyncio
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from serve.engine.pool.admission import Admission, Lease
from serve.engine.pool.figures import ModelFigures
from serve.engine.pool.replica import Load, Offer, Replica, State
from vernacular.endpoints import ModelEndpoint
from vernacular.errors import ModelBusy, ModelUnavailable
from vernacular.settings import GenerationSettings


def replica(name: str = "a", model: str = "m", adapters: tuple[str, ...] = ()) -> Replica:
    offer = Offer((model,), dict.fromkeys(adapters, "/path"))
    return Replica(ModelEndpoint(name, f"http://{name}/v1"), State.UP, offer=offer)


def admission(*replicas: Replica, **generation: Any) -> Admission:
    settings = GenerationSettings(**{"max_running": 1, "max_waiting": 2, "wait_s": 60, **generation})
    return Admission("m", settings, lambda: replicas, ModelFigures(CollectorRegistry()))


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


class TestChoice:
    def test_is_the_least_burdened(self) -> None:
        async def main() -> None:
            busy, idle = replica("busy"), replica("idle")
            busy.load = Load(waiting=3)
            queue = admission(busy, idle, max_running=9)
            assert [(await queue.take(None)).replica for _ in range(4)] == [idle, idle, idle, busy]

        asyncio.run(main())

    def test_passes_by_those_who_wait_for_an_adapter(self) -> None:
        async def main() -> None:
            special, plain = replica("special", adapters=("x",)), replica("plain")
            queue = admission(special, plain)
            held = await queue.take("x")
            waiting = asyncio.create_task(queue.take("x"))
            await settle()
            assert (await queue.take(None)).replica is plain
            held.release()
            assert (await waiting).replica is special

        asyncio.run(main())

    def test_is_among_those_that_serve_it_and_are_well(self) -> None:
        async def main() -> None:
            down, draining, other, broken, well = (replica(name) for name in "abcde")
            down.state, draining.state = State.DOWN, State.DRAINING
            other.offer = Offer(("other",))
            for _ in range(3):
                broken.breaker.fail()
            queue = admission(down, draining, other, broken, well, max_running=9)
            assert {(await queue.take(None)).replica for _ in range(9)} == {well}

        asyncio.run(main())

    def test_avoids_a_replica_only_while_there_is_another(self) -> None:
        async def main() -> None:
            bad, good = replica("bad"), replica("good")
            queue = admission(bad, good, max_running=9)
            assert {(await queue.take(None, frozenset([bad]))).replica for _ in range(4)} == {good}
            good.state = State.DOWN
            assert (await queue.take(None, frozenset([bad]))).replica is bad

        asyncio.run(main())

    def test_is_unavailable_at_once_where_nobody_serves_it(self) -> None:
        async def main() -> None:
            queue = admission(replica())
            with pytest.raises(ModelUnavailable):
                await queue.take("unknown-adapter")

        asyncio.run(main())


class TestQueue:
    def test_is_first_come_first_served(self) -> None:
        async def main() -> None:
            queue, order = admission(replica()), list[str]()

            async def wait(name: str) -> None:
                lease = await queue.take(None)
                order.append(name)
                lease.release()

            held = await queue.take(None)
            waiting = [asyncio.create_task(wait(name)) for name in ("first", "second")]
            await settle()
            assert (queue.waiting, order) == (2, [])
            held.release()
            await asyncio.gather(*waiting)
            assert order == ["first", "second"]

        asyncio.run(main())

    def test_turns_away_when_it_is_full_and_says_when_to_come_back(self) -> None:
        async def main() -> None:
            queue = admission(replica(), max_waiting=1)
            await queue.take(None)
            waiting = asyncio.create_task(queue.take(None))
            await settle()
            for _ in range(99):
                queue.observe_duration(12.0)
            with pytest.raises(ModelBusy) as raised:
                await queue.take(None)
            assert raised.value.retry_after_s == 24  # the one that runs, the one that waits
            waiting.cancel()

        asyncio.run(main())

    def test_turns_away_whoever_waited_too_long(self) -> None:
        async def main() -> None:
            queue = admission(replica(), wait_s=0.01)
            await queue.take(None)
            with pytest.raises(ModelBusy, match=r"0\.01 s"):
                await queue.take(None)
            assert queue.waiting == 0

        asyncio.run(main())

    def test_is_none_with_a_wait_of_zero(self) -> None:
        async def main() -> None:
            queue = admission(replica(), wait_s=0)
            await queue.take(None)
            with pytest.raises(ModelBusy):
                await queue.take(None)

        asyncio.run(main())

    def test_does_not_keep_back_those_who_can_be_served(self) -> None:
        async def main() -> None:
            plain, tuned = replica("plain"), replica("tuned", adapters=("x",))
            queue = admission(plain, tuned)
            on_tuned, on_plain = await queue.take("x"), await queue.take(None)
            waits_for_adapter = asyncio.create_task(queue.take("x"))
            await settle()
            anyone = asyncio.create_task(queue.take(None))
            await settle()
            on_plain.release()
            assert (await anyone).replica is plain
            on_tuned.release()
            assert (await waits_for_adapter).replica is tuned

        asyncio.run(main())

    def test_tells_those_who_wait_when_the_last_replica_goes(self) -> None:
        async def main() -> None:
            only = replica()
            queue = admission(only)
            await queue.take(None)
            waiting = asyncio.create_task(queue.take(None))
            await settle()
            only.state = State.DOWN
            queue.hand_out()
            with pytest.raises(ModelUnavailable):
                await waiting

        asyncio.run(main())


class TestPlaces:
    def test_are_not_lost_when_whoever_waits_is_cancelled(self) -> None:
        """At any moment: before a place is given, in the moment that it is, and after."""

        async def main(steps_before: int, steps_after: int) -> None:
            only = replica()
            queue = admission(only)
            held = await queue.take(None)
            waiting = asyncio.create_task(queue.take(None))
            for _ in range(steps_before):
                await asyncio.sleep(0)
            held.release()
            for _ in range(steps_after):
                await asyncio.sleep(0)
            waiting.cancel()
            (result,) = await asyncio.gather(waiting, return_exceptions=True)
            if isinstance(result, Lease):
                result.release()
            assert (only.in_flight, queue.waiting) == (0, 0)

        for before in range(4):
            for after in range(4):
                asyncio.run(main(before, after))

    def test_are_given_back_once(self) -> None:
        async def main() -> None:
            only = replica()
            lease = await admission(only).take(None)
            lease.release()
            lease.release()
            assert only.in_flight == 0

        asyncio.run(main())


class TestTenants:
    def order(self, *arrivals: str, held: str = "flooder", **generation: Any) -> list[str]:
        """In which order those who wait get the one place, when they came in this order."""
        found = list[str]()

        async def main() -> None:
            queue = admission(replica(), max_waiting=99, **generation)

            async def wait(tenant: str) -> None:
                lease = await queue.take(None, frozenset(), tenant)
                found.append(tenant)
                await asyncio.sleep(0)
                lease.release()

            lease = await queue.take(None, frozenset(), held)
            tasks = []
            for tenant in arrivals:
                tasks.append(asyncio.create_task(wait(tenant)))
                await settle()
            lease.release()
            await asyncio.gather(*tasks)

        asyncio.run(main())
        return found

    def test_take_turns(self) -> None:
        assert self.order("flooder", "flooder", "flooder", "other", "third") == [
            "other",
            "third",
            "flooder",
            "flooder",
            "flooder",
        ]

    def test_with_fewer_places_come_first(self) -> None:
        async def main() -> None:
            queue = admission(replica(), max_running=3, max_waiting=99)
            leases = [await queue.take(None, frozenset(), tenant) for tenant in ("a", "a", "b")]
            waiting = {tenant: asyncio.create_task(queue.take(None, frozenset(), tenant)) for tenant in ("a", "b", "c")}
            await settle()
            leases[0].release()
            await settle()
            assert [tenant for tenant, task in waiting.items() if task.done()] == ["c"]
            leases[1].release()  # now a has none, b one, c one
            await settle()
            assert [tenant for tenant, task in waiting.items() if task.done()] == ["a", "c"]
            leases[2].release()
            await asyncio.gather(*waiting.values())

        asyncio.run(main())

    def test_have_no_more_places_than_they_may(self) -> None:
        async def main() -> None:
            settings = GenerationSettings(max_running=9, max_waiting=9, wait_s=60)
            figures, one = ModelFigures(CollectorRegistry()), replica()
            queue = Admission("m", settings, lambda: [one], figures, per_tenant=2)
            leases = [await queue.take(None, frozenset(), "a") for _ in range(2)]
            third = asyncio.create_task(queue.take(None, frozenset(), "a"))
            await settle()
            assert not third.done()
            assert (await queue.take(None, frozenset(), "b")).replica is one
            leases[0].release()
            await third

        asyncio.run(main())

    def test_that_crowd_a_full_queue_give_way(self) -> None:
        async def main() -> None:
            queue = admission(replica(), max_waiting=3)
            held = await queue.take(None, frozenset(), "crowd")
            crowd = [asyncio.create_task(queue.take(None, frozenset(), "crowd")) for _ in range(3)]
            await settle()
            other = asyncio.create_task(queue.take(None, frozenset(), "other"))
            await settle()
            with pytest.raises(ModelBusy):
                await crowd[2]
            assert queue.waiting == 3
            with pytest.raises(ModelBusy):  # its own
                await queue.take(None, frozenset(), "crowd")
            held.release()
            (await other).release()
            for task in crowd[:2]:
                (await task).release()

        asyncio.run(main())
