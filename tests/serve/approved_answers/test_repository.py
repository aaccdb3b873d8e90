from __future__ import annotations

import tracemalloc
from pathlib import Path

from serve.approved_answers import repository
from vernacular.db.models import ApprovedAnswerRow, TenantRow
from vernacular.db.session import open_database
from vernacular.settings import Settings
from vernacular.tenancy import Platform, TenantScope

ANSWER = "The fee is paid at the counter. " * 600


class TestMatching:
    def test_looks_through_all_answers_and_holds_few_of_them_at_a_time(self, home: Path) -> None:
        database = open_database(Settings(home=home))
        with database.write() as session:
            scope = TenantScope(session, Platform(session).create_tenant(TenantRow(slug="acme")))
            for number in range(400):
                scope.add(ApprovedAnswerRow(question=f"Where is counter {number}?", variants=[], answer=ANSWER))
        with database.read() as session:
            scope = TenantScope(session, scope.tenant)
            tracemalloc.start()
            try:
                found = repository.matching(scope, "counter 123")
                peak = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
            assert found is not None
            assert len(found) == 1
        database.close()
        assert peak < 400 * len(ANSWER) / 2
