from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ingest import learn
from ingest.learn import SMALL
from tests.ingest.conftest import Home, record
from vernacular.corpus import CorpusModel, corpus_of
from vernacular.corpus import build as build_corpus
from vernacular.corpus.store import LOOK_EVERY_S, load
from vernacular.db.base import now
from vernacular.db.models import CorpusRow
from vernacular.tenancy import TenantScope


def corpus(home: Home) -> CorpusModel | None:
    with home.parts.database.read() as session:
        return load(TenantScope(session, home.tenant))


def words(home: Home) -> set[str]:
    found = corpus(home)
    return set(found.words) if found else set()


def change(home: Home, **values: Any) -> None:
    with home.parts.database.write() as session:
        scope = TenantScope(session, home.tenant)
        scope.execute(scope.update(CorpusRow).values(**values))


def delete(home: Home, source_id: str) -> None:
    home.parts.store.delete(home.tenant, [home.documents()[source_id].id])


class TestAfterAJob:
    def test_the_words_of_its_documents_are_known(self, home: Home) -> None:
        home.ingest([record(1, "The harbour master issues mooring permits.", title="Moorings")])
        assert {"harbour", "mooring", "moorings", "permits"} <= words(home)

    def test_words_of_documents_that_not_everyone_may_read_are_not(self, home: Home) -> None:
        home.ingest([record(1, "The pool opens at nine."), record(2, "Redundancies are planned.", groups=["board"])])
        assert "pool" in words(home)
        assert "redundancies" not in words(home)

    def test_nor_are_those_of_documents_that_no_one_may_read_yet(self, home: Home) -> None:
        home.ingest([record(1, "The pool opens at nine."), record(2, "Fees will double.", valid_from="2999-01-01")])
        assert "pool" in words(home)
        assert "double" not in words(home)

    def test_a_small_corpus_follows_every_change(self, home: Home) -> None:
        home.ingest([record(1, "The pool opens at nine.")])
        home.ingest([record(2, "Saunas open at ten.")])
        assert {"pool", "saunas"} <= words(home)

    def test_a_job_that_changes_nothing_builds_nothing(self, home: Home) -> None:
        home.ingest([record(1, "The pool opens at nine.")])
        change(home, revision="mark")
        home.ingest([record(1, "The pool opens at nine.")])
        with home.parts.database.read() as session:
            row = TenantScope(session, home.tenant).get(CorpusRow, home.tenant.id)
        assert row is not None
        assert row.revision == "mark"

    def test_little_in_a_large_tenant_builds_nothing(self, home: Home) -> None:
        home.ingest([record(1, "The pool opens at nine.")])
        change(home, passages=SMALL + 1)
        home.ingest([record(2, "Saunas open at ten.")])
        assert "saunas" not in words(home)

    def test_much_in_a_large_tenant_builds_anew(self, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(learn, "SMALL", 10)
        home.ingest([record(number, f"The pool number {number} opens at nine.") for number in range(20)])
        home.ingest([record(100, "Saunas open at ten.")])
        assert "saunas" in words(home)

    def test_a_large_tenant_is_sampled(self, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(learn, "MOST_PASSAGES", 5)
        home.ingest([record(number) for number in range(20)])
        found = corpus(home)
        assert found is not None
        assert found.passages == 5


class TestForgetting:
    def test_words_of_a_deleted_document_are_gone_after_the_next_build(self, home: Home) -> None:
        home.ingest([record(1, "The pool opens at nine."), record(2, "Saunas open at ten.")])
        delete(home, "r2")
        assert home.parts.learner.catch_up() == ["harbour"]
        assert "pool" in words(home)
        assert "saunas" not in words(home)

    def test_and_so_are_those_of_a_document_that_was_replaced(self, home: Home) -> None:
        home.ingest([record(number, f"The pool number {number} opens at nine.") for number in range(40)])
        change(home, passages=SMALL + 1, began_at=now() - 2 * learn.REST)
        home.ingest([record(1, "Saunas open at ten.")])
        assert "saunas" not in words(home)
        home.parts.learner.catch_up()
        assert "saunas" in words(home)

    def test_nothing_is_known_of_a_tenant_whose_documents_are_all_gone(self, home: Home) -> None:
        home.ingest([record(1, "The pool opens at nine.")])
        delete(home, "r1")
        home.parts.learner.catch_up()
        assert words(home) == set()

    def test_a_deletion_while_a_corpus_is_built_is_not_missed(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home.ingest([record(1, "The pool opens at nine."), record(2, "Saunas open at ten.")])

        def slowly(passages: Any) -> CorpusModel:
            monkeypatch.setattr(learn, "build", build_corpus)
            delete(home, "r2")
            return build_corpus(passages)

        monkeypatch.setattr(learn, "build", slowly)
        home.ingest([record(3, "Lockers are free.")])
        assert "saunas" in words(home)
        assert home.parts.learner.catch_up() == ["harbour"]
        assert "saunas" not in words(home)

    def test_a_large_corpus_is_left_in_peace_for_a_while(self, home: Home) -> None:
        home.ingest([record(1, "The pool opens at nine."), record(2, "Saunas open at ten.")])
        change(home, passages=SMALL + 1)
        delete(home, "r2")
        assert home.parts.learner.catch_up() == []
        change(home, began_at=now() - learn.REST - timedelta(seconds=1))
        assert home.parts.learner.catch_up() == ["harbour"]


class TestCatchingUp:
    def test_a_tenant_from_before_corpora_gets_one(self, home: Home) -> None:
        home.ingest([record(1, "The pool opens at nine.")])
        with home.parts.database.write() as session:
            scope = TenantScope(session, home.tenant)
            scope.execute(scope.delete(CorpusRow))
        assert home.parts.learner.catch_up() == ["harbour"]
        assert "pool" in words(home)

    def test_one_that_is_up_to_date_is_left_alone(self, home: Home) -> None:
        home.ingest([record(1, "The pool opens at nine.")])
        assert home.parts.learner.catch_up() == []

    def test_it_ends_between_tenants_when_asked_to(self, home: Home) -> None:
        home.ingest([record(1, "The pool opens at nine.")])
        delete(home, "r1")
        assert home.parts.learner.catch_up(lambda: True) == []


class TestCorpusOf:
    def test_sees_a_new_build_a_moment_later(self, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = [100.0]
        monkeypatch.setattr("vernacular.corpus.store.time.monotonic", lambda: clock[0])
        seen = []
        for number, text in enumerate(["The pool opens at nine.", "Saunas open at ten."]):
            home.ingest([record(number, text)])
            with home.parts.database.read() as session:
                seen.append(corpus_of(TenantScope(session, home.tenant)))
            clock[0] += LOOK_EVERY_S
        assert [("saunas" in each.words) for each in seen if each is not None] == [False, True]

    def test_keeps_in_memory_what_it_has(self, home: Home) -> None:
        home.ingest([record(1, "The pool opens at nine.")])
        with home.parts.database.read() as session:
            scope = TenantScope(session, home.tenant)
            assert corpus_of(scope) is corpus_of(scope)

    def test_knows_nothing_of_a_tenant_without_documents(self, home: Home) -> None:
        with home.parts.database.read() as session:
            assert corpus_of(TenantScope(session, home.tenant)) is None
