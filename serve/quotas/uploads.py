"""Whether what is sent has room, before a job is asked for. The job looks again, document by document: others may be quicker."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from serve.deps import Access
from vernacular.db.models import JobRow
from vernacular.errors import QuotaExceeded
from vernacular.jobs import QUEUED
from vernacular.quotas.holdings import NO_ROOM, room, sizes
from vernacular.quotas.limits import tenant_limits
from vernacular.tenancy import TenantScope

RETRY_S: Final = 3600
"""Room comes from deleting documents, not from waiting."""


@dataclass(slots=True)
class _Sent:
    """`names`: of the documents that are told apart before they are read. `others`: documents that are not, at the least."""

    bytes: int = 0
    names: set[str] = field(default_factory=set)
    others: int = 0


async def bounded(access: Access, body: AsyncIterator[bytes], announced: str) -> AsyncIterator[bytes]:
    """The body, as far as the tenant could hold it if it had nothing else.

    Raises:
        QuotaExceeded: it is more than that.
    """
    most = tenant_limits(access.principal.tenant, access.services.settings.quotas).bytes
    read = int(announced) if announced.isdecimal() else 0
    if most and read > most:
        raise _too_much(most)
    read = 0
    async for piece in body:
        read += len(piece)
        if most and read > most:
            raise _too_much(most)
        yield piece


def check_room(access: Access, spec: Mapping[str, Any], folder: Path) -> None:
    """
    Raises:
        QuotaExceeded: the documents, as far as they can be told before they are read, have no room.
    """
    with access.read() as scope:
        left = room(scope, access.services.settings.quotas)
        if left is None:
            return
        sent, waiting = _sent(spec, folder), _waiting(scope, access)
        if not left.lacks(len(sent.names) + sent.others, sent.bytes + waiting):
            return
        known = sizes(scope, str(spec["source"]), sorted(sent.names))
        new = len(sent.names) - len(known) + sent.others
        if lack := left.lacks(new, sent.bytes + waiting - sum(known.values())):
            raise QuotaExceeded(lack, NO_ROOM, RETRY_S)


def _sent(spec: Mapping[str, Any], folder: Path) -> _Sent:
    found = _Sent()
    for item in spec["items"]:
        name = item.get("file")
        if not name:  # an address: nobody knows what is there
            continue
        path = folder / str(name)
        if item["kind"] == "records":
            for record in _records(path):
                found.bytes += len(str(record.get("text") or "").encode("utf-8", "replace"))
                found.names.add(str(record["id"]))
        elif item["kind"] == "file":
            found.bytes += path.stat().st_size
            found.names.add(str(item.get("source_id") or name))
        else:  # a feed of many
            found.bytes += path.stat().st_size
            found.others += 1
    return found


def _records(path: Path) -> Iterator[Mapping[str, Any]]:
    """Those that will become documents; what is none is the job's to say."""
    with path.open("rb") as lines:
        for line in lines:
            try:
                record = orjson.loads(line)
            except orjson.JSONDecodeError:
                continue
            if isinstance(record, dict) and record.get("id") is not None and not record.get("deleted"):
                yield record


def _waiting(scope: TenantScope, access: Access) -> int:
    """Bytes that were sent for jobs that have not begun."""
    uploads = access.services.settings.uploads_path
    jobs = scope.execute(scope.select(JobRow.id).where(JobRow.state == QUEUED)).scalars()
    return sum(file.stat().st_size for job in jobs for file in (uploads / str(job)).glob("*") if file.is_file())


def _too_much(most: int) -> QuotaExceeded:
    return QuotaExceeded(f"This is more than the {most / 1e6:,.0f} MB that the tenant may hold.", NO_ROOM, RETRY_S)
