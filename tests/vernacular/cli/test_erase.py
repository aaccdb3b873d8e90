"""`vernacular erase …` and `vernacular retention …`, on a home without a gateway."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.worker import Worker
from tests.contracts.fakes import InMemoryVectorStore
from tests.vernacular.cli.command import vernacular
from vernacular.db.models import ConversationRow, DocumentRow, DocumentTextRow, MessageRow
from vernacular.db.session import open_database
from vernacular.retention import with_terms
from vernacular.settings import get_settings
from vernacular.tenancy import Platform, TenantScope

TEXT = "The parking permit of the quince quarter costs 450 dollars a month."


@pytest.fixture
def planted(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tenant with a document and a conversation."""
    assert vernacular(capsys, monkeypatch, "tenant", "create", "acme", "--no-chat-page").code == 0
    database = open_database(get_settings())
    with database.write() as session:
        scope = TenantScope(session, Platform(session).tenant("acme"))
        scope.add(DocumentRow(id="d-1", source="s", source_id="fees", content_hash="h", indexed=True))
        scope.add(ConversationRow(id="c-1"))
        session.flush()
        scope.add(DocumentTextRow(document_id="d-1", text=TEXT))
        scope.add(
            MessageRow(conversation_id="c-1", position=0, role="user", content="Is this the quince quarter's desk?")
        )
        scope.add(MessageRow(conversation_id="c-1", position=1, role="assistant", content=f"It says: {TEXT}"))
    database.close()
    return home


class TestErase:
    def test_a_document_and_then_a_person(
        self, planted: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (planted / "exports").mkdir()
        (planted / "exports" / "all.txt").write_text(TEXT)
        erased = vernacular(capsys, monkeypatch, "erase", "document", "d-1", "-t", "acme", "--yes", "--json")
        assert erased.code == 0, erased.err
        assert (erased.json["counts"]["documents"], erased.json["counts"]["answers"]) == (1, 1)
        assert (erased.json["files"], erased.json["left"]) == (["exports/all.txt"], [])
        told = vernacular(capsys, monkeypatch, "erase", "person", "c-1", "-t", "acme", "--yes")
        assert (told.code, told.out.split(":")[0]) == (0, "The person is erased")
        assert not any(b"quince" in path.read_bytes() for path in planted.rglob("*") if path.is_file())
        verified = vernacular(capsys, monkeypatch, "audit", "verify", "-t", "acme", "--json")
        assert (verified.code, verified.json[0]["findings"]) == (0, [])

    def test_tells_of_copies_that_are_not_its_to_remove(
        self, planted: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (planted / "notes.txt").write_text(TEXT)
        told = vernacular(capsys, monkeypatch, "erase", "document", "d-1", "-t", "acme", "--yes")
        assert told.code == 1
        assert "left: notes.txt still holds a part of it." in told.out
        assert (planted / "notes.txt").exists()

    def test_says_that_nobody_is_known(
        self, planted: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told = vernacular(capsys, monkeypatch, "erase", "person", "nobody", "-t", "acme", "--yes")
        assert (told.code, told.err.splitlines()[0]) == (1, "vernacular: Nothing is known of such a person.")
        assert vernacular(capsys, monkeypatch, "erase", "document", "d-9", "-t", "acme", "--yes").code == 1


class TestRetention:
    def test_is_set_shown_and_applied(
        self, planted: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told = vernacular(capsys, monkeypatch, "retention", "set", "-t", "acme", "--conversations-days", "30", "--json")
        assert told.json == {"conversations_days": 30, "audit_days": 400}
        assert vernacular(capsys, monkeypatch, "retention", "show", "-t", "acme", "--json").json == told.json
        assert "Nothing is older" in vernacular(capsys, monkeypatch, "retention", "run").out
        refused = vernacular(capsys, monkeypatch, "retention", "set", "-t", "acme", "--audit-days", "30")
        assert refused.code == 1
        assert "183" in refused.err

    def test_is_applied_by_the_worker(self, planted: Path) -> None:
        settings = get_settings()
        database = open_database(settings)
        with database.write() as session:
            row = Platform(session).tenant_row("acme")
            row.profile = with_terms(row.profile, conversations_days=1)
            scope = TenantScope(session, Platform(session).tenant("acme"))
            long_ago = datetime(2020, 1, 1, tzinfo=UTC)
            scope.execute(scope.update(ConversationRow).values(updated_at=long_ago))
        with Worker(settings, InMemoryVectorStore()) as worker:
            worker.tidy()
        with database.read() as session:
            assert TenantScope(session, Platform(session).tenant("acme")).count(MessageRow) == 0
        database.close()
