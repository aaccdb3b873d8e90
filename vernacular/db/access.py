"""Statements over what belongs to no tenant: the keys of operators, and wrong passwords in a row."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from vernacular.db.models import LoginFailureRow, OperatorKeyRow


def operator_key(session: Session, digest: str) -> OperatorKeyRow | None:
    return session.execute(select(OperatorKeyRow).where(OperatorKeyRow.digest == digest)).scalar_one_or_none()


def operator_keys(session: Session) -> list[OperatorKeyRow]:
    return list(session.execute(select(OperatorKeyRow).order_by(OperatorKeyRow.created_at)).scalars())


def find_operator_key(session: Session, key: str, digest: str) -> OperatorKeyRow | None:
    """By id, or by the key's digest."""
    wanted = or_(OperatorKeyRow.id == key, OperatorKeyRow.digest == digest)
    return session.execute(select(OperatorKeyRow).where(wanted)).scalar_one_or_none()


def add_operator_key(session: Session, row: OperatorKeyRow) -> None:
    session.add(row)
    session.flush()


def login_failure(session: Session, digest: str, *, lock: bool = False) -> LoginFailureRow | None:
    """Read anew. `lock`: others wait until the transaction ends."""
    wanted = select(LoginFailureRow).where(LoginFailureRow.digest == digest)
    wanted = wanted.with_for_update() if lock else wanted
    return session.execute(wanted.execution_options(populate_existing=True)).scalar_one_or_none()


def count_login_failure(session: Session, digest: str, at: datetime) -> LoginFailureRow:
    """One more; the row, kept from others until the transaction ends."""
    counted = update(LoginFailureRow).where(LoginFailureRow.digest == digest)
    more = counted.values(failures=LoginFailureRow.failures + 1, last_at=at)
    if not session.execute(more.execution_options(synchronize_session=False)).rowcount:  # type: ignore[attr-defined]
        try:
            with session.begin_nested():
                session.add(LoginFailureRow(digest=digest, failures=1, last_at=at))
        except IntegrityError:  # someone else was quicker
            session.execute(more.execution_options(synchronize_session=False))
    row = login_failure(session, digest, lock=True)
    if row is None:
        raise RuntimeError("a row that was just written is not there")
    return row


def forget_login_failures(session: Session, digest: str) -> None:
    session.execute(delete(LoginFailureRow).where(LoginFailureRow.digest == digest))


def forget_old_login_failures(session: Session, before: datetime) -> None:
    """Those of names that nobody has tried since."""
    session.execute(delete(LoginFailureRow).where(LoginFailureRow.last_at < before))
