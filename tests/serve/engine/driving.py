"""Models over fake servers, in an event loop of the test's. Health is looked at when the test says so."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from prometheus_client import CollectorRegistry

from serve.engine.models import ChatModel, Models
from tests.serve.engine.fake_model_server import FakeModelServer
from vernacular.settings import EndpointSettings, GenerationSettings, Settings

T = TypeVar("T")
NEVER_S = 3600.0


def settings_for(home: Path, servers: Iterable[FakeModelServer], **generation: Any) -> Settings:
    endpoints = [EndpointSettings(url=server.url) for server in servers]
    values: dict[str, Any] = {"endpoints": endpoints, "health_every_s": NEVER_S, **generation}
    return Settings(home=home, generation=GenerationSettings(**values))


def with_models(
    settings: Settings, use: Callable[[Models], Awaitable[T]], registry: CollectorRegistry | None = None
) -> T:
    """What `use` makes of the models, started before and closed after it."""

    async def main() -> T:
        models = Models(settings, registry)
        await models.start()
        try:
            return await use(models)
        finally:
            await models.close()

    return asyncio.run(main())


def chosen(models: Models, **wishes: Any) -> ChatModel:
    """The chat model for these wishes, which the test expects there to be."""
    found = models.chat_model(**wishes)
    assert found is not None
    return found


async def until(holds: Callable[[], bool]) -> None:
    """Wait for what another thread or task brings about; the test's own time limit is the only one."""
    while not holds():  # noqa: ASYNC110 - what it waits for happens in another thread, which has no event of ours
        await asyncio.sleep(0.002)
