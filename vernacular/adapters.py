"""Where adapters lie: `<tenant's id>/<digest>` under `home/adapters`, written once and never changed.

A digest stands for all the files of an adapter, so that a path is never used for other weights: model servers know
adapters, and what they have cached of them, by path.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import stat
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from vernacular.errors import AdapterRefused

CONFIGURATION: Final = "adapter_config.json"
WEIGHTS: Final = "adapter_model.safetensors"
FILES: Final = (CONFIGURATION, WEIGHTS)
LEFT_OVER_S: Final = 24 * 3600.0
_INCOMING: Final = ".incoming"
_DIGEST: Final = re.compile(r"[0-9a-f]{64}\Z")
_TENANT: Final = re.compile(r"[0-9A-Za-z_-]{1,64}\Z")


class AdapterStore:
    """The folders of adapters under `root`. Thread-safe; files may be read by their owner and group alone."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @contextlib.contextmanager
    def incoming(self) -> Iterator[Path]:
        """An empty folder to put an adapter together in; what is left of it is removed."""
        self._sweep()
        folder = self._root / _INCOMING / uuid.uuid4().hex
        folder.mkdir(parents=True, mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def keep(self, tenant_id: str, folder: Path) -> str:
        """Move the adapter in `folder`, one of `incoming`, to its place, and return its digest.

        Raises:
            AdapterRefused: the folder holds anything but an adapter's two files.
        """
        digest = digest_of(folder)
        place = self.path(tenant_id, digest)
        if place.exists():
            with contextlib.suppress(AdapterRefused):
                self.verify(tenant_id, digest)
                return digest
            self.delete(tenant_id, digest)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        for name in FILES:
            _sync(folder / name)
            (folder / name).chmod(0o440)
        _sync(folder)
        try:
            folder.rename(place)
        except OSError:
            if not place.is_dir():
                raise
            return digest  # someone else was quicker
        place.chmod(0o550)
        _sync(place.parent)
        return digest

    def path(self, tenant_id: str, digest: str) -> Path:
        if not _DIGEST.match(digest):
            raise ValueError(f"not a digest: {digest!r}")
        return self._folder(tenant_id) / digest

    def verify(self, tenant_id: str, digest: str) -> Path:
        """The adapter's folder, all of it read and found to be what was registered.

        Raises:
            AdapterRefused: it is gone, or it was changed.
        """
        place = self.path(tenant_id, digest)
        if place.is_symlink() or not place.is_dir():
            raise AdapterRefused("The adapter's files are gone.", "Register the adapter again, or restore a backup.")
        if digest_of(place) != digest:
            raise AdapterRefused(
                "The adapter's files are not those that were registered: someone changed them.",
                "Find out who; remove the adapter, and register it again from a copy that you trust.",
            )
        return place

    def fingerprint(self, tenant_id: str, digest: str) -> tuple[tuple[int, ...], ...] | None:
        """Changes whenever the files may have; None: they are not all there. Takes no reading of them."""
        place = self.path(tenant_id, digest)
        try:
            found = [os.lstat(each) for each in (place, *(place / name for name in FILES))]
        except OSError:
            return None
        return tuple((each.st_ino, each.st_mode, each.st_size, each.st_mtime_ns, each.st_ctime_ns) for each in found)

    def delete(self, tenant_id: str, digest: str) -> None:
        _remove(self.path(tenant_id, digest))

    def drop(self, tenant_id: str) -> None:
        """Remove all adapters of a tenant."""
        folder = self._folder(tenant_id)
        for place in folder.iterdir() if folder.is_dir() and not folder.is_symlink() else ():
            _remove(place)
        _remove(folder)

    def _sweep(self) -> None:
        """Remove what processes that died have left."""
        for left in (self._root / _INCOMING).glob("*"):
            with contextlib.suppress(FileNotFoundError):
                if time.time() - left.stat().st_mtime > LEFT_OVER_S:
                    _remove(left)

    def _folder(self, tenant_id: str) -> Path:
        if not _TENANT.match(tenant_id):
            raise ValueError(f"not a tenant's id: {tenant_id!r}")
        return self._root / tenant_id


def digest_of(folder: Path) -> str:
    """SHA-256 over the names, sizes and SHA-256 of the two files, a line each, in the order of names.

    Raises:
        AdapterRefused: the folder holds anything else, or less.
    """
    entries = sorted(entry.name for entry in os.scandir(folder))
    if entries != sorted(FILES):
        raise AdapterRefused(
            f"The folder of an adapter must hold {' and '.join(FILES)}, and nothing else.", "Register it anew."
        )
    listing = hashlib.sha256()
    for name in entries:
        with open_regular(folder / name) as descriptor, os.fdopen(os.dup(descriptor), "rb") as file:
            size = os.fstat(descriptor).st_size
            listing.update(f"{name} {size} {hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return listing.hexdigest()


@contextlib.contextmanager
def open_regular(path: Path) -> Iterator[int]:
    """A descriptor of a file that is one: neither a link to something else, nor a pipe that would never end.

    Raises:
        AdapterRefused: it is not.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        reason = "a link" if path.is_symlink() else os.strerror(error.errno or 0).lower()
        raise AdapterRefused(f"{path.name} cannot be read: {reason}.", "Give the file itself.") from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise AdapterRefused(f"{path.name} is not a file.", "Give the folder that PEFT's save_pretrained wrote.")
        yield descriptor
    finally:
        os.close(descriptor)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        place.chmod(0o700)
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink(missing_ok=True)
