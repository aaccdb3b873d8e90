"""The shards of one folder: opened when first asked for, the least recently used closed, moved aside when torn.

DIR/<tenant>/<generation>/            a shard
DIR/<tenant>/<generation>.damaged     it was torn: every call but `drop` raises IndexDamaged
DIR/_damaged/<tenant>/<generation>/   what was left of it, for inspection
"""

from __future__ import annotations

import ctypes
import logging
import shutil
import uuid
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import qdrant_edge as qe

from vernacular.errors import BadRequest, IndexDamaged, VectorStoreDown
from vernacular.vectors import facade
from vernacular.vectors.batch import Batch, check
from vernacular.vectors.conditions import metadata_fields
from vernacular.vectors.protocol import Partition
from vernacular.vectors.rewriting import Copy

logger = logging.getLogger(__name__)

OPTIMIZE_AFTER = 15_000
"""Changed points after which a shard is optimised even while it is written to.

Nothing else is answered meanwhile, some 0.1 ms for each of them: this bounds the pause to about a second and a half.
"""
QUIET_S = 1.0
"""A shard that was not written to for so long is optimised, if enough has changed."""
_SHARE_CHANGED = 0.1
_FEWEST_CHANGED, _MOST_CHANGED = 1000, 2000  # an open segment takes four times the memory of an optimised one
_EXACT_IDF_POINTS = 20_000
_MAX_METADATA_INDEXES = 32


class EngineError(Exception):
    """Qdrant Edge failed or panicked."""


@contextmanager
def _engine() -> Iterator[None]:
    """What the engine raises, as one kind: a bare Exception, or a panic, which is not even that and has no name to catch."""
    try:
        yield
    except Exception as error:
        raise EngineError(str(error)) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise EngineError(str(error)) from error


@dataclass(slots=True)
class _Open:
    shard: qe.EdgeShard
    dense_size: int
    points: int
    changed: int = 0
    """Points written or deleted since the shard was optimised."""
    written_at: float | None = None
    """None: all is on disk."""
    touched_at: float = 0.0

    def dirty(self) -> bool:
        return self.written_at is not None

    def grown(self) -> bool:
        """Whether enough has changed that optimising is worth its pause."""
        return self.changed > min(max(_FEWEST_CHANGED, _SHARE_CHANGED * self.points), _MOST_CHANGED)


class Shards:
    """Not thread-safe: one process, one thread."""

    def __init__(self, path: Path, *, open_shards: int = 64) -> None:
        self._path = path
        self._limit = open_shards
        self._open: OrderedDict[Partition, _Open] = OrderedDict()
        self._copies: dict[Partition, Copy] = {}
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        for leftover in path.glob(".*-*"):
            if leftover.name.startswith((".new-", ".trash-")):
                shutil.rmtree(leftover, ignore_errors=True)

    def upsert(self, partition: Partition, batch: Batch) -> None:
        check(batch)
        if not len(batch):
            return
        held = self._get(partition) or self._create(partition, batch.dense.shape[1])
        if len(batch.dense) and batch.dense.shape[1] != held.dense_size:
            raise BadRequest(f"A dense vector has not the {held.dense_size} dimensions of this index.")
        self._update(partition, held, qe.UpdateOperation.upsert_points(facade.points(batch)))
        held.changed += len(batch)

    def delete(self, partition: Partition, condition: Mapping[str, Any]) -> None:
        held = self._get(partition)
        if held is None:
            return
        wanted = facade.condition(condition)
        before = held.points
        self._update(partition, held, qe.UpdateOperation.delete_points_by_filter(wanted))
        held.changed += before - held.points

    def query(self, partition: Partition, request: Mapping[str, Any]) -> list[tuple[str, str, float]]:
        held = self._get(partition)
        if held is None:
            return []
        self._index_metadata(partition, held, request)
        # The corpus leaves out deleted points, which vacuuming bounds to a tenth; on a large shard that is not worth 3 ms.
        wanted = facade.query(request, corpus=held.points <= _EXACT_IDF_POINTS)
        try:
            with _engine():
                hits = held.shard.query(wanted)
                return [(str(hit.id), (hit.payload or {})["document_id"], hit.score) for hit in hits]
        except EngineError as error:
            # The request was built here and is sound: what failed is the reading of the shard.
            raise self._torn(partition, error) from None

    def count(self, partition: Partition) -> int:
        held = self._get(partition)
        return 0 if held is None else held.points

    def flush(self, partition: Partition) -> None:
        held = self._get(partition)
        if held is not None:
            self._flush(partition, held)

    def optimize(self, partition: Partition) -> None:
        """Build indexed segments of what was written since, and give the memory of building back.

        Building leaves hundreds of megabytes in the allocator and in mappings of replaced files, hence the reopening.
        """
        held = self._get(partition)
        if held is None:
            return
        held.written_at = monotonic()
        held.changed = 0
        try:
            with _engine():
                held.shard.optimize()
        except EngineError:
            # Searches stay exact without; the next try is after as many changes again.
            logger.exception("%s could not be optimised", self._folder(partition))
            return
        self._close(partition)
        self._get(partition)
        ctypes.CDLL(None).malloc_trim(0)

    def rewrite(self, partition: Partition, offset: str) -> str | None:
        """Copy a slice of the points into a new shard, from `offset` on ("": begin); the offset of the next one ("": begin again).

        None: the new shard has taken the old one's place, of which no byte is left.
        """
        held = self._get(partition)
        copy = self._copies.get(partition)
        if not offset or held is None:
            self._abandon(partition)
            shutil.rmtree(self._aside(partition), ignore_errors=True)
            copy = None if held is None else Copy.begin(self._path, held.dense_size)
        if held is None:
            return None
        if copy is None:
            return ""
        self._copies[partition] = copy
        try:
            with _engine():
                following = copy.take(held.shard, offset)
        except EngineError as error:
            self._abandon(partition)
            raise VectorStoreDown(f"The vector store could not write: {error}.", "Is the disk full?") from None
        if following is None:
            self._replace(partition, copy)
        return following

    def _replace(self, partition: Partition, copy: Copy) -> None:
        copy.finish()
        del self._copies[partition]
        self._open.pop(partition).shard.close()
        self._points_note(partition).unlink(missing_ok=True)
        folder, trash = self._folder(partition), self._path / f".trash-{uuid.uuid4().hex}"
        folder.rename(trash)
        copy.folder.rename(folder)
        shutil.rmtree(trash, ignore_errors=True)
        held = self._load(partition, folder)
        held.changed, held.touched_at = copy.changed, monotonic()

    def _abandon(self, partition: Partition) -> None:
        copy = self._copies.pop(partition, None)
        if copy is not None:
            copy.abandon()

    def drop(self, partition: Partition) -> None:
        self._abandon(partition)
        held = self._open.pop(partition, None)
        if held is not None:
            held.shard.close()
        folder = self._folder(partition)
        if folder.exists():
            trash = self._path / f".trash-{uuid.uuid4().hex}"
            folder.rename(trash)
            shutil.rmtree(trash, ignore_errors=True)
        for note in (self._marker(partition), self._points_note(partition)):
            note.unlink(missing_ok=True)

    def partitions(self) -> list[Partition]:
        tenants = (
            tenant for tenant in self._path.iterdir() if tenant.is_dir() and not tenant.name.startswith((".", "_"))
        )
        return sorted(
            (Partition(tenant.name, shard.name) for tenant in tenants for shard in tenant.iterdir() if shard.is_dir()),
            key=lambda partition: (partition.tenant_id, partition.generation),
        )

    def due(self, idle_s: float) -> None:
        """Do what waited for a quiet moment: optimise what has grown, flush what was written `idle_s` ago."""
        for partition, held in list(self._open.items()):
            quiet = monotonic() - held.touched_at >= QUIET_S
            if held.changed >= OPTIMIZE_AFTER or (quiet and held.grown()):
                self.optimize(partition)
            elif held.written_at is not None and monotonic() - held.written_at >= idle_s:
                self._flush(partition, held)

    def _torn(self, partition: Partition, cause: BaseException | str) -> IndexDamaged:
        """Move a torn shard out of the way; calls raise IndexDamaged until it is dropped."""
        self._open.pop(partition, None)
        self._abandon(partition)
        aside = self._aside(partition)
        shutil.rmtree(aside, ignore_errors=True)
        aside.parent.mkdir(parents=True, exist_ok=True)
        self._marker(partition).touch()
        self._points_note(partition).unlink(missing_ok=True)
        if self._folder(partition).exists():
            self._folder(partition).rename(aside)
        logger.error("the index %s is damaged and was moved to %s: %s", self._folder(partition), aside, cause)
        return _damaged(partition)

    def close(self) -> None:
        for partition in list(self._copies):
            self._abandon(partition)
        for partition, held in list(self._open.items()):
            if held.grown():
                self.optimize(partition)
            self._close(partition)

    def _folder(self, partition: Partition) -> Path:
        return self._path / partition.tenant_id / partition.generation

    def _aside(self, partition: Partition) -> Path:
        return self._path / "_damaged" / partition.tenant_id / partition.generation

    def _marker(self, partition: Partition) -> Path:
        return self._path / partition.tenant_id / f"{partition.generation}.damaged"

    def _points_note(self, partition: Partition) -> Path:
        return self._path / partition.tenant_id / f"{partition.generation}.points"

    def _read_note(self, partition: Partition) -> tuple[int | None, int | None]:
        """Points, and how many of them had changed, when the shard was last closed in order; None: it was not."""
        note = self._points_note(partition)
        numbers = [int(each) for each in note.read_text().split() if each.isdigit()] if note.exists() else []
        return (numbers[0], numbers[1]) if len(numbers) == 2 else (None, None)

    def _get(self, partition: Partition) -> _Open | None:
        """The open shard, None when there is none on disk."""
        if partition in self._open:
            self._open.move_to_end(partition)
            return self._open[partition]
        if self._marker(partition).exists():
            raise _damaged(partition)
        folder = self._folder(partition)
        return self._load(partition, folder) if folder.exists() else None

    def _load(self, partition: Partition, folder: Path) -> _Open:
        # What an optimisation that was killed leaves behind; nothing else removes it.
        shutil.rmtree(folder / "temp_segments", ignore_errors=True)
        try:
            with _engine():
                dense_size = facade.dense_size_in(folder)
                shard = qe.EdgeShard.load(str(folder), facade.config(dense_size))
                points = shard.info().points_count
        except EngineError as error:
            raise self._torn(partition, error) from None
        flushed, changed = self._read_note(partition)
        if flushed is not None and flushed != points:
            # A cut list of ids opens without complaint.
            shard.close()
            raise self._torn(partition, f"{points} points are left of {flushed}")
        changed = points if changed is None else changed
        return self._hold(partition, _Open(shard, dense_size, points, changed, None, monotonic()))

    def _create(self, partition: Partition, dense_size: int) -> _Open:
        # Made elsewhere and renamed: a half-made shard is never found under its name.
        made = self._path / f".new-{uuid.uuid4().hex}"
        made.mkdir(mode=0o700)
        shard = qe.EdgeShard.create(str(made), facade.config(dense_size))
        for operation in facade.payload_indexes():
            shard.update(operation)
        shard.flush()
        shard.close()
        folder = self._folder(partition)
        folder.parent.mkdir(mode=0o700, exist_ok=True)
        made.rename(folder)
        return self._load(partition, folder)

    def _hold(self, partition: Partition, held: _Open) -> _Open:
        while len(self._open) >= self._limit:
            self._close(next(iter(self._open)))
        self._open[partition] = held
        return held

    def _close(self, partition: Partition) -> None:
        held = self._open.pop(partition)
        self._flush(partition, held)
        held.shard.close()

    def _update(self, partition: Partition, held: _Open, operation: qe.UpdateOperation) -> None:
        if not held.dirty():
            self._points_note(partition).unlink(missing_ok=True)
        held.written_at = held.touched_at = monotonic()
        try:
            with _engine():
                held.shard.update(operation)
                if partition in self._copies:
                    self._copies[partition].shard.update(operation)
                held.points = held.shard.info().points_count
        except EngineError as error:
            # A full disk is no damage: opened again, the shard is what its log says, or is found to be torn.
            logger.exception("a write to %s failed", self._folder(partition))
            self._open.pop(partition).shard.close()
            raise VectorStoreDown(f"The vector store could not write: {error}.", "Is the disk full?") from None

    def _flush(self, partition: Partition, held: _Open) -> None:
        if held.dirty():
            held.shard.flush()
            held.written_at = None
            self._points_note(partition).write_text(f"{held.points} {held.changed}")

    def _index_metadata(self, partition: Partition, held: _Open, request: Mapping[str, Any]) -> None:
        """Index a metadata field when it is first asked about: without, a filter reads every payload from disk."""
        wanted = metadata_fields(request["filter"])
        if not wanted:
            return
        present = held.shard.info().payload_schema
        for path, kind in wanted.items():
            if path not in present and len(present) < _MAX_METADATA_INDEXES:
                self._update(partition, held, facade.metadata_index(path, kind))


def _damaged(partition: Partition) -> IndexDamaged:
    return IndexDamaged(f"The index {partition.tenant_id}/{partition.generation} is damaged.")
