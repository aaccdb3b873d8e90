"""How values are written in the gateway's JSON and addresses: days, moments, and identifiers inside a path."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from ui.gateway_errors import bad_answer


def day(told: Any) -> date | None:
    """None: none was told."""
    return date.fromisoformat(told) if told else None


def moment(told: Any) -> datetime | None:
    """None: none was told."""
    return datetime.fromisoformat(told) if told else None


def path_to(base: str, identifier: str) -> str:
    """The address of one of the things that are listed at `base`; an identifier may hold any characters."""
    return f"{base}/{quote(identifier, safe='')}"


@contextmanager
def readable() -> Iterator[None]:
    """What lacks something inside, or is not of the kind that it should be, is an answer that cannot be read.

    Raises:
        GatewayError: it is.
    """
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise bad_answer() from error
