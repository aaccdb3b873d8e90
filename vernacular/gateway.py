"""Where the gateway of this home is: it says so in a file, and the command line and the front end look there."""

from __future__ import annotations

import json
import os
from pathlib import Path

import httpx

from vernacular.settings import Settings


def announce(settings: Settings, url: str) -> None:
    """Write the running gateway's address, and whether a worker is beside it, for others on this home to find."""
    temporary = settings.gateway_file.with_suffix(f".{os.getpid()}")
    temporary.write_text(
        json.dumps({"url": url, "pid": os.getpid(), "worker": settings.serve.worker}), encoding="utf-8"
    )
    temporary.replace(settings.gateway_file)


def withdraw(settings: Settings) -> None:
    """Remove the address, if it is still this process's."""
    if _read(settings.gateway_file).get("pid") == os.getpid():
        settings.gateway_file.unlink(missing_ok=True)


def running_gateway(settings: Settings) -> str | None:
    """The address of a gateway that answers on this home, or None."""
    url = _read(settings.gateway_file).get("url")
    if not isinstance(url, str):
        return None
    try:
        httpx.get(f"{url}/healthz", timeout=2.0).raise_for_status()
    except httpx.HTTPError:
        return None
    return url


def has_worker(settings: Settings) -> bool:
    """Whether the gateway that answers on this home has a worker beside it."""
    return running_gateway(settings) is not None and _read(settings.gateway_file).get("worker") is True


def _read(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
