"""How the model servers are that this home knows: those it runs, loading or down included, and those in its settings."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from serve.engine.launch.probe import Probe
from serve.engine.launch.state import ServerState, read_states
from vernacular.endpoints import ModelEndpoint, announced, configured
from vernacular.settings import Settings

ASKED_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """`state`: `loading`, `ready`, `waiting` (to be started again), `failed`, `gone` (its supervisor was killed) or
    `silent` (it should answer and does not). `models`: what it serves, adapters included. Figures are None where the
    server does not tell them; `kv_use` is a share of 1.
    """

    name: str
    state: str
    url: str
    model: str
    models: tuple[str, ...] = ()
    profile: str = ""
    context_tokens: int = 0
    running: int | None = None
    waiting: int | None = None
    kv_use: float | None = None
    prompt_tokens: int | None = None
    generated_tokens: int | None = None
    uptime_s: float | None = None
    restarts: int = 0
    log: str = ""
    message: str = ""

    @property
    def answers(self) -> bool:
        return self.state == "ready"


def server_statuses(settings: Settings) -> list[ServerStatus]:
    """Asks all of them at once; takes seconds at most."""
    pairs = list(_known(settings))
    with ThreadPoolExecutor(ASKED_AT_ONCE) as threads:
        return list(threads.map(lambda pair: _status(*pair), pairs))


def _known(settings: Settings) -> Iterator[tuple[ModelEndpoint | None, ServerState | None]]:
    states = {state.name: state for state in read_states(settings)}
    for endpoint in announced(settings):
        yield endpoint, states.pop(endpoint.name, None)
    yield from ((None, state) for state in states.values())
    yield from ((configured(endpoint), None) for endpoint in settings.generation.endpoints)


def _status(endpoint: ModelEndpoint | None, state: ServerState | None) -> ServerStatus:
    if endpoint is None:
        assert state is not None
        return _down(state)
    with Probe(endpoint.url, endpoint.api_key) as probe:
        models = probe.models()
        load = probe.load() if models else None
    return ServerStatus(
        endpoint.name,
        "ready" if models else "silent",
        endpoint.url,
        endpoint.model or (models[0].name if models else ""),
        tuple(model.name for model in models),
        endpoint.profile,
        endpoint.context_tokens or max((model.context_tokens for model in models), default=0),
        load.running if load else None,
        load.waiting if load else None,
        load.kv_use if load else None,
        load.prompt_tokens if load else None,
        load.generated_tokens if load else None,
        time.time() - state.since if state else None,
        state.restarts if state else 0,
        state.log if state else "",
        "" if models else "It does not answer, or not to the key it should take.",
    )


def _down(state: ServerState) -> ServerStatus:
    return ServerStatus(
        state.name,
        state.phase,
        f"http://127.0.0.1:{state.port}/v1",
        state.model,
        profile=state.profile,
        restarts=state.restarts,
        log=state.log,
        message=state.message,
    )
