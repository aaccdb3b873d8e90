"""`vernacular serve`, `ui` and `worker`: the processes."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import socket
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from vernacular.cli.home import make_home
from vernacular.errors import Conflict
from vernacular.gateway import announce, running_gateway, withdraw
from vernacular.listening import address_of, bound_socket
from vernacular.processes import ChildProcess, exit_with_parent, python_module
from vernacular.settings import Settings, get_settings
from vernacular.telemetry import configure_logging

Host = Annotated[str | None, typer.Option("--host", help="Address to listen on.")]
Port = Annotated[int | None, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0: any that is free.")]
Supervised = Annotated[bool, typer.Option("--supervised", hidden=True, help="End when the standard input closes.")]


def serve(
    host: Host = None,
    port: Port = None,
    worker: Annotated[bool | None, typer.Option("--worker/--no-worker", help="Also run an ingest worker.")] = None,
    supervised: Supervised = False,
) -> None:
    """Run the gateway, with an ingest worker beside it."""
    settings = get_settings()
    chosen = {"host": host, "port": port, "worker": worker}
    changed = settings.serve.model_copy(update={key: value for key, value in chosen.items() if value is not None})
    settings = settings.model_copy(update={"serve": changed})
    configure_logging(settings.log_level)
    if supervised:
        exit_with_parent()
    with only_gateway(settings), bound_socket(settings.serve.host, settings.serve.port) as listening:
        _run(_serve(settings, listening))


def _run(main: Coroutine[Any, Any, None]) -> None:
    """In uvloop, where a token that streams through costs a quarter less; uvicorn takes its fast HTTP parser by itself."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)


async def _serve(settings: Settings, listening: socket.socket) -> None:
    from serve.app import create_app
    from vernacular.cli.server import QuietServer

    server = QuietServer.over(create_app(settings))
    url = address_of(listening)
    ingest_worker = ChildProcess(
        "worker", python_module("vernacular", "worker", "--supervised"), settings.home / "logs" / "worker.log"
    )
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        listens = asyncio.create_task(server.listening.wait())
        await asyncio.wait({serving, listens}, return_when=asyncio.FIRST_COMPLETED)
        listens.cancel()
        if server.listening.is_set():
            announce(settings, url)
            typer.echo(f"Vernacular listens on {url}", err=True)
            if settings.serve.worker:
                ingest_worker.start()
        await serving
    finally:
        withdraw(settings)
        await asyncio.to_thread(ingest_worker.stop)
    if not server.listening.is_set():
        raise typer.Exit(1)


def ui(host: Host = None, port: Port = None, supervised: Supervised = False) -> None:
    """Run the front end."""
    from ui.main import run

    settings = get_settings()
    chosen = {"host": host, "port": port}
    changed = settings.ui.model_copy(update={key: value for key, value in chosen.items() if value is not None})
    configure_logging(settings.log_level)
    if supervised:
        exit_with_parent()
    run(settings.model_copy(update={"ui": changed}))


def worker(supervised: Supervised = False) -> None:
    """Run an ingest worker; any number may run beside one PostgreSQL."""
    from ingest.worker import run_worker

    settings = get_settings()
    make_home(settings)
    configure_logging(settings.log_level)
    if supervised:
        exit_with_parent()
    run_worker(settings)


@contextlib.contextmanager
def only_gateway(settings: Settings) -> Iterator[None]:
    """
    Raises:
        Conflict: another gateway runs on this home.
    """
    make_home(settings)
    where = running_gateway(settings) or "an address it has not told yet"
    with only_holder(settings.home / "gateway.lock", f"A gateway already runs on {settings.home}, at {where}."):
        yield


@contextlib.contextmanager
def only_holder(path: Path, otherwise: str) -> Iterator[None]:
    """Hold the lock `path`, which goes with this process however it ends.

    Raises:
        Conflict: another process holds it; the message is `otherwise`.
    """
    with path.open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(otherwise, "Use it, stop it, or set VERNACULAR_HOME to another folder.") from None
        yield
