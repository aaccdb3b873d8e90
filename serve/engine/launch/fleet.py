"""Running the replicas of a model side by side until they are told to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from serve.engine.launch.ports import reserved
from serve.engine.launch.prepare import prepare, server_names
from serve.engine.launch.state import ServerState, choosing_port, only_supervisor
from serve.engine.launch.supervisor import Patience, Supervisor
from serve.engine.launch.wishes import Wishes
from serve.engine.profiles.profile import ModelProfile
from vernacular.settings import Settings


@contextmanager
def claimed(
    profile: ModelProfile, wishes: Wishes, settings: Settings, on_change: Callable[[ServerState, str], None]
) -> Iterator[list[Supervisor]]:
    """The supervisors of what was wished for; their names and ports are theirs until the end.

    Raises:
        Conflict: a server of one of the names runs on this home, or the port is taken.
        VernacularError: what `prepare` raises.
    """
    patience = replace(Patience(), ready_s=settings.model_server.ready_s)
    with ExitStack() as held:
        for name in server_names(profile, wishes):
            held.enter_context(only_supervisor(settings, name))
        with choosing_port(settings):
            servers = prepare(profile, wishes, settings)
            for server in servers:
                held.enter_context(reserved(server.port))
            supervisors = [Supervisor(server, settings, patience, on_change) for server in servers]
            for supervisor in supervisors:
                supervisor.claim()
        yield supervisors


def run(supervisors: Sequence[Supervisor], stopping: threading.Event) -> None:
    """Until `stopping` is set, or all have given up. One replica that gives up leaves the others running.

    Raises:
        LaunchFailed: as the first of those that gave up says.
    """
    with ThreadPoolExecutor(len(supervisors), "supervise") as threads:
        running = [threads.submit(supervisor.run, stopping) for supervisor in supervisors]
    for supervised in running:
        supervised.result()
