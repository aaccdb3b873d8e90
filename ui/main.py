"""Starts the front end: what `vernacular ui` runs."""

from __future__ import annotations

from collections.abc import Callable

import typer
import uvicorn

from ui import bootstrap
from ui.asgi import create_app
from vernacular.listening import address_of, bound_socket
from vernacular.settings import Settings


def run(settings: Settings, announce: Callable[[str], None] = typer.echo) -> None:
    """Serve the front end until it is interrupted, and announce its address once it listens.

    Raises:
        Conflict: the port is taken.
        InvalidSetting: the address is not one of this machine.
    """
    bootstrap.configure(bootstrap.Site(settings))
    config = uvicorn.Config(
        create_app(),
        log_level="warning" if settings.log_level == "info" else settings.log_level,
        access_log=False,
        server_header=False,
        ws="websockets-sansio",
        ws_max_size=2 * 1024 * 1024,
        timeout_graceful_shutdown=2,
    )
    with bound_socket(settings.ui.host, settings.ui.port) as listener:
        announce(f"The front end is at {address_of(listener)}")
        uvicorn.Server(config).run(sockets=[listener])
