"""Sliding windows that requests and tokens are counted in: in this process, or in Redis for all gateways.

The window is `limits`' sliding window counter: the present window's count, and of the one before the share that still reaches into the last
minute or day. While Redis does not answer, this process counts by itself, and tries again after a while.
"""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError

from vernacular.errors import InvalidSetting
from vernacular.settings import QuotaSettings

log = logging.getLogger(__name__)
REDIS_S: Final = 0.5
"""What an answer of Redis may take: every request waits for it."""
AGAIN_S: Final = 5.0
SWEEP_S: Final = 30.0
NAMESPACE: Final = "vernacular"


class Span(Enum):
    MINUTE = 60
    DAY = 86_400


class _Minute(RateLimitItemPerMinute):
    def key_for(self, *identifiers: bytes | str | int | float) -> str:
        return _key(self, identifiers)


class _Day(RateLimitItemPerDay):
    def key_for(self, *identifiers: bytes | str | int | float) -> str:
        return _key(self, identifiers)


def _key(item: RateLimitItem, identifiers: tuple[Any, ...]) -> str:
    """Without the limit itself: what was used stays used when a limit is changed."""
    return "/".join(map(str, (item.namespace, *identifiers, item.GRANULARITY.name)))


@dataclass(frozen=True, slots=True)
class Window:
    """A limit on what is counted under `key`; `name` is what people and programs call it."""

    name: str
    span: Span
    key: str
    limit: int

    @property
    def item(self) -> RateLimitItem:
        kind = _Minute if self.span is Span.MINUTE else _Day
        return kind(self.limit, namespace=NAMESPACE)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a window stands. `reset_s`: seconds until its present window ends; `wait_s`: until what was asked for fits."""

    window: Window
    remaining: int
    reset_s: int
    wait_s: int


class _Memory(MemoryStorage):
    """`limits`' own looks at each of its keys whenever one is counted; this one does so now and then."""

    def __init__(self) -> None:
        super().__init__()
        self._sweep_at = 0.0

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        now = time.time()
        if now >= self._sweep_at:
            self._sweep_at = now + SWEEP_S
            for each in [name for name, until in self.expirations.items() if until <= now]:
                await self.clear(each)
        await self.get(key)
        self.storage[key] += amount
        self.expirations.setdefault(key, now + expiry)
        return self.storage[key]

    async def decr(self, key: str, amount: int = 1) -> int:
        await self.get(key)
        self.storage[key] -= amount
        return self.storage[key]


class Windows:
    """For one event loop.

    Raises:
        InvalidSetting: there is no address of Redis, or it is none.
    """

    def __init__(self, settings: QuotaSettings) -> None:
        self._memory = SlidingWindowCounterRateLimiter(_Memory())
        self._pool = _pool(settings) if settings.storage == "redis" else None
        self._redis: SlidingWindowCounterRateLimiter | None = None
        if self._pool is not None:
            storage = RedisStorage(
                "async+redis://",
                wrap_exceptions=True,
                implementation="redispy",
                key_prefix=NAMESPACE,
                connection_pool=self._pool,
            )
            self._redis = SlidingWindowCounterRateLimiter(storage)
        self._away_until = 0.0
        self.losses = 0
        """How often counting began anew in this process, with empty windows."""

    async def close(self) -> None:
        """Hang up on Redis."""
        if self._pool is not None:
            await self._pool.aclose()

    @property
    def state(self) -> str:
        """Where counting goes on now, in words."""
        if self._redis is None:
            return "counted in this process"
        return "redis" if self._there else "redis does not answer: counted in this process"

    @property
    def durable(self) -> bool:
        """Whether what was counted is still known when this process starts anew."""
        return self._redis is not None and self._there

    async def take(self, window: Window, cost: int = 1) -> bool:
        """Count `cost`, unless it would pass the limit; a negative one gives back."""
        if self._there and self._redis is not None:
            try:
                return await self._redis.hit(window.item, window.key, cost=cost)
            except StorageError as error:
                await self._lost(error)
        return await self._memory.hit(window.item, window.key, cost=cost)

    async def standing(self, window: Window, cost: int = 1) -> Standing:
        before, before_s, now, now_s = await self._counts(window)
        used = math.floor(before * before_s / window.span.value) + now
        wait = wait_s(window, cost, (before, before_s, now, now_s))
        reset = math.ceil(now_s - window.span.value) if now_s > window.span.value else window.span.value
        return Standing(window, max(0, window.limit - used), reset, wait)

    async def remember(self, window: Window, before: int, now: int) -> None:
        """What is known from elsewhere to have been used in the window before and the present one."""
        storage, span = self._memory.storage, window.span.value
        if isinstance(storage, _Memory):
            moment = time.time()
            keys = storage.sliding_window_keys(window.item.key_for(window.key), span, moment)
            for key, count, left in zip(keys, (before, now), (span, 2 * span), strict=True):
                if count:
                    await storage.incr(key, left - moment % span, count)

    @property
    def _there(self) -> bool:
        return self._redis is not None and time.monotonic() >= self._away_until

    async def _counts(self, window: Window) -> tuple[int, float, int, float]:
        if self._there and self._redis is not None:
            try:
                return await _sliding(self._redis.storage, window)
            except StorageError as error:
                await self._lost(error)
        return await _sliding(self._memory.storage, window)

    async def _lost(self, error: StorageError) -> None:
        if self._there:
            self.losses += 1
            await self._memory.storage.reset()
        self._away_until = time.monotonic() + AGAIN_S
        log.warning(
            "redis does not answer; quotas are counted in this process", extra={"fields": {"error": str(error)}}
        )


def wait_s(window: Window, cost: int, counts: tuple[int, float, int, float]) -> int:
    """Whole seconds, at least 1, until `cost` fits, if nothing else is counted meanwhile.

    `counts`: of the window before and the seconds it still counts for, of the present one and the seconds until it is
    forgotten, as `limits` has them. What is more than the limit never fits; that is told as a whole window.
    """
    before, before_s, now, now_s = counts
    span, room = window.span.value, window.limit - cost
    if room < 0:
        return span
    left = max(0.0, now_s - span) if now else before_s
    if now <= room:  # it fits as soon as the window before has faded far enough
        wanted = before_s - (room - now + 1) * span / before if before else 0.0
    else:  # it fits only when the present window is the one before, and has faded
        wanted = left + span * (1 - (room + 1) / now)
    return max(1, math.floor(wanted + 0.001) + 1)


async def _sliding(storage: Any, window: Window) -> tuple[int, float, int, float]:
    before, before_s, now, now_s = await storage.get_sliding_window(window.item.key_for(window.key), window.span.value)
    return int(before), float(before_s), int(now), float(now_s)


def _pool(settings: QuotaSettings) -> Any:
    """Connections to Redis.

    Raises:
        InvalidSetting: there is no address of Redis, or its client is not installed.
    """
    address = settings.redis_url.get_secret_value() if settings.redis_url else ""
    if not address.startswith(("redis://", "rediss://")):
        raise InvalidSetting(
            "VERNACULAR_QUOTAS__REDIS_URL is not an address of Redis.",
            "Use redis://:PASSWORD@HOST:6379/0, or rediss://.",
        )
    try:
        from redis.asyncio import ConnectionPool  # noqa: PLC0415 - an extra
    except ImportError:
        raise InvalidSetting(
            "Quotas are to be counted in Redis, and its client is not installed.", "pip install 'vernacular[redis]'"
        ) from None
    return ConnectionPool.from_url(address, socket_timeout=REDIS_S, socket_connect_timeout=REDIS_S)
