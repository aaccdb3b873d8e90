from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from serve.validation import RequestModel


class WidgetLook(BaseModel):
    """What the button on the page shows. `language`: of its words, and of the chat behind it; `color`: one that white can be read on."""

    language: str
    direction: Literal["ltr", "rtl"]
    title: str
    color: str


class SessionForm(RequestModel):
    """`frame`: the name that the widget's frame has told the page."""

    widget: str = Field(max_length=36)
    frame: str = Field(pattern="^[0-9a-f]{64}$")


class WidgetSession(BaseModel):
    """`token` holds in that frame alone, for `expires_in` seconds; another one can be had at any time."""

    token: str
    expires_in: int
