from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.contracts.vector_store import point, zipf_points
from vernacular.vectors import shards as shards_module
from vernacular.vectors.batch import pack
from vernacular.vectors.protocol import Partition
from vernacular.vectors.shards import Shards

HERE = Partition("tenant", "g1")


def written(shards: Shards, count: int) -> None:
    shards.upsert(HERE, pack(HERE, zipf_points(random.Random(count), count)))


def changed(shards: Shards) -> int:
    held = shards._get(HERE)
    assert held is not None
    return held.changed


class TestOptimising:
    def test_waits_until_nobody_writes(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        shards = Shards(tmp_path)
        written(shards, 1500)
        shards.flush(HERE)
        shards.due(60.0)
        assert changed(shards) == 1500
        monkeypatch.setattr(shards_module, "QUIET_S", 0.0)
        shards.due(60.0)
        assert changed(shards) == 0
        assert shards.count(HERE) == 1500

    def test_does_not_wait_for_ever(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(shards_module, "OPTIMIZE_AFTER", 1400)
        shards = Shards(tmp_path)
        written(shards, 1500)
        shards.due(60.0)
        assert changed(shards) == 0

    def test_is_done_before_closing(self, tmp_path: Path) -> None:
        shards = Shards(tmp_path)
        written(shards, 1500)
        shards.close()
        again = Shards(tmp_path)
        assert changed(again) == 0
        assert again.count(HERE) == 1500

    def test_is_not_forgotten_when_a_shard_is_closed_to_make_room(self, tmp_path: Path) -> None:
        shards = Shards(tmp_path, open_shards=1)
        written(shards, 1500)
        other = Partition("other", "g1")
        shards.upsert(other, pack(other, [point()]))
        assert changed(shards) == 1500

    def test_is_due_after_a_crash(self, tmp_path: Path) -> None:
        shards = Shards(tmp_path)
        written(shards, 1500)
        held = shards._open.pop(HERE)
        held.shard.flush()
        held.shard.close()  # and nothing of what else is done when a shard is closed in order
        assert changed(Shards(tmp_path)) == 1500
