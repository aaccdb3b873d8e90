"""What every suite shares: reports that can travel from the processes that run tests side by side, and no clock in generated cases."""

from __future__ import annotations

from collections.abc import Generator

import hypothesis
import pytest

hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Captured output may hold lone surrogates, which are no UTF-8 and would end the process that is to send them."""
    report = yield
    report.sections = [(title, text.encode("utf-8", "backslashreplace").decode()) for title, text in report.sections]
    return report
