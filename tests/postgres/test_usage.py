"""Usage on PostgreSQL, where several gateways write it."""

from __future__ import annotations

import threading

import pytest

from tests.vernacular.quotas import test_usage as usage_tests
from tests.vernacular.quotas.test_usage import MONDAY, add, made
from vernacular.db.session import Database
from vernacular.quotas.usage import Used, usage
from vernacular.tenancy import TenantScope

pytestmark = pytest.mark.postgres
tenant = usage_tests.tenant


class TestUsage(usage_tests.TestUsage): ...


class TestForget(usage_tests.TestForget): ...


class TestManyGateways:
    def test_add_up_to_what_each_counted(self, database: Database) -> None:
        town, begin = made(database, "town"), threading.Barrier(4)

        def write() -> None:
            begin.wait()
            for _ in range(10):
                add(database, town, Used(MONDAY, "k1", "key", requests=1, prompt_tokens=2))

        threads = [threading.Thread(target=write) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with database.read() as session:
            assert usage(TenantScope(session, town), MONDAY, MONDAY) == [Used(MONDAY, "k1", "key", 40, 0, 80, 0)]
