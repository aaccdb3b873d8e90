from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.vernacular.audit.logbook import Logbook


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Logbook]:
    """A checkpoint every ten entries, with a copy of each in another folder."""
    opened = Logbook.open(tmp_path / "home", checkpoint_entries=10, checkpoints=tmp_path / "elsewhere")
    yield opened
    opened.close()
