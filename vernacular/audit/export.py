"""A tenant's log as files that anyone can verify: entries, checkpoints, public keys, and the verifier itself."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from vernacular import __version__
from vernacular.audit import verify_audit
from vernacular.audit.keys import AuditKeys
from vernacular.audit.verify_audit import CHECKPOINTS, ENTRIES, MANIFEST, PUBLIC_KEYS
from vernacular.db.base import now
from vernacular.db.models import AuditCheckpointRow, AuditEntryRow, AuditHeadRow
from vernacular.errors import Conflict
from vernacular.tenancy import TenantScope

VERIFIER: Final = "verify_audit.py"
_AT_ONCE: Final = 2000


def export_log(scope: TenantScope, keys: AuditKeys, to: Path) -> int:
    """Write the scope's log to the folder `to`, or, where its name ends in .zip, to such a file; returns how many entries.

    Sign a checkpoint before, so that all of them are covered.

    Raises:
        Conflict: there is something of that name already.
        OSError: it cannot be written.
    """
    if to.exists():
        raise Conflict(f"{to} is there already.", "Name another folder or file.")
    folder = to.with_name(f".{to.name}.part") if to.suffix == ".zip" else to
    folder.mkdir(parents=True, mode=0o700)
    try:
        count = _write(scope, keys, folder)
        if to.suffix == ".zip":
            _pack(folder, to)
    finally:
        if to.suffix == ".zip":
            shutil.rmtree(folder, ignore_errors=True)
    return count


def lines_of(scope: TenantScope) -> Iterator[str]:
    """The entries in order, as canonical JSON."""
    after = -1
    while True:
        statement = scope.select(AuditEntryRow.seq, AuditEntryRow.body).where(AuditEntryRow.seq > after)
        rows = scope.execute(statement.order_by(AuditEntryRow.seq).limit(_AT_ONCE)).all()
        yield from (row.body for row in rows)
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1].seq


def checkpoints_of(scope: TenantScope) -> list[str]:
    statement = scope.select(AuditCheckpointRow.body).order_by(AuditCheckpointRow.size)
    return list(scope.execute(statement).scalars())


def write_frame(folder: Path, keys: AuditKeys, log: str, name: str, *, first: int, size: int) -> None:
    """All of an export but entries and checkpoints."""
    manifest = {
        "log": log,
        "name": name,
        "first": first,
        "size": size,
        "written_at": now().isoformat(timespec="seconds"),
        "version": __version__,
    }
    _put(folder / MANIFEST, (json.dumps(manifest, indent=2) + "\n").encode())
    _put(folder / PUBLIC_KEYS, keys.public_pem)
    verifier = Path(verify_audit.__file__).read_bytes()
    if not (folder / VERIFIER).exists() or (folder / VERIFIER).read_bytes() != verifier:
        _put(folder / VERIFIER, verifier)


def _write(scope: TenantScope, keys: AuditKeys, folder: Path) -> int:
    first = scope.execute(scope.select(AuditHeadRow.first_seq)).scalar_one_or_none() or 0
    count = 0
    with (folder / ENTRIES).open("w", encoding="utf-8") as file:
        for line in lines_of(scope):
            file.write(f"{line}\n")
            count += 1
    (folder / CHECKPOINTS).write_text("".join(f"{body}\n" for body in checkpoints_of(scope)), encoding="utf-8")
    write_frame(folder, keys, scope.tenant.id, scope.tenant.slug, first=first, size=first + count)
    return count


def _pack(folder: Path, to: Path) -> None:
    draft = to.with_name(f".{to.name}.new")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(folder.iterdir()):
            packed.write(path, path.name)
    draft.chmod(0o600)
    draft.replace(to)


def _put(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
    draft.replace(path)
