from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from vernacular.db.base import Base, TenantOwned, new_id, now


class ApiKeyRow(TenantOwned, Base):
    """A key to the gateway. Only `digest`, an HMAC-SHA256 of the key, is kept; `prefix` is for people to tell keys apart.

    `kind`: `key`, or `widget` for one that stands in a web page and holds on pages of `origins` alone. `scopes`: the parts of
    the API that it may call; empty: all that its role may. `replaces`: the key that it was made to take the place of.
    """

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(200), default="")
    role: Mapped[str] = mapped_column(String(20))
    groups: Mapped[list[str]] = mapped_column(default=list)
    prefix: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(10), default="key")
    scopes: Mapped[list[str]] = mapped_column(default=list)
    origins: Mapped[list[str]] = mapped_column(default=list)
    assistant: Mapped[str | None] = mapped_column(String(100), default=None)
    replaces: Mapped[str | None] = mapped_column(String(36), default=None)
    created_by: Mapped[str] = mapped_column(String(100), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime | None] = mapped_column(default=None)
    last_used_at: Mapped[datetime | None] = mapped_column(default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)
