from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, Date, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from vernacular.db.base import Base, TenantOwned, new_id


class UsageRow(TenantOwned, Base):
    """What a principal used on a day (UTC): requests and tokens, and what was refused for want of quota."""

    __tablename__ = "usage"
    __table_args__ = (UniqueConstraint("tenant_id", "day", "principal", name="uq_usage_day"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    day: Mapped[date] = mapped_column(Date, index=True)
    principal: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(10))
    requests: Mapped[int] = mapped_column(BigInteger, default=0)
    refused: Mapped[int] = mapped_column(BigInteger, default=0)
    prompt_tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    completion_tokens: Mapped[int] = mapped_column(BigInteger, default=0)
