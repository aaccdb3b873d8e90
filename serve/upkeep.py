"""What the gateway does every minute about credentials: it writes when keys were last used, and removes what has ended."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta
from typing import Final

from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import SQLAlchemyError

from serve.bootstrap import Services
from vernacular.access.lockout import FORGOTTEN
from vernacular.db import access as statements
from vernacular.db.base import now
from vernacular.tenancy import Platform

log = logging.getLogger(__name__)
EVERY_S: Final = 60.0
KEPT: Final = timedelta(days=30)
"""How long sign-ins that have ended are kept."""


async def keep_up(services: Services) -> None:
    """For ever; a database that cannot be written is tried again the next time."""
    while True:
        await asyncio.sleep(EVERY_S)
        try:
            await run_in_threadpool(tidy, services)
        except SQLAlchemyError as error:
            log.warning("could not tidy credentials", exc_info=error)


async def end_upkeep(task: asyncio.Task[None], services: Services) -> None:
    """Stop, and write what is left to write."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    with suppress(SQLAlchemyError):
        await run_in_threadpool(services.keys.note_use)


def tidy(services: Services) -> None:
    services.keys.note_use()
    with services.database.write() as session:
        Platform(session).forget_old_sessions(now() - KEPT)
        statements.forget_old_login_failures(session, now() - FORGOTTEN)
