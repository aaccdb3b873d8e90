"""Nobody ever sees what is another's, whatever came before: random lives of tenants, on both vector stores.

A few examples here; 500 of 30 steps on Qdrant Edge, and 150 on the server's store, whose local mode is slow, with
`make test-security`. Mutants show that the machine sees leaks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import Select, select

from serve.conversations import repository as conversations
from tests.isolation.machine import IsolationMachine
from tests.isolation.system import System, edge_vectors, running_system, server_vectors
from vernacular.corpus import store as corpora
from vernacular.db.models import ConversationRow, DocumentRow
from vernacular.db.session import SCOPED
from vernacular.errors import UnknownConversation
from vernacular.tenancy import TenantScope
from vernacular.vectors import conditions
from vernacular.vectors.protocol import Partition, Query, VectorStore

Vectors = Callable[[Path], Callable[[], AbstractContextManager[VectorStore]]]
STORES: dict[str, Vectors] = {"edge": lambda home: lambda: edge_vectors(home), "server": lambda _home: server_vectors}
LOCAL_MODE = "ignore:Payload indexes have no effect:UserWarning"
QUICK = settings(
    max_examples=6,
    stateful_step_count=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
WHOLE = {"edge": 500, "server": 150}
"""Lives by store, each of `STEPS`."""
STEPS = 30
HUNT = settings(
    QUICK,
    max_examples=60,
    stateful_step_count=STEPS,
    phases=[Phase.generate],
    report_multiple_bugs=False,
    print_blob=False,
)
"""For mutants: the first failure is enough, however long."""


@pytest.fixture(scope="module", params=list(STORES))
def system(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    home = tmp_path_factory.mktemp("m")
    with running_system(home, STORES[request.param](home), keeps_tenants=request.param == "edge") as running:
        yield running


@pytest.fixture
def machine(system: System, monkeypatch: pytest.MonkeyPatch) -> type[IsolationMachine]:
    monkeypatch.setattr(corpora, "LOOK_EVERY_S", 0.0)  # another process's build is seen a second later: here at once
    return type("Machine", (IsolationMachine,), {"system": system, "TestCase": None})


def run(machine: type[IsolationMachine], how: settings) -> None:
    try:
        run_state_machine_as_test(machine, settings=how)
    finally:
        machine.system.clear()


@pytest.mark.filterwarnings(LOCAL_MODE)
class TestRandomLives:
    def test_show_nobody_what_is_anothers(self, machine: type[IsolationMachine]) -> None:
        run(machine, QUICK)

    @pytest.mark.security
    @pytest.mark.timeout(1800)
    def test_show_nobody_what_is_anothers_in_hundreds_of_lives(self, machine: type[IsolationMachine]) -> None:
        lives = WHOLE["edge" if machine.system.keeps_tenants else "server"]
        run(machine, settings(QUICK, max_examples=lives, stateful_step_count=STEPS))


def without_tenant_in_the_index(patch: pytest.MonkeyPatch) -> None:
    """Searches of a shared collection ask for everyone's points."""
    honest = conditions.query_filter

    def leaky(partition: Partition, query: Query) -> conditions.Json:
        must = [part for part in honest(partition, query)["must"] if part.get("key") != "tenant_id"]
        return {"must": must or [{"key": "from", "range": {"gte": 0}}]}

    patch.setattr(conditions, "query_filter", leaky)


def without_tenant_in_sql(patch: pytest.MonkeyPatch) -> None:
    """`TenantScope.select` forgets its condition."""

    def leaky(self: TenantScope, *entities: Any) -> Select[Any]:
        return select(*entities).execution_options(**{SCOPED: self.tenant.id})

    patch.setattr(TenantScope, "select", leaky)


def without_groups_in_the_index(patch: pytest.MonkeyPatch) -> None:
    """Searches ask for the points of every group."""
    honest = conditions.query_filter

    def leaky(partition: Partition, query: Query) -> conditions.Json:
        return {"must": [part for part in honest(partition, query)["must"] if part.get("key") != "groups"]}

    patch.setattr(conditions, "query_filter", leaky)


def without_groups_in_sql(patch: pytest.MonkeyPatch) -> None:
    """Everyone in the tenant may read each document."""

    def leaky(_self: TenantScope, _document: DocumentRow) -> bool:
        return True

    patch.setattr(TenantScope, "may_read", leaky)


def with_one_corpus_for_all(patch: pytest.MonkeyPatch) -> None:
    """The cache of what was learned forgets whose it is."""
    honest = corpora._Corpora.of
    last: list[object] = []

    def leaky(self: corpora._Corpora, scope: TenantScope) -> object:
        last.append(honest(self, scope))
        return next(found for found in last if found is not None) if any(last) else None

    patch.setattr(corpora._Corpora, "of", leaky)


def without_owners_of_conversations(patch: pytest.MonkeyPatch) -> None:
    """Whoever knows a conversation's id may read it."""

    def leaky(scope: TenantScope, _principal: object, conversation_id: str) -> object:
        row = scope.get(ConversationRow, conversation_id)
        if row is None:
            raise UnknownConversation("There is no such conversation.")
        return row

    patch.setattr(conversations, "find", leaky)


MUTANTS = (
    without_tenant_in_the_index,
    without_tenant_in_sql,
    without_groups_in_the_index,
    pytest.param(without_groups_in_sql, marks=pytest.mark.security),
    pytest.param(with_one_corpus_for_all, marks=pytest.mark.security),
    pytest.param(without_owners_of_conversations, marks=pytest.mark.security),
)


@pytest.mark.filterwarnings(LOCAL_MODE)
class TestMutants:
    """Each leak that is put in on purpose is found: on the store where tenants share a collection. (Embedded, each has a shard.)"""

    @pytest.mark.parametrize("system", ["server"], indirect=True)
    @pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: getattr(mutant, "__name__", None))
    def test_is_killed(
        self,
        machine: type[IsolationMachine],
        mutant: Callable[[pytest.MonkeyPatch], None],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        with monkeypatch.context() as patch:
            mutant(patch)
            with pytest.raises(AssertionError) as found:
                run(machine, HUNT)
        assert Path(str(found.traceback[-1].path)).name == "machine.py", "it failed, but not by seeing a leak"
