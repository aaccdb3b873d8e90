from __future__ import annotations

from typing import Literal

from pydantic import BaseModel


class ModelView(BaseModel):
    """A model as OpenAI's clients know it."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "vernacular"


class ModelList(BaseModel):
    object: Literal["list"] = "list"
    data: list[ModelView]
