"""Starts the front end: what `vernacular ui` runs."""

from __future__ import annotations

import gc
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
    with bound_socket(settings.ui.host, settings.ui.port) as listener:
        address = address_of(listener)
        site = bootstrap.Site(settings, public_url=settings.ui.public_url or address)
        bootstrap.configure(site)
        config = uvicorn.Config(
            create_app(site),
            log_level="warning" if settings.log_level == "info" else settings.log_level,
            access_log=False,
            server_header=False,
            ws="websockets-sansio",
            ws_max_size=2 * 1024 * 1024,
            timeout_graceful_shutdown=2,
        )
        # What was loaded stays: the collector need not look at it again and again while everybody waits.
        gc.collect()
        gc.freeze()
        announce(f"The front end is at {address}")
        uvicorn.Server(config).run(sockets=[listener])
