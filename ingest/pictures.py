"""Pictures of products, fetched or read, made small, and kept. One that cannot be had costs its product nothing."""

from __future__ import annotations

import logging
import tempfile
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

from ingest.sources.pictures import Picture, is_address
from ingest.sources.web import Web
from vernacular.blobs import BlobStore
from vernacular.errors import FetchFailed, ImageRefused, NotFound, TooLarge, VernacularError
from vernacular.images import Picture as Image

log = logging.getLogger(__name__)
AT_ONCE: Final = 4
PATIENCE: Final = 5
"""Failures in a row after which a job asks a host for no more pictures."""


def may_be_picture(media_type: str) -> bool:
    """By what a server says; what it is shows when it is read."""
    return media_type.startswith("image/") or media_type in ("application/octet-stream", "binary/octet-stream")


def _host(address: str) -> str:
    try:
        return urlsplit(address).netloc
    except ValueError:
        raise FetchFailed(f"`{address[:200]}` is no address.", "Correct it in the feed.") from None


class Thumbnails(Protocol):
    """`SandboxedParser`, or anything that makes pictures small likewise."""

    def thumbnail(self, data: bytes, filename: str) -> Image:
        """Raises VernacularError."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture as a blob."""

    digest: str
    bytes: int


class Pictures:
    """The pictures of one job's products. `missed` counts those that could not be had, and `last` says why."""

    def __init__(self, web: Web, thumbnails: Thumbnails, blobs: BlobStore, largest_mb: float) -> None:
        self._web, self._thumbnails, self._blobs = web, thumbnails, blobs
        self._largest = int(largest_mb * 1_000_000)
        self._failures: Counter[str] = Counter()
        self.missed = 0
        self.last = ""

    def keep(self, tenant_id: str, wanted: Iterable[Picture]) -> dict[Picture, Kept]:
        """Those of `wanted` that could be had."""
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="pictures") as pool:
            names = list(dict.fromkeys(wanted))
            found = list(pool.map(lambda each: self._keep(tenant_id, each), names))
        return {name: kept for name, kept in zip(names, found, strict=True) if kept is not None}

    def _keep(self, tenant_id: str, picture: Picture) -> Kept | None:
        try:
            data, name = self._read(picture)
            small = self._thumbnails.thumbnail(data, name).data
            with tempfile.NamedTemporaryFile() as file:
                file.write(small)
                file.flush()
                return Kept(self._blobs.put(tenant_id, Path(file.name)), len(small))
        except VernacularError as error:
            self._miss(error)
            return None

    def _read(self, picture: Picture) -> tuple[bytes, str]:
        if isinstance(picture, Path):
            return self._file(picture), picture.name
        if not is_address(picture):
            raise NotFound(f"There is no picture `{picture[:200]}` beside the feed.", "Send it with the feed.")
        host = _host(picture)
        if self._failures[host] >= PATIENCE:
            raise FetchFailed(f"`{host}` failed {PATIENCE} times in a row, and was not asked for more.")
        try:
            fetched = self._web.fetch(picture)
        except FetchFailed:
            self._failures[host] += 1
            raise
        self._failures[host] = 0
        if not fetched.body:
            raise NotFound(f"There is no picture at `{picture[:200]}`.", "Correct its address in the feed.")
        return fetched.body, picture

    def _file(self, path: Path) -> bytes:
        try:
            with path.open("rb") as file:
                data = file.read(self._largest + 1)
        except OSError:
            raise ImageRefused(f"The picture `{path.name}` cannot be opened.", "Check its permissions.") from None
        if len(data) > self._largest:
            raise TooLarge(f"The picture `{path.name}` is larger than {self._largest / 1e6:g} MB.", "Save it smaller.")
        return data

    def _miss(self, error: VernacularError) -> None:
        log.info("a picture is missing: %s", error.name)
        self.missed += 1
        self.last = f"{error.message} {error.hint}".strip()
