from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class ErasedView(BaseModel):
    """What was erased. `left`: what could not be, in sentences; empty: no trace was found under the data folder."""

    what: Literal["person", "document"]
    counts: dict[str, int]
    files: list[str] = Field(description="Copies and logs, under the data folder, that were removed or blanked.")
    left: list[str]
