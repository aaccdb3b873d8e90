"""Originals of files, kept under the SHA-256 of their bytes: the same file twice is one blob of its tenant."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import uuid
from pathlib import Path
from typing import BinaryIO

from vernacular.errors import NotFound

_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_TENANT = re.compile(r"[0-9A-Za-z_-]{1,64}\Z")


class BlobStore:
    """A folder for each tenant under `root`; files are readable by their owner alone and appear whole or not at all."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, tenant_id: str, file: Path) -> str:
        """Keep a copy of `file` and return its digest."""
        with file.open("rb") as source:
            digest = hashlib.file_digest(source, "sha256").hexdigest()
            path = self._path(tenant_id, digest)
            if not path.exists():
                source.seek(0)
                _copy(source, path)
        return digest

    def open(self, tenant_id: str, digest: str) -> BinaryIO:
        """
        Raises:
            NotFound: there is no such blob.
        """
        try:
            return self._path(tenant_id, digest).open("rb")
        except FileNotFoundError:
            raise NotFound("The original of this document is no longer kept.", "Ingest the document again.") from None

    def size(self, tenant_id: str, digest: str) -> int:
        """In bytes; 0: there is no such blob."""
        try:
            return self._path(tenant_id, digest).stat().st_size
        except FileNotFoundError:
            return 0

    def delete(self, tenant_id: str, digest: str) -> None:
        self._path(tenant_id, digest).unlink(missing_ok=True)

    def drop(self, tenant_id: str) -> None:
        """Remove all blobs of a tenant."""
        shutil.rmtree(self._folder(tenant_id), ignore_errors=True)

    def _folder(self, tenant_id: str) -> Path:
        if not _TENANT.match(tenant_id):
            raise ValueError(f"not a tenant's id: {tenant_id!r}")
        return self._root / tenant_id

    def _path(self, tenant_id: str, digest: str) -> Path:
        if not _DIGEST.match(digest):
            raise ValueError(f"not a digest: {digest!r}")
        return self._folder(tenant_id) / digest[:2] / digest


def _copy(source: BinaryIO, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{uuid.uuid4().hex}")
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
            copy.flush()
            os.fsync(copy.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
