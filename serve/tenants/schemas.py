from __future__ import annotations

from typing import Any

from pydantic import BaseModel


class TenantView(BaseModel):
    """What a front end shows of the tenant it serves. `vision`: its assistant reads images, so many a message and so large."""

    name: str
    display_name: str
    languages: list[str]
    dialects: list[str]
    greeting: str
    contact: dict[str, Any]
    suggested_questions: list[str]
    assistants: list[str]
    role: str
    vision: bool
    max_images: int
    max_image_mb: float
