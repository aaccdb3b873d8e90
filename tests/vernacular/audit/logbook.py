"""A tenant with a log, for tests: entries, checkpoints, and ways to tamper with them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vernacular.audit.events import Actor, Event
from vernacular.audit.export import lines_of
from vernacular.audit.log import AuditLog
from vernacular.audit.verify_audit import canonical, genesis, leaf_hash
from vernacular.db.migrate import migrate
from vernacular.db.models import TenantRow
from vernacular.db.session import Database, open_database
from vernacular.settings import AuditSettings, Settings
from vernacular.tenancy import Platform, Tenant, TenantScope

ADMIN = Actor("key", "key-1", "admin")


@dataclass
class Logbook:
    settings: Settings
    database: Database
    tenant: Tenant
    log: AuditLog

    @classmethod
    def open(cls, home: Path, url: str = "", **audit: Any) -> Logbook:
        settings = Settings(home=home, audit=AuditSettings(**audit))
        settings.sql.url = url
        database = open_database(settings)
        migrate(database)
        with database.write() as session:
            tenant = Platform(session).create_tenant(TenantRow(slug="acme"))
        return cls(settings, database, tenant, AuditLog(settings, database))

    def close(self) -> None:
        self.log.close()
        self.database.close()

    def record(self, *events: Event) -> None:
        with self.database.write() as session:
            scope = TenantScope(session, self.tenant)
            for event in events:
                self.log.record(scope, event)

    def fill(self, count: int, batch: int = 5) -> None:
        """`count` entries of four people."""
        for start in range(0, count, batch):
            numbers = range(start, min(count, start + batch))
            self.record(*(asked(f"question number {number}", f"{number % 4:032x}") for number in numbers))

    @property
    def lines(self) -> list[str]:
        with self.database.read() as session:
            return list(lines_of(TenantScope(session, self.tenant)))

    @property
    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]

    def replace(self, lines: Sequence[str]) -> None:
        """What someone with access to the database file can do."""
        with closing(sqlite3.connect(self.settings.home / "vernacular.sqlite")) as connection, connection:
            connection.execute("DELETE FROM audit_entries")
            for place, line in enumerate(lines):
                entry = json.loads(line)
                row = (self.tenant.id, place, entry["ts"], entry["event"], entry["subject"], line)
                connection.execute(
                    "INSERT INTO audit_entries (tenant_id, seq, at, event, subject, body) VALUES (?, ?, ?, ?, ?, ?)",
                    row,
                )
            last = json.loads(lines[-1])["h"] if lines else ""
            connection.execute("UPDATE audit_heads SET next_seq = ?, last_hash = ?", (len(lines), last))


def asked(question: str, subject: str = "a" * 32, **facts: Any) -> Event:
    return Event("chat.asked", ADMIN, subject=subject, facts=facts, content={"question": question})


Tampering = Callable[[list[str], str], list[str]]


def edited(lines: list[str], _log: str) -> list[str]:
    return [*lines[:7], lines[7].replace("chat.asked", "chat.axked"), *lines[8:]]


def edited_and_hashed(lines: list[str], _log: str) -> list[str]:
    entry = json.loads(lines[7])
    return [*lines[:7], _hashed({**entry, "decision": "declined"}), *lines[8:]]


def deleted(lines: list[str], _log: str) -> list[str]:
    return [*lines[:7], *lines[8:]]


def reordered(lines: list[str], _log: str) -> list[str]:
    return [*lines[:7], lines[8], lines[7], *lines[9:]]


def truncated(lines: list[str], _log: str) -> list[str]:
    return lines[:-3]


def inserted(lines: list[str], _log: str) -> list[str]:
    between = _hashed({**json.loads(lines[7]), "seq": 8, "prev": json.loads(lines[7])["h"]})
    return [*lines[:8], between, *lines[8:]]


def swapped_content(lines: list[str], _log: str) -> list[str]:
    one, other = json.loads(lines[3]), json.loads(lines[4])
    one["ciphertext"], other["ciphertext"] = other["ciphertext"], one["ciphertext"]
    return [*lines[:3], canonical(one), canonical(other), *lines[5:]]


def written_anew(lines: list[str], log: str) -> list[str]:
    """All hashes are right again, after an entry was changed."""
    made: list[str] = []
    prev = genesis(log)
    for line in edited(lines, log):
        made.append(_hashed({**json.loads(line), "prev": prev}))
        prev = json.loads(made[-1])["h"]
    return made


def emptied(_lines: list[str], _log: str) -> list[str]:
    return []


TAMPERINGS: tuple[Tampering, ...] = (
    edited,
    edited_and_hashed,
    deleted,
    reordered,
    truncated,
    inserted,
    swapped_content,
    written_anew,
    emptied,
)


def _hashed(entry: dict[str, Any]) -> str:
    entry.pop("h", None)
    return canonical({**entry, "h": leaf_hash(canonical(entry).encode()).hex()})
