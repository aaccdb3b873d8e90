"""Which servers there are now: those of the settings, and those announced on this home."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from serve.engine.pool.replica import Replica, State
from serve.engine.profiles.registry import find
from vernacular.endpoints import CHAT, ModelEndpoint, announced, configured
from vernacular.settings import Settings


class Members:
    """The servers of chat models. What those of the settings can do, their profile tells."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._configured: list[ModelEndpoint] | None = None

    def endpoints(self) -> list[ModelEndpoint]:
        """Those of the settings first. A server that is both is taken as it announced itself, since that says more.

        Raises:
            UnknownProfile: an endpoint of the settings names a profile that there is not.
            InvalidSetting: one has no address of a server's.
        """
        if self._configured is None:
            self._configured = [_described(configured(one)) for one in self._settings.generation.endpoints]
        here = [endpoint for endpoint in announced(self._settings) if endpoint.kind == CHAT]
        by_url = {endpoint.url: endpoint for endpoint in here}
        found: list[ModelEndpoint] = []
        for wanted in self._configured:
            same = by_url.get(wanted.url)
            found.append(same if same is not None and wanted.model in {"", same.model} else wanted)
        return list({_key(endpoint): endpoint for endpoint in (*found, *here)}.values())


def _described(endpoint: ModelEndpoint) -> ModelEndpoint:
    if not endpoint.profile:
        return endpoint
    profile = find(endpoint.profile)
    vision = endpoint.vision or profile.vision
    return replace(endpoint, vision=vision, loras=profile.lora, context_tokens=profile.context_tokens)


def reconcile(replicas: Iterable[Replica], wanted: Iterable[ModelEndpoint]) -> tuple[Replica, ...]:
    """`replicas` brought in line with `wanted`: new ones come, changed ones start anew, withdrawn ones end what they do."""
    left = list(replicas)
    found: list[Replica] = []
    for endpoint in wanted:
        replica = next((one for one in left if one.endpoint == endpoint), None)
        if replica is None:
            found.append(Replica(endpoint))
            continue
        left.remove(replica)
        if replica.state is State.DRAINING:
            replica.state = State.DOWN
        found.append(replica)
    for replica in left:
        if replica.in_flight:
            replica.state, replica.reason = State.DRAINING, "withdrawn"
            found.append(replica)
    return tuple(found)


def _key(endpoint: ModelEndpoint) -> tuple[str, str]:
    return endpoint.url, endpoint.model
