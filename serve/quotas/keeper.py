"""Lets requests and tokens through as far as quotas go, and says how far that is."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from fastapi.concurrency import run_in_threadpool

from serve.quotas.ledger import Ledger
from serve.quotas.windows import Span, Standing, Window, Windows
from vernacular.access.networks import network_of
from vernacular.access.principal import Principal, Role
from vernacular.db.session import Database
from vernacular.errors import QuotaExceeded
from vernacular.quotas.limits import principal_limits, tenant_limits, visitor_limits
from vernacular.quotas.usage import Used, usage
from vernacular.settings import QuotaSettings
from vernacular.telemetry import Metrics
from vernacular.tenancy import Tenant, TenantScope

TENANT, PRINCIPAL, VISITOR = "tenant", "principal", "visitor"
_WHOSE: Final = {
    TENANT: "All of your organisation together",
    PRINCIPAL: "Your account or key",
    VISITOR: "Each visitor",
}


class OverQuota(QuotaExceeded):
    """With the window that has no room."""

    def __init__(self, standing: Standing) -> None:
        window = standing.window
        what = "requests a minute" if window.span is Span.MINUTE else "tokens a day"
        super().__init__(
            f"{_WHOSE[window.name]} may use {window.limit:,} {what}, and {standing.remaining:,} are left.",
            f"Try again in {_in_words(standing.wait_s)}.",
            standing.wait_s,
        )
        self.standing = standing


class QuotaKeeper:
    """What has been used, and what may be. For one event loop."""

    def __init__(
        self, settings: QuotaSettings, database: Database, metrics: Metrics, pseudonym: Callable[[str], str]
    ) -> None:
        """`pseudonym` makes of a text what nobody else can make of it, the same in all gateways."""
        self.settings = settings
        self.ledger = Ledger(database)
        self.windows = Windows(settings)
        self._database = database
        self._metrics = metrics
        self._pseudonym = pseudonym
        self._recalled: set[str] = set()
        self._recalling = asyncio.Lock()
        self._losses = 0

    def close(self) -> None:
        self.ledger.close()

    async def admit(self, principal: Principal, address: str = "") -> list[Standing]:
        """Count a request, or refuse it; how the windows stand that it was counted in.

        `address`: of whoever sends it, where many share the principal and she has no other name.

        Raises:
            QuotaExceeded: it is one too many for the visitor, the principal or the tenant.
        """
        windows = [*self._visitor_windows(principal, address), *self.request_windows(principal)]
        await self._take(principal, windows, 1)
        self.ledger.count(principal, requests=1)
        return [await self.windows.standing(window) for window in windows]

    async def admit_visitor(self, principal: Principal, name: str) -> None:
        """Count a request, which was admitted as the principal's already, as that of someone whom the caller names.

        Raises:
            QuotaExceeded: it is one too many for her. It then counts for nobody: she does not use up what others share.
        """
        try:
            await self._take(principal, self._visitor_windows(principal, name), 1)
        except QuotaExceeded:
            for window in self.request_windows(principal):
                await self.windows.take(window, -1)
            raise

    async def take_tokens(self, principal: Principal, tokens: int) -> None:
        """Count tokens that are about to be used; a negative number gives back.

        Raises:
            QuotaExceeded: they are more than the principal or the tenant has left.
        """
        windows = self.token_windows(principal)
        if windows and tokens:
            await self._recall(principal, windows)
            await self._take(principal, windows, tokens)

    async def could_take_tokens(self, principal: Principal, tokens: int) -> bool:
        """As `take_tokens`, for those who can do with fewer: whether they were counted."""
        windows = self.token_windows(principal)
        await self._recall(principal, windows)
        return await self._first_full(windows, tokens) is None

    async def take_rest(self, principal: Principal, tokens: int) -> None:
        """Count tokens that were used already: as many as there is room for, so that what is over fills the window."""
        windows = self.token_windows(principal)
        await self._recall(principal, windows)
        for window in windows:
            left = (await self.windows.standing(window)).remaining
            if taken := min(left, tokens):
                await self.windows.take(window, taken)

    def request_windows(self, principal: Principal) -> list[Window]:
        tenant = principal.tenant
        own, whole = principal_limits(tenant, self.settings, principal.id), tenant_limits(tenant, self.settings)
        found = [
            Window(PRINCIPAL, Span.MINUTE, f"{tenant.id}/{principal.id}", own.requests_per_minute),
            Window(TENANT, Span.MINUTE, tenant.id, whole.requests_per_minute),
        ]
        return [window for window in found if window.limit]

    def token_windows(self, principal: Principal) -> list[Window]:
        tenant = principal.tenant
        own, whole = principal_limits(tenant, self.settings, principal.id), tenant_limits(tenant, self.settings)
        found = [
            Window(PRINCIPAL, Span.DAY, f"{tenant.id}/{principal.id}/tokens", own.tokens_per_day),
            Window(TENANT, Span.DAY, f"{tenant.id}/tokens", whole.tokens_per_day),
        ]
        return [window for window in found if window.limit]

    async def standings(self, principal: Principal) -> list[Standing]:
        """How every window of a principal stands, without counting anything."""
        tokens = self.token_windows(principal)
        await self._recall(principal, tokens)
        return [await self.windows.standing(window) for window in (*self.request_windows(principal), *tokens)]

    def _visitor_windows(self, principal: Principal, name: str) -> list[Window]:
        """Under a pseudonym, for two minutes: nothing else is kept of visitors."""
        limit = visitor_limits(principal.tenant, self.settings).requests_per_minute if name else 0
        if not limit:
            return []
        pseudonym = self._pseudonym(f"visitor of {principal.tenant.id}: {name}")
        return [Window(VISITOR, Span.MINUTE, f"{principal.tenant.id}/visitor/{pseudonym[:32]}", limit)]

    async def _take(self, principal: Principal, windows: Sequence[Window], cost: int) -> None:
        full = await self._first_full(windows, cost)
        if full is not None:
            self._metrics.quota_refusals.labels(full.name, full.span.name.lower()).inc()
            self.ledger.count(principal, refused=1)
            raise OverQuota(await self.windows.standing(full, cost))

    async def _first_full(self, windows: Sequence[Window], cost: int) -> Window | None:
        """Count in all of them, or in none: then the one that has no room."""
        for number, window in enumerate(windows):
            if await self.windows.take(window, cost):
                continue
            for other in windows[:number]:
                await self.windows.take(other, -cost)
            return window
        return None

    async def _recall(self, principal: Principal, windows: Sequence[Window]) -> None:
        """After a start, what was used today and yesterday, as SQL knows it: windows in memory begin empty."""
        if self.windows.durable or all(window.key in self._recalled for window in windows):
            return
        async with self._recalling:
            if self._losses != self.windows.losses:
                self._losses = self.windows.losses
                self._recalled.clear()
            missing = [window for window in windows if window.key not in self._recalled]
            if not missing:
                return
            rows = await run_in_threadpool(self._used, principal.tenant)
            today = datetime.now(UTC).date()
            for window in missing:
                mine = [row for row in rows if window.name == TENANT or row.principal == principal.id]
                before = sum(row.tokens for row in mine if row.day < today)
                await self.windows.remember(window, before, sum(row.tokens for row in mine if row.day == today))
                self._recalled.add(window.key)

    def _used(self, tenant: Tenant) -> list[Used]:
        self.ledger.write()
        today = datetime.now(UTC).date()
        with self._database.read() as session:
            return usage(TenantScope(session, tenant), today - timedelta(days=1), today)


def visitor_address(principal: Principal, host: str | None) -> str:
    """By what a person is told apart who is not named: her address, where she holds the credential that all visitors of a page share.

    A widget's visitors call from their own browsers. With a public key a front end calls for them, from an address of this machine or another
    one's; the former stands for nobody.
    """
    if principal.kind == "widget":
        return network_of(host or "")
    if principal.kind != "key" or principal.role is not Role.public or not host:
        return ""
    try:
        return "" if ipaddress.ip_address(host).is_loopback else network_of(host)
    except ValueError:
        return ""


def headers_of(standings: Iterable[Standing]) -> dict[str, str]:
    """`RateLimit` fields (draft-ietf-httpapi-ratelimit-headers) of all windows, and the older `X-RateLimit-*` of the tightest."""
    told = list(standings)
    if not told:
        return {}
    tightest = min(told, key=lambda each: each.remaining)
    return {
        "ratelimit-policy": ", ".join(
            f'"{one.window.name}";q={one.window.limit};w={one.window.span.value}' for one in told
        ),
        "ratelimit": ", ".join(f'"{one.window.name}";r={one.remaining};t={one.reset_s}' for one in told),
        "x-ratelimit-limit": str(tightest.window.limit),
        "x-ratelimit-remaining": str(tightest.remaining),
        "x-ratelimit-reset": str(tightest.reset_s),
    }


def _in_words(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds} s"
    return f"{round(seconds / 60)} minutes" if seconds < 7200 else f"{round(seconds / 3600)} hours"
