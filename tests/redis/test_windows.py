"""Quotas counted in a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from serve.app import create_app
from serve.quotas import windows
from serve.quotas.windows import Span, Window, Windows
from tests.redis.conftest import RedisServer
from tests.serve.gateway import Gateway, memory_services
from vernacular.settings import QuotaSettings, Settings

pytestmark = pytest.mark.redis


def settings(redis: RedisServer) -> QuotaSettings:
    return QuotaSettings.model_validate({"storage": "redis", "redis_url": redis.url})


@asynccontextmanager
async def opened(redis: RedisServer) -> AsyncIterator[Windows]:
    counted = Windows(settings(redis))
    try:
        yield counted
    finally:
        await counted.close()


def minute(limit: int) -> Window:
    return Window("tenant", Span.MINUTE, "k", limit)


async def taken(counted: Windows, window: Window, times: int, cost: int = 1) -> int:
    return sum([await counted.take(window, cost) for _ in range(times)])


class TestWindows:
    def test_are_shared_by_gateways(self, redis: RedisServer) -> None:
        async def main() -> None:
            async with opened(redis) as first, opened(redis) as second:
                assert await taken(first, minute(10), 6) == 6
                assert await taken(second, minute(10), 9) == 4
                standing = await first.standing(minute(10))
            assert standing.remaining == 0
            assert 1 <= standing.wait_s <= 120

        asyncio.run(main())

    def test_let_no_more_through_when_all_come_at_once(self, redis: RedisServer) -> None:
        async def main() -> None:
            async with opened(redis) as first, opened(redis) as second:
                found = await asyncio.gather(*((first, second)[n % 2].take(minute(20)) for n in range(150)))
            assert sum(found) == 20

        asyncio.run(main())

    def test_take_back(self, redis: RedisServer) -> None:
        async def main() -> None:
            async with opened(redis) as counted:
                assert await counted.take(minute(100), 90)
                assert await counted.take(minute(100), -50)
                assert await counted.take(minute(100), 60)
                assert not await counted.take(minute(100), 1)

        asyncio.run(main())

    def test_go_on_in_the_process_while_redis_is_away_and_there_when_it_is_back(
        self, redis: RedisServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(windows, "AGAIN_S", 0.2)

        async def main() -> None:
            async with opened(redis) as counted:
                assert await taken(counted, minute(5), 2) == 2
                redis.stop()
                assert await taken(counted, minute(5), 9) == 5
                assert "redis does not answer" in counted.state
                redis.start()
                await asyncio.sleep(0.3)
                assert await taken(counted, minute(5), 9) == 5
                assert counted.state == "redis"

        asyncio.run(main())


@contextmanager
def gateway(home: Path, redis: RedisServer) -> Iterator[Gateway]:
    wanted = Settings(home=home, quotas=settings(redis))
    wanted.serve = wanted.serve.model_copy(update={"worker": False})
    app = create_app(wanted, memory_services())
    with TestClient(app) as http:
        yield Gateway(http, app.state.services)


class TestGateway:
    def test_answers_without_redis_and_says_so(self, redis: RedisServer, tmp_path: Path) -> None:
        with gateway(tmp_path / "home", redis) as running:
            limits: dict[str, Any] = {"quotas": {"tenant": {"requests_per_minute": 3, "tokens_per_day": 1000}}}
            running.tenant("town", profile=limits)
            key = running.key("town")
            assert running.call("GET", "/v1/tenant", key).status_code == 200
            assert running.ask(key, "What is the fee?").status_code == 200
            assert running.call("GET", "/readyz").json()["parts"]["quotas"]["detail"] == "redis"
            redis.stop()
            found = [running.call("GET", "/v1/tenant", key).status_code for _ in range(4)]
            assert found == [200, 200, 200, 429]
            told = running.call("GET", "/readyz").json()["parts"]["quotas"]
            assert told == {"ready": True, "detail": "redis does not answer: counted in this process"}
