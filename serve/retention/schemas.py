from __future__ import annotations

from pydantic import BaseModel, Field

from serve.validation import RequestModel
from vernacular.retention import MOST_DAYS


class TermsView(BaseModel):
    """Days that are in force; 0: for ever."""

    conversations_days: int
    audit_days: int


class TermsChange(RequestModel):
    """Days; 0: for ever; what is left out stays as it is."""

    conversations_days: int | None = Field(default=None, ge=0, le=MOST_DAYS)
    audit_days: int | None = Field(default=None, ge=0, le=MOST_DAYS)
