"""The lint of the house: statements over tenants' rows, and vector stores, are handled in `vernacular.tenancy` alone; files,
caches, figures and logs know whose something is (`tests/isolation/lint.py`)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.isolation import lint

ROOT = Path(__file__).parent.parent
PACKAGES = ("vernacular", "ingest", "serve", "ui")
# `vernacular/db` opens sessions and migrates; `vernacular/tenancy.py` makes every statement.
STATEMENT_MAKERS = ("vernacular/tenancy.py", "vernacular/db/")
FORBIDDEN_NAMES = {"select", "insert", "update", "delete", "text", "table", "literal_column"}
FORBIDDEN_METHODS = {"query", "exec_driver_sql", "bulk_save_objects", "bulk_insert_mappings", "merge"}
VECTOR_CALLS = {"Partition"}
VECTOR_USERS = ("vernacular/tenancy.py", "vernacular/vectors/")


def sources() -> Iterator[tuple[str, str]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def offences(name: str, source: str) -> list[str]:
    """Where a file makes SQL statements or names a vector partition by itself."""
    found: list[str] = []
    tree = ast.parse(source)
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if not name.startswith(STATEMENT_MAKERS):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sqlalchemy":
                found += [f"{name}:{line}: sqlalchemy.{a.name}" for a in node.names if a.name in FORBIDDEN_NAMES]
            if isinstance(node, ast.Import):
                found += [f"{name}:{line}: import {a.name}" for a in node.names if a.name.split(".")[0] == "sqlalchemy"]
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                on_session = isinstance(owner, ast.Name | ast.Attribute) and ast.unparse(owner).endswith("session")
                if on_session and node.func.attr in FORBIDDEN_METHODS | {"execute", "scalars", "scalar", "get"}:
                    found.append(f"{name}:{line}: {ast.unparse(node.func)}()")
        calls_partition = (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in VECTOR_CALLS
        )
        if calls_partition and not name.startswith(VECTOR_USERS):
            found.append(f"{name}:{line}: a Partition made outside TenantScope")
    return found


def test_no_statement_and_no_partition_is_made_outside_tenancy() -> None:
    found = [offence for name, source in sources() for offence in offences(name, source)]
    assert not found, "go through vernacular.tenancy.TenantScope:\n" + "\n".join(found)


@pytest.mark.parametrize(
    "source",
    [
        "from sqlalchemy import select",
        "import sqlalchemy as sa",
        "def f(session):\n    session.execute(1)",
        "def f(self):\n    self.session.get(Row, 1)",
        "from vernacular.vectors.protocol import Partition\nPartition('t', 'g')",
    ],
)
def test_the_lint_sees_what_it_is_for(source: str) -> None:
    assert offences("serve/somewhere.py", source)


def test_files_figures_logs_and_memories_know_whose_something_is() -> None:
    found = [offence for name, source in sources() for offence in lint.offences(name, source)]
    assert not found, "\n".join(found)


def test_everything_kept_between_requests_is_kept_apart() -> None:
    there = {
        cache
        for name, source in sources()
        if not name.startswith(lint.WITHOUT_TENANTS)
        for cache in lint.caches(name, source)
    }
    new, old = there - set(lint.KEPT), set(lint.KEPT) - there
    assert not new, f"say in tests/isolation/lint.py, KEPT, by what these are kept apart between tenants: {sorted(new)}"
    assert not old, f"tests/isolation/lint.py, KEPT, tells of what is gone: {sorted(old)}"


def test_the_gateway_looks_across_tenants_where_it_must_and_nowhere_else() -> None:
    found = {name for name, source in sources() if name.startswith("serve/") and lint.across(source)}
    assert found == set(lint.ACROSS_TENANTS), "say in tests/isolation/lint.py, ACROSS_TENANTS, what for"


def test_the_callers_own_tenant_is_no_look_across() -> None:
    assert lint.across("Platform(scope.session).tenant(access.principal.tenant.slug)") == []
    assert lint.across("Platform(session).tenant(name)")
    assert lint.across("platform = Platform(session)")


@pytest.mark.parametrize(
    "source",
    [
        "def f(blobs, digest):\n    blobs.open(digest)",
        "def f(self, slug, file):\n    self.blobs.put(slug, file)",
        "def f(settings, job):\n    return settings.blobs_path / job",
        "@functools.cache\ndef f(scope):\n    return 1",
        "@lru_cache(maxsize=8)\ndef f(name, tenant):\n    return 1",
        "Counter('answers', 'Answers.', ['tenant'], registry=registry)",
        "Gauge('documents', 'Documents.', registry=self.by_tenant)",
        "log.info('asked %s', request.question)",
        "log.info('sent', extra={'fields': {'name': document.title}})",
        "logger.warning('no', extra={'fields': {'who': username}})",
    ],
)
def test_that_lint_sees_what_it_is_for(source: str) -> None:
    assert list(lint.offences("serve/somewhere.py", source))


@pytest.mark.parametrize(
    "source",
    [
        "def f(blobs, tenant, digest):\n    blobs.open(tenant.id, digest)",
        "blobs = BlobStore(settings.blobs_path)",
        "@functools.cache\ndef f(language):\n    return 1",
        "found: Counter[str] = Counter(words)",
        "log.info('request', extra={'fields': {'tenant': tenant.slug, 'status': 200}})",
    ],
)
def test_that_lint_lets_the_rest_pass(source: str) -> None:
    assert not list(lint.offences("serve/somewhere.py", source))


def test_a_cache_is_seen() -> None:
    source = "class Answers:\n    def __init__(self):\n        self._kept: dict[str, str] = {}"
    assert list(lint.caches("serve/answers.py", source)) == ["serve/answers.py: Answers._kept"]
