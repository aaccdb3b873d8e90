from __future__ import annotations

import json
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from tests.vernacular.audit.logbook import ADMIN, Logbook, asked
from vernacular.audit.chain import Chain
from vernacular.audit.entries import content_of
from vernacular.audit.events import SYSTEM, Actor, Event
from vernacular.audit.export import checkpoints_of
from vernacular.audit.log import AuditLog
from vernacular.audit.reading import Wanted, entries, names_of_actors, verify_log
from vernacular.audit.subjects import document_key
from vernacular.db.models import AuditEntryRow, TenantRow, UserRow
from vernacular.erasure.stores import destroy_keys
from vernacular.errors import InvalidSetting, StoreBusy
from vernacular.tenancy import Platform, TenantScope

ALICE, BOB = "a" * 32, "b" * 32


def read(book: Logbook, *, content: bool = True, **wanted: str) -> list[dict[str, object]]:
    with book.database.read() as session:
        return entries(TenantScope(session, book.tenant), book.log.chain, Wanted(**wanted), 1000, content=content)  # type: ignore[arg-type]


class TestRecord:
    def test_is_there_exactly_if_what_it_tells_was_done(self, book: Logbook) -> None:
        book.record(Event("key.created", ADMIN, facts={"key": "k"}))
        with suppress(ZeroDivisionError), book.database.write() as session:
            book.log.record(TenantScope(session, book.tenant), Event("key.revoked", ADMIN))
            raise ZeroDivisionError
        assert [entry["event"] for entry in book.entries] == ["key.created"]

    def test_is_refused_where_nothing_is_ever_committed(self, book: Logbook) -> None:
        with book.database.read() as session, pytest.raises(RuntimeError, match="never committed"):
            book.log.record(TenantScope(session, book.tenant), Event("key.created", ADMIN))

    def test_says_who_under_a_pseudonym_and_what_in_clear(self, book: Logbook) -> None:
        facts = {"key": "k", "share": 0.5, "model": "tiny", "policy_version": "eu-3", "retrieved": ["c1"], "ßtrange": 1}
        book.record(Event("key.created", Actor("user", "person@example.org", "admin"), facts=facts))
        (entry,) = book.entries
        assert entry["facts"] == {"key": "k", "share": "0.5", "\\xdftrange": 1}
        assert (entry["model"], entry["policy_version"], entry["retrieved"]) == ("tiny", "eu-3", ["c1"])
        assert entry["actor"]["kind"] == "user"
        assert len(entry["actor"]["id"]) == 32
        assert "person@example.org" not in book.lines[0]

    def test_writes_events_of_two_tenants_in_one_transaction(self, book: Logbook) -> None:
        with book.database.write() as session:
            other = Platform(session).create_tenant(TenantRow(slug="other"))
            book.log.record(TenantScope(session, other), Event("tenant.created", SYSTEM))
            book.log.record(TenantScope(session, book.tenant), Event("tenant.seen", SYSTEM))
        with book.database.read() as session:
            assert TenantScope(session, other).count(AuditEntryRow) == 1
            assert TenantScope(session, book.tenant).count(AuditEntryRow) == 1

    @pytest.mark.parametrize("name", ["", "two words", "x" * 61, "café.opened"])
    def test_refuses_names_that_are_none(self, book: Logbook, name: str) -> None:
        with pytest.raises(InvalidSetting), book.database.write() as session:
            book.log.record(TenantScope(session, book.tenant), Event(name, SYSTEM))

    def test_shortens_facts_and_mends_what_is_no_text(self, book: Logbook) -> None:
        book.record(Event("job.ended", SYSTEM, facts={"long": "x" * 900, "bad": "\ud800", "huge": 2**60, "nul": "\0"}))
        (entry,) = book.entries
        assert entry["facts"] == {"long": "x" * 500 + "…", "bad": "?", "huge": str(2**60), "nul": "\0"}


class TestLater:
    def test_is_written_in_a_moment(self, book: Logbook) -> None:
        for number in range(30):
            book.log.later(book.tenant, asked(f"number {number}"))
        book.log.flush()
        assert [entry["seq"] for entry in book.entries] == list(range(30))

    def test_is_written_by_the_log_itself_and_when_it_closes(self, book: Logbook) -> None:
        book.log.later(book.tenant, asked("anything"))
        written = threading.Event()
        for _ in range(200):
            if book.entries:
                written.set()
                break
            threading.Event().wait(0.05)
        assert written.is_set()
        book.log.later(book.tenant, asked("the last one"))
        book.log.close()
        assert len(book.entries) == 2

    def test_is_refused_rather_than_lost_when_too_many_wait(
        self, book: Logbook, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("vernacular.audit.log.MOST_WAITING", 0)
        with pytest.raises(StoreBusy):
            book.log.later(book.tenant, asked("one too many"))

    def test_goes_with_its_tenant(self, book: Logbook) -> None:
        with book.database.write() as session:
            Platform(session).delete_tenant(book.tenant)
        book.log.later(book.tenant, asked("into nowhere"))
        book.log.flush()
        assert not book.log._waiting

    def test_many_threads_and_logs_make_one_chain(self, book: Logbook) -> None:
        second = AuditLog(book.settings, book.database)

        def write(log: AuditLog) -> None:
            for number in range(40):
                if number % 4:
                    log.later(book.tenant, asked(f"{number}"))
                else:
                    with book.database.write() as session:
                        log.record(TenantScope(session, book.tenant), asked(f"{number}"))

        threads = [threading.Thread(target=write, args=(log,)) for log in (book.log, second, book.log)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        second.close()
        book.log.flush()
        with book.database.read() as session:
            report = verify_log(TenantScope(session, book.tenant), book.log.keys.public_pem)
        assert (report.entries, report.findings) == (120, [])


class TestContent:
    def test_is_read_with_the_persons_key_alone(self, book: Logbook) -> None:
        book.record(asked("where is the harbour office?", ALICE))
        assert "harbour" not in "".join(book.lines)
        (entry,) = read(book)
        assert entry["content"] == {"question": "where is the harbour office?"}
        assert read(book, content=False)[0].get("content") is None

    def test_of_nobody_is_that_of_who_did_it(self, book: Logbook) -> None:
        book.record(Event("document.sent", ADMIN, content={"names": ["plan.pdf"]}))
        (entry,) = read(book)
        assert entry["content"] == {"names": ["plan.pdf"]}
        assert entry["subject"] == entry["actor"]["id"]  # type: ignore[index]

    def test_is_gone_with_the_persons_key_and_the_chain_holds(self, book: Logbook) -> None:
        book.record(asked("mine", ALICE), asked("hers", BOB))
        with book.database.write() as session:
            assert destroy_keys(TenantScope(session, book.tenant), [ALICE]) == 1
        assert [entry["content"] for entry in read(book)] == [{"question": "hers"}, {"erased": True}]
        book.log.checkpoint(book.tenant)
        with book.database.read() as session:
            assert verify_log(TenantScope(session, book.tenant), book.log.keys.public_pem).whole

    def test_that_quotes_a_document_is_gone_with_the_documents_key(self, book: Logbook) -> None:
        book.record(
            Event("chat.answered", ADMIN, subject=ALICE, content={"answer": "it says so"}, documents=("d2", "d1")),
            Event("chat.answered", ADMIN, subject=ALICE, content={"answer": "another"}, documents=("d2",)),
        )
        assert [entry["content"] for entry in read(book)] == [{"answer": "another"}, {"answer": "it says so"}]
        with book.database.write() as session:
            destroy_keys(TenantScope(session, book.tenant), [document_key("d1")])
        assert [entry["content"] for entry in read(book)] == [{"answer": "another"}, {"erased": True}]

    def test_of_someone_erased_who_comes_back_is_kept_anew(self, book: Logbook) -> None:
        waiting = asked("written before, and not yet in the log", ALICE)
        book.record(asked("before", ALICE))
        with book.database.write() as session:
            destroy_keys(TenantScope(session, book.tenant), [ALICE])
        book.record(waiting, asked("after", ALICE))
        assert [entry["content"] for entry in read(book)] == [{"question": "after"}, None, {"erased": True}]

    def test_cannot_be_moved_to_another_entry(self, book: Logbook) -> None:
        book.record(asked("one", ALICE), asked("two", ALICE))
        first, second = book.entries
        chain: Chain = book.log.chain
        with book.database.read() as session:
            keys = chain.keys_of(TenantScope(session, book.tenant), [ALICE])
        assert content_of(book.tenant.id, {**second, "ciphertext": first["ciphertext"]}, [keys[ALICE]]) == {
            "erased": True
        }


class TestReading:
    def test_filters_by_event_person_and_who_did_it(self, book: Logbook) -> None:
        subjects = book.log.subjects
        alice = subjects.named(book.tenant, "alice@example.org")
        book.record(
            asked("hers", alice),
            Event("chat.answered", ADMIN, subject=alice),
            Event("key.created", Actor("user", "u-1")),
        )
        assert [entry["event"] for entry in read(book, event="chat.")] == ["chat.answered", "chat.asked"]
        assert [entry["event"] for entry in read(book, event="chat.asked")] == ["chat.asked"]
        assert len(read(book, subject="alice@example.org")) == len(read(book, subject=alice)) == 2
        assert [entry["event"] for entry in read(book, actor="u-1")] == ["key.created"]
        assert read(book, actor="nobody") == read(book, event="chat") == []

    def test_names_accounts_that_are_still_there(self, book: Logbook) -> None:
        with book.database.write() as session:
            scope = TenantScope(session, book.tenant)
            scope.add(UserRow(id="u-1", username="rita"))
            session.flush()
            names = names_of_actors(scope, book.log.chain)
        assert names[book.log.subjects.actor(book.tenant, Actor("user", "u-1"))] == "rita"


class TestCheckpoints:
    def test_come_with_every_so_many_entries_and_are_copied(self, book: Logbook, tmp_path: Path) -> None:
        book.fill(24)
        book.log.close()
        kept = sorted((tmp_path / "elsewhere" / book.tenant.id).glob("*.json"))
        assert [path.name for path in kept] == ["000000000010.json", "000000000020.json"]
        told = json.loads(kept[1].read_text())
        assert (told["size"], told["log"], told["name"], told["key"]) == (
            20,
            book.tenant.id,
            "acme",
            book.log.keys.key_id,
        )
        assert (tmp_path / "elsewhere" / "public-keys" / f"{book.log.keys.key_id}.pem").exists()

    def test_come_when_time_has_made_them_due(self, book: Logbook) -> None:
        book.fill(3)
        book.log.checkpoint_due()
        assert self.sizes(book) == []
        book.log._settings.checkpoint_s = 0.0
        book.log.checkpoint_due()
        book.log.checkpoint_due()
        assert self.sizes(book) == [3]

    def test_that_have_no_copy_are_copied_later(self, book: Logbook, tmp_path: Path) -> None:
        book.fill(20)
        book.log.close()
        folder = tmp_path / "elsewhere" / book.tenant.id
        (folder / "000000000010.json").unlink()
        assert book.log.mirror(book.tenant) == 1
        assert book.log.mirror(book.tenant) == 0

    def test_never_take_the_place_of_a_copy(self, book: Logbook, tmp_path: Path) -> None:
        path = tmp_path / "elsewhere" / book.tenant.id / "000000000010.json"
        path.parent.mkdir(parents=True)
        path.write_text("another")
        book.fill(10)
        book.log.close()
        assert path.read_text() == "another"

    @staticmethod
    def sizes(book: Logbook) -> list[int]:
        with book.database.read() as session:
            return [json.loads(body)["size"] for body in checkpoints_of(TenantScope(session, book.tenant))]


class TestKeys:
    def test_lie_in_files_that_their_owner_alone_may_read(self, book: Logbook) -> None:
        book.fill(10)
        for name in ("audit", "audit-signing.pem"):
            assert (book.settings.home / "secrets" / name).stat().st_mode & 0o777 == 0o600

    def test_that_do_not_fit_are_told(self, book: Logbook, tmp_path: Path) -> None:
        book.record(asked("something", ALICE))
        (book.settings.home / "secrets" / "audit").write_bytes(b"0" * 32)
        other = AuditLog(book.settings, book.database)
        with book.database.read() as session, pytest.raises(InvalidSetting, match="do not fit"):
            other.chain.keys_of(TenantScope(session, book.tenant), [ALICE])
