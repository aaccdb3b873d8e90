"""Figures on PostgreSQL, which looks into JSON in its own way and keeps what was not fetched."""

from __future__ import annotations

import pytest

from tests.serve.statistics import test_statistics as statistics_tests

pytestmark = pytest.mark.postgres


class TestStatistics(statistics_tests.TestStatistics): ...
