"""Audit logs, retention and erasure on PostgreSQL: several processes append to one chain."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from tests.postgres.server import Server
from tests.serve.audit import test_endpoints as audit
from tests.serve.erasure import test_endpoints as erasure
from tests.serve.retention import test_endpoints as retention
from tests.vernacular import test_retention as terms
from tests.vernacular.audit import test_log as log
from tests.vernacular.audit.logbook import Logbook
from vernacular.audit.reading import verify_log
from vernacular.db.compaction import compact
from vernacular.db.models import ConversationRow, MessageRow, TenantRow
from vernacular.db.session import Database
from vernacular.tenancy import Platform, TenantScope

pytestmark = pytest.mark.postgres

WRITER = """
import sys, time
from pathlib import Path
from vernacular.audit.events import Actor, Event
from vernacular.audit.log import AuditLog
from vernacular.db.session import open_database
from vernacular.settings import AuditSettings, Settings, SqlSettings
from vernacular.tenancy import Platform, TenantScope

home, url, name = sys.argv[1:]
settings = Settings(home=Path(home), sql=SqlSettings(url=url), audit=AuditSettings(checkpoint_entries=25))
database = open_database(settings)
log = AuditLog(settings, database)
with database.read() as session:
    tenant = Platform(session).tenant("acme")
for number in range(60):
    event = Event("chat.asked", Actor("key", name), subject=f"{number % 7:032x}", content={"question": f"{name} {number}"})
    if number % 3:
        log.later(tenant, event)
    else:
        with database.write() as session:
            log.record(TenantScope(session, tenant), event)
log.close()
database.close()
"""


@pytest.fixture
def book(tmp_path: Path, url: str) -> Iterator[Logbook]:
    opened = Logbook.open(tmp_path / "home", url, checkpoint_entries=10, checkpoints=tmp_path / "elsewhere")
    yield opened
    opened.close()


class TestProcesses:
    def test_append_to_one_chain(self, book: Logbook) -> None:
        book.fill(1)
        home, url = str(book.settings.home), book.settings.sql.url
        command = [sys.executable, "-c", WRITER, home, url]
        writers = [subprocess.Popen([*command, f"writer-{number}"]) for number in range(3)]
        assert [writer.wait(120) for writer in writers] == [0, 0, 0]
        with book.database.read() as session:
            report = verify_log(TenantScope(session, book.tenant), book.log.keys.public_pem)
        assert (report.entries, report.findings) == (181, [])
        assert report.checkpoints >= 3
        kinds = {json.loads(line)["actor"]["id"] for line in book.lines}
        assert len(kinds) == 4


class TestCompaction:
    def test_leaves_no_byte_of_what_was_deleted_in_the_tables(
        self, database: Database, url: str, server: Server
    ) -> None:
        mark = "quince-marmalade"
        with database.write() as session:
            tenant = Platform(session).create_tenant(TenantRow(slug="acme"))
        with database.write() as session:
            scope = TenantScope(session, tenant)
            scope.add(ConversationRow(id="c"))
            session.flush()
            scope.add(MessageRow(conversation_id="c", position=0, role="user", content=mark))
        assert self.tables_with(server, url, mark)
        with database.write() as session:
            scope = TenantScope(session, tenant)
            scope.execute(scope.delete(ConversationRow))
        assert compact(database) == []
        assert self.tables_with(server, url, mark) == []

    @staticmethod
    def tables_with(server: Server, url: str, mark: str) -> list[str]:
        """The files of the database's tables that hold the mark, once the server has written all to disk."""
        with psycopg.connect(server.address(make_url(url).database or ""), autocommit=True) as connection:
            connection.execute("CHECKPOINT")
            (oid,) = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()  # type: ignore[misc]
        folder = server.socket / "data" / "base" / str(oid)
        return [path.name for path in folder.iterdir() if path.is_file() and mark.encode() in path.read_bytes()]


class TestRecord(log.TestRecord): ...


class TestLater(log.TestLater): ...


class TestContent(log.TestContent): ...


class TestReading(log.TestReading): ...


class TestAuditLogs(terms.TestAuditLogs): ...


class TestConversations(terms.TestConversations): ...


class TestWhatIsLogged(audit.TestWhatIsLogged): ...


class TestProofs(audit.TestProofs): ...


class TestRetention(retention.TestRetention): ...


class TestPerson(erasure.TestPerson): ...


class TestDocument(erasure.TestDocument): ...
