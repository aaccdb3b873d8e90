from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from vernacular.access import passwords


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real hashes that take no time: how long they take otherwise is tested where they are made."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
