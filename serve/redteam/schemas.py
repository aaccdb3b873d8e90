from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel


class RedteamRunView(BaseModel):
    """One run of attacks. `figures`: `all`, `suites` and `languages`, each with what was `tried`, what `succeeded`, the `rate`
    and the `interval` that holds it in 95 of 100 runs (Wilson)."""

    id: str
    assistant: str
    suites: list[str]
    version: str
    created_at: datetime
    figures: dict[str, Any]


class RedteamRunList(BaseModel):
    data: list[RedteamRunView]


class RedteamReport(BaseModel):
    """`report`: the signed document, canonical JSON as text: write it to a file to verify it. `public_key`: PEM of the key that
    this installation signs with."""

    id: str
    report: str
    public_key: str
