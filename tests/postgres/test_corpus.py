"""What holds on SQLite for what is learned from documents holds on PostgreSQL."""

from __future__ import annotations

import pytest

from tests.ingest import test_learn

pytestmark = pytest.mark.postgres


class TestAfterAJob(test_learn.TestAfterAJob): ...


class TestForgetting(test_learn.TestForgetting): ...


class TestCatchingUp(test_learn.TestCatchingUp): ...


class TestCorpusOf(test_learn.TestCorpusOf): ...
