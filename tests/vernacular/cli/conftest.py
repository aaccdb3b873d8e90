from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from vernacular.settings import get_settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A fresh VERNACULAR_HOME for commands run in this process."""
    monkeypatch.setenv("VERNACULAR_HOME", str(tmp_path / "home"))
    get_settings.cache_clear()
    yield tmp_path / "home"
    get_settings.cache_clear()
