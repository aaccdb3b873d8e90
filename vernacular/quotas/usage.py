"""What principals have used, a row a principal and day (UTC). Visitors have none: they are counted for two minutes, and forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.exc import IntegrityError

from vernacular.db.models import UsageRow
from vernacular.tenancy import TenantScope


@dataclass(frozen=True, slots=True)
class Used:
    """`principal`: the id of an account, a key or a widget; `kind` says which. `refused`: for want of quota."""

    day: date
    principal: str
    kind: str
    requests: int = 0
    refused: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    def plus(self, other: Used) -> Used:
        """With what `other` has on top, as of the same principal and day."""
        return Used(
            self.day,
            self.principal,
            self.kind,
            self.requests + other.requests,
            self.refused + other.refused,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
        )


def add_usage(scope: TenantScope, used: Sequence[Used]) -> None:
    """Add to the rows there are, or begin them."""
    for one in used:
        if _added(scope, one):
            continue
        try:
            with scope.session.begin_nested():
                scope.add(_row(one))
        except IntegrityError:  # another gateway began the row meanwhile
            _added(scope, one)


def usage(
    scope: TenantScope, since: date, until: date, *, principal: str | None = None, kind: str | None = None
) -> list[Used]:
    """Of the days from `since` to `until`, both included, the latest first."""
    wanted = scope.select(UsageRow).where(UsageRow.day >= since, UsageRow.day <= until)
    if principal is not None:
        wanted = wanted.where(UsageRow.principal == principal)
    if kind is not None:
        wanted = wanted.where(UsageRow.kind == kind)
    rows = scope.execute(wanted.order_by(UsageRow.day.desc(), UsageRow.kind, UsageRow.principal)).scalars()
    return [
        Used(row.day, row.principal, row.kind, row.requests, row.refused, row.prompt_tokens, row.completion_tokens)
        for row in rows
    ]


def forget_usage(scope: TenantScope, principal: str) -> int:
    """Delete what is kept of one account, key or widget, and return how many rows that were.

    What a gateway counted in the last seconds is not among them; refuse the principal first, and wait for that.
    """
    gone = scope.execute(scope.delete(UsageRow).where(UsageRow.principal == principal).returning(UsageRow.id))
    return len(gone.all())


def _added(scope: TenantScope, one: Used) -> bool:
    statement = (
        scope.update(UsageRow)
        .where(UsageRow.day == one.day, UsageRow.principal == one.principal)
        .values(
            requests=UsageRow.requests + one.requests,
            refused=UsageRow.refused + one.refused,
            prompt_tokens=UsageRow.prompt_tokens + one.prompt_tokens,
            completion_tokens=UsageRow.completion_tokens + one.completion_tokens,
        )
        .execution_options(synchronize_session=False)
        .returning(UsageRow.id)
    )
    return scope.execute(statement).first() is not None


def _row(one: Used) -> UsageRow:
    return UsageRow(
        day=one.day,
        principal=one.principal,
        kind=one.kind,
        requests=one.requests,
        refused=one.refused,
        prompt_tokens=one.prompt_tokens,
        completion_tokens=one.completion_tokens,
    )
