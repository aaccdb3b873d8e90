"""A shard's points written into a new one, slice by slice: the only way to be rid of every byte of a deleted one.

The engine marks points as deleted; their bytes stay in its log and segments until these happen to be built anew. Between slices the
old shard answers, and whatever is written to it is written to the copy as well.
"""

from __future__ import annotations

import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import qdrant_edge as qe

from vernacular.vectors import facade

SLICE: Final = 500
"""Points that are copied in one go: some 30 ms in which nothing else is answered."""
OPTIMIZE_AFTER: Final = 15_000


@dataclass(slots=True)
class Copy:
    """The new shard as far as it is. `changed`: points in it that no optimisation has seen."""

    folder: Path
    shard: qe.EdgeShard
    changed: int = 0

    @classmethod
    def begin(cls, under: Path, dense_size: int) -> Self:
        folder = under / f".new-{uuid.uuid4().hex}"
        folder.mkdir(mode=0o700)
        shard = qe.EdgeShard.create(str(folder), facade.config(dense_size))
        for operation in facade.payload_indexes():
            shard.update(operation)
        return cls(folder, shard)

    def take(self, source: qe.EdgeShard, offset: str) -> str | None:
        """Copy the points from `offset` on ("": from the first); the next offset, None after the last one."""
        wanted = qe.ScrollRequest(offset=offset or None, limit=SLICE, with_payload=True, with_vector=True)
        records, following = source.scroll(wanted)
        if records:
            points = [qe.Point(str(record.id), record.vector or {}, record.payload) for record in records]
            self.shard.update(qe.UpdateOperation.upsert_points(points))
        self.changed += len(records)
        if self.changed >= OPTIMIZE_AFTER:
            self.shard.optimize()
            self.changed = 0
        return None if following is None else str(following)

    def finish(self) -> None:
        """Everything is on disk, and the shard closed."""
        self.shard.flush()
        self.shard.close()

    def abandon(self) -> None:
        self.shard.close()
        shutil.rmtree(self.folder, ignore_errors=True)
