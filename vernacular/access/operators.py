"""Operators of the platform: they make, suspend and delete tenants, and read none of their content."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from vernacular.access.keys import MAX_KEY_CHARS, KeyRing
from vernacular.db import access as statements
from vernacular.db.models import OperatorKeyRow
from vernacular.errors import NotFound, Unauthorized

PREFIX = "vo_"


@dataclass(frozen=True, slots=True)
class Operator:
    """Who is calling, by an operator's key."""

    id: str
    name: str = ""


class OperatorKeys:
    """Thread-safe."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def issue(self, session: Session, name: str = "", expires_at: datetime | None = None) -> str:
        """The new key, which can be had this once only."""
        plaintext = PREFIX + secrets.token_urlsafe(32)
        row = OperatorKeyRow(
            name=name, prefix=plaintext[:9], digest=self._ring.digest(plaintext), expires_at=expires_at
        )
        statements.add_operator_key(session, row)
        return plaintext

    def find(self, session: Session, key: str) -> OperatorKeyRow:
        """A key, given by its id or in full.

        Raises:
            NotFound: there is no such key.
        """
        row = statements.find_operator_key(session, key, self._ring.digest(key))
        if row is None:
            raise NotFound("There is no such operator's key.", "`vernacular operator list` shows those there are.")
        return row

    def revoke(self, session: Session, key: str) -> OperatorKeyRow:
        """Refuse a key, given by its id or in full, from now on.

        Raises:
            NotFound: there is no such key.
        """
        row = self.find(session, key)
        row.revoked_at = row.revoked_at or datetime.now(UTC)
        session.flush()
        return row

    def authenticate(self, session: Session, plaintext: str) -> Operator:
        """
        Raises:
            Unauthorized: the key is unknown, revoked or expired.
        """
        row = (
            statements.operator_key(session, self._ring.digest(plaintext)) if len(plaintext) <= MAX_KEY_CHARS else None
        )
        ended = row is not None and row.expires_at is not None and row.expires_at <= datetime.now(UTC)
        if row is None or row.revoked_at is not None or ended:
            raise Unauthorized("This operator's key is not valid.", "`vernacular operator create` makes a new one.")
        return Operator(row.id, row.name)
