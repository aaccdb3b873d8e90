"""Which servers there are now: those of the settings, and those announced on this home."""

from __future__ import annotations

from collections.abc import Iterable

from serve.engine.pool.replica import Replica, State
from vernacular.endpoints import CHAT, ModelEndpoint, announced, configured
from vernacular.settings import Settings


def endpoints(settings: Settings) -> list[ModelEndpoint]:
    """Chat models' servers, those of the settings first. A server that is both is taken as it announced itself, since
    that says more."""
    here = [endpoint for endpoint in announced(settings) if endpoint.kind == CHAT]
    by_url = {endpoint.url: endpoint for endpoint in here}
    found: list[ModelEndpoint] = []
    for wanted in map(configured, settings.generation.endpoints):
        same = by_url.get(wanted.url)
        found.append(same if same is not None and wanted.model in {"", same.model} else wanted)
    return list({_key(endpoint): endpoint for endpoint in (*found, *here)}.values())


def reconcile(replicas: Iterable[Replica], wanted: Iterable[ModelEndpoint]) -> tuple[Replica, ...]:
    """`replicas` brought in line with `wanted`: new ones come, changed ones start anew, withdrawn ones end what they do."""
    known = {_key(replica.endpoint): replica for replica in replicas}
    found: list[Replica] = []
    for endpoint in wanted:
        replica = known.get(_key(endpoint))
        if replica is not None and replica.endpoint == endpoint:
            known.pop(_key(endpoint))
            if replica.state is State.DRAINING:
                replica.state = State.DOWN
            found.append(replica)
        else:
            found.append(Replica(endpoint))
    for replica in known.values():
        if replica.in_flight:
            replica.state, replica.reason = State.DRAINING, "withdrawn"
            found.append(replica)
    return tuple(found)


def _key(endpoint: ModelEndpoint) -> tuple[str, str]:
    return endpoint.url, endpoint.model
