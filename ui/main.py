"""Starts the front end: what `vernacular ui` runs."""

from __future__ import annotations

import socket
from collections.abc import Callable

import typer
import uvicorn

from ui import bootstrap
from ui.asgi import create_app
from vernacular.errors import Conflict
from vernacular.settings import Settings


def run(settings: Settings, announce: Callable[[str], None] = typer.echo) -> None:
    """Serve the front end until it is interrupted, and announce its address once it listens.

    Raises:
        Conflict: the address or port cannot be used.
    """
    bootstrap.configure(bootstrap.Site(settings))
    listener = _listen(settings.ui.host, settings.ui.port)
    host, port = listener.getsockname()[:2]
    announce(f"The front end is at http://{f'[{host}]' if ':' in host else host}:{port}")
    config = uvicorn.Config(
        create_app(),
        log_level="warning" if settings.log_level == "info" else settings.log_level,
        access_log=False,
        server_header=False,
        ws="websockets-sansio",
        ws_max_size=2 * 1024 * 1024,
        timeout_graceful_shutdown=2,
    )
    with listener:
        uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        raise Conflict(
            f"The front end cannot listen on {host}:{port}: {reason}.", "Set VERNACULAR_UI__PORT to a free port."
        ) from None
    listener.listen(128)
    return listener
