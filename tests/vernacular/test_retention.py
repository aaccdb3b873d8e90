from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.vernacular.audit.logbook import Logbook, asked
from vernacular.audit.export import checkpoints_of, export_log
from vernacular.audit.reading import prover, verify_log
from vernacular.audit.verify_audit import main, verify_inclusion
from vernacular.db.base import now
from vernacular.db.models import (
    AuditCheckpointRow,
    AuditEntryRow,
    AuditHeadRow,
    AuditSubjectRow,
    ConversationRow,
    MessageRow,
)
from vernacular.errors import BadRequest
from vernacular.retention import Removed, apply_retention, terms_of, with_terms
from vernacular.tenancy import Platform, Tenant, TenantScope

LONG_AGO = timedelta(days=500)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Logbook]:
    opened = Logbook.open(tmp_path / "home", checkpoint_entries=10, checkpoints=tmp_path / "elsewhere")
    yield opened
    opened.close()


def age(book: Logbook, size: int) -> None:
    """Make the log's first `size` entries, and the checkpoints over them, old."""
    with book.database.write() as session:
        scope = TenantScope(session, book.tenant)
        then = now() - LONG_AGO
        scope.execute(scope.update(AuditCheckpointRow).where(AuditCheckpointRow.size <= size).values(at=then))
        scope.execute(scope.update(AuditEntryRow).where(AuditEntryRow.seq < size).values(at=then))
        scope.execute(scope.update(AuditSubjectRow).values(created_at=then))


def count(book: Logbook, row: type[AuditEntryRow] | type[AuditCheckpointRow] | type[AuditSubjectRow]) -> int:
    with book.database.read() as session:
        return TenantScope(session, book.tenant).count(row)


class TestAuditLogs:
    def test_go_in_whole_segments_and_the_rest_verifies(self, book: Logbook, tmp_path: Path) -> None:
        book.fill(37)
        age(book, 25)
        assert apply_retention(book.database, book.log, book.settings) == {"acme": Removed(0, 20)}
        assert (count(book, AuditEntryRow), count(book, AuditCheckpointRow)) == (18, 3)
        assert book.entries[0]["seq"] == 20
        book.log.checkpoint(book.tenant)
        book.log.close()
        with book.database.read() as session:
            scope = TenantScope(session, book.tenant)
            assert verify_log(scope, book.log.keys.public_pem, tmp_path / "elsewhere").findings == []
            export_log(scope, book.log.keys, tmp_path / "export")
            made = prover(scope, 38)
            root = bytes.fromhex(json.loads(checkpoints_of(scope)[-1])["root"])
        assert main([str(tmp_path / "export"), "--checkpoints", str(tmp_path / "elsewhere")]) == 0
        assert verify_inclusion(made.leaf(25), 25, 38, made.inclusion(25), root)

    def test_show_that_more_was_removed_than_was_due(self, book: Logbook) -> None:
        book.fill(37)
        age(book, 25)
        apply_retention(book.database, book.log, book.settings)
        with book.database.write() as session:
            scope = TenantScope(session, book.tenant)
            scope.execute(scope.delete(AuditEntryRow).where(AuditEntryRow.seq < 25))
            scope.execute(scope.update(AuditHeadRow).values(first_seq=25))
        with book.database.read() as session:
            report = verify_log(TenantScope(session, book.tenant), book.log.keys.public_pem)
        assert "no signed checkpoint stands for them" in report.findings[0]

    def test_go_on_to_be_written_and_to_go(self, book: Logbook) -> None:
        book.fill(20)
        age(book, 20)
        apply_retention(book.database, book.log, book.settings)
        book.fill(20)
        age(book, 41)
        assert apply_retention(book.database, book.log, book.settings) == {"acme": Removed(0, 21)}
        book.log.checkpoint(book.tenant)
        with book.database.read() as session:
            assert verify_log(TenantScope(session, book.tenant), book.log.keys.public_pem).findings == []

    def test_take_the_keys_of_people_with_them(self, book: Logbook) -> None:
        book.record(*(asked("early", "f" * 32) for _ in range(10)))
        book.fill(10)
        assert count(book, AuditSubjectRow) == 5
        age(book, 10)
        apply_retention(book.database, book.log, book.settings)
        assert count(book, AuditSubjectRow) == 4

    def test_stay_when_nothing_is_old_enough(self, book: Logbook) -> None:
        book.fill(20)
        assert apply_retention(book.database, book.log, book.settings) == {}

    def test_stay_for_ever_if_a_tenant_says_so(self, book: Logbook) -> None:
        book.fill(20)
        age(book, 20)
        with book.database.write() as session:
            row = Platform(session).tenant_row("acme")
            row.profile = with_terms(row.profile, audit_days=0)
        assert apply_retention(book.database, book.log, book.settings) == {}


class TestConversations:
    def test_go_when_the_tenant_wants_it(self, book: Logbook) -> None:
        with book.database.write() as session:
            row = Platform(session).tenant_row("acme")
            row.profile = with_terms(row.profile, conversations_days=30)
            scope = TenantScope(session, book.tenant)
            for name, then in (("old", now() - LONG_AGO), ("new", now())):
                scope.add(ConversationRow(id=name, updated_at=then))
                session.flush()
                scope.add(MessageRow(conversation_id=name, position=0, role="user", content=name))
        assert apply_retention(book.database, book.log, book.settings) == {"acme": Removed(1, 0)}
        with book.database.read() as session:
            scope = TenantScope(session, book.tenant)
            assert scope.execute(scope.select(MessageRow.content)).scalars().all() == ["new"]
        (entry,) = book.entries
        assert (entry["event"], entry["facts"]["conversations"]) == ("retention.applied", 1)


class TestTerms:
    def test_are_the_settings_unless_a_tenant_says(self, book: Logbook) -> None:
        assert terms_of(book.tenant, book.settings).described() == {"conversations_days": 0, "audit_days": 400}
        own = Tenant("id", "slug", profile=with_terms({"persona": "x"}, conversations_days=90))
        assert own.profile["persona"] == "x"
        assert terms_of(own, book.settings).described() == {"conversations_days": 90, "audit_days": 400}

    @pytest.mark.parametrize("days", [-1, 40_000])
    def test_refuse_what_are_no_days(self, days: int) -> None:
        with pytest.raises(BadRequest):
            with_terms({}, conversations_days=days)

    def test_keep_audit_logs_for_half_a_year_at_least(self) -> None:
        with pytest.raises(BadRequest, match="183"):
            with_terms({}, audit_days=30)
