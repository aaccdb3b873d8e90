"""Archives of documents, zip and tar, read member by member and never onto the disk: a name in an archive is a name, not a path.

Runs in the sandbox. What unpacks to too much is refused as a whole and before it is unpacked, as far as it says so itself; a
member that is a link, a device, packed with a password or named so as to lead elsewhere is set aside and the others go in.
"""

from __future__ import annotations

import io
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from gzip import BadGzipFile, GzipFile
from typing import BinaryIO, Final

from ingest.clean import sanitise
from ingest.parse import detect
from ingest.parse.encoding import decode
from vernacular.errors import EncryptedFile, TooLarge, UnreadableFile, VernacularError

MAX_MEMBERS: Final = 5000
MAX_TOTAL: Final = 500_000_000
MAX_MEMBER: Final = 100_000_000
RATIO: Final = 100
"""How many times an archive's size it may unpack to, from `RATIO_FROM` bytes on: documents pack 2 to 20 times."""
RATIO_FROM: Final = 10_000_000
BUDGET: Final = 64_000_000
"""Bytes of members that are handed over at a time."""
MAX_NAME: Final = 500
_JUNK: Final = re.compile(
    r"(?:.*/)?(?:\.(?!\.?(?:/|\Z))[^/]*|~\$[^/]*|__MACOSX|Thumbs\.db|desktop\.ini)(?:/.*)?", re.DOTALL
)
_HERE: Final = re.compile(r"\A(?:\./)+")
"""As `tar` writes the names of all in a folder."""
_DRIVE: Final = re.compile(r"[A-Za-z]:")
_UNREADABLE: Final = (
    zipfile.BadZipFile, tarfile.TarError, BadGzipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError,
    ValueError, KeyError,
)  # fmt: skip
_PACKED: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive: its name with `/`, and its bytes, or why there are none."""

    name: str
    data: bytes = b""
    error: VernacularError | None = None


def is_archive(data: bytes, filename: str) -> bool:
    """Whether it is an archive of files, rather than a document that is a zip inside."""
    if data.startswith(b"\x1f\x8b") or data[257:262] == b"ustar":
        return True
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06")) and detect.media_type(data, filename) == detect.ZIP


def members(data: bytes, filename: str, first: int) -> tuple[list[Member], int | None]:
    """The members from number `first` on, `BUDGET` bytes of them, and the number of the one after; None: there is none.

    Raises:
        UnreadableFile: it is damaged, or holds more than is safe to unpack.
    """
    found: list[Member] = []
    size = 0
    every = _in_zip(data, filename, first) if data.startswith(b"PK") else _in_tar(data, filename)
    try:
        for number, member in enumerate(_checked(every)):
            if number < first:
                continue
            found.append(member)
            size += len(member.data)
            if size >= BUDGET:
                return found, number + 1
    except _UNREADABLE as error:
        raise UnreadableFile(f"`{filename}` is damaged ({type(error).__name__}).", "Pack it again.") from error
    return found, None


def _checked(every: Iterator[tuple[str, Member]]) -> Iterator[Member]:
    """Members under safe names, each name once; folders and what systems leave behind are left out."""
    seen: set[str] = set()
    for raw, member in every:
        name = _HERE.sub("", raw.replace("\\", "/"))
        if name.endswith("/") or (_JUNK.fullmatch(name)):
            yield Member("")  # counted, so that a batch goes on where the last one ended
            continue
        error = member.error or _name_error(name) or (_twice(name) if name in seen else None)
        seen.add(name)
        yield Member(shown(name), b"" if error else member.data, error)


def shown(name: str) -> str:
    return " ".join(sanitise(name).split())[:MAX_NAME]


def _name_error(name: str) -> UnreadableFile | None:
    parts = name.split("/")
    if name.startswith("/") or _DRIVE.match(name) or ".." in parts or "" in parts or "." in parts:
        return UnreadableFile(
            f"The name `{shown(name)}` leads out of the archive.", "Pack the files again, by plain names."
        )
    if len(name) > MAX_NAME or sanitise(name) != name or not name.isprintable():
        return UnreadableFile(f"The name `{shown(name)}` is too long or holds control characters.", "Rename the file.")
    return None


def _twice(name: str) -> UnreadableFile:
    return UnreadableFile(f"`{shown(name)}` is in the archive twice; the first one was taken.", "Pack the files again.")


def _in_zip(data: bytes, filename: str, first: int) -> Iterator[tuple[str, Member]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        if len(entries) > MAX_MEMBERS:
            raise _too_many(filename)
        _check_size(sum(entry.file_size for entry in entries), len(data), filename)
        names = _zip_names(entries)
        for number, (entry, name) in enumerate(zip(entries, names, strict=True)):
            yield name, Member(name) if number < first else _zip_member(archive, entry, name)


def _zip_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> Member:
    mode = entry.external_attr >> 16
    if entry.is_dir():
        return Member(name)
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return Member(name, error=_not_a_file(name))
    if entry.flag_bits & 1:
        return Member(name, error=EncryptedFile(f"`{shown(name)}` is protected by a password."))
    if entry.compress_type not in _PACKED:
        return Member(
            name, error=UnreadableFile(f"`{shown(name)}` is packed in a way that is not read.", "Pack it as plain zip.")
        )
    if entry.file_size > MAX_MEMBER:
        return Member(name, error=_too_large(name))
    try:
        return Member(name, archive.read(entry))
    except _UNREADABLE:
        return Member(name, error=UnreadableFile(f"`{shown(name)}` is damaged in the archive.", "Pack it again."))


def _zip_names(entries: list[zipfile.ZipInfo]) -> list[str]:
    """Names as their writers meant them: those not marked as UTF-8 are in whatever encoding their machine had."""
    marked = [bool(entry.flag_bits & 0x800) for entry in entries]
    raw = [
        entry.orig_filename.encode("cp437", "replace").replace(b"\n", b"\x01")
        for entry, is_utf8 in zip(entries, marked, strict=True)
        if not is_utf8
    ]
    guessed = iter(decode(b"\n".join(raw)).split("\n")) if raw else iter(())
    return [
        entry.orig_filename if is_utf8 else next(guessed, "") for entry, is_utf8 in zip(entries, marked, strict=True)
    ]


def _in_tar(data: bytes, filename: str) -> Iterator[tuple[str, Member]]:
    packed = io.BytesIO(data)
    source = _Counted(packed, len(data), filename) if data.startswith(b"\x1f\x8b") else packed
    with tarfile.open(fileobj=source, mode="r|", errorlevel=0, errors="surrogateescape", encoding="utf-8") as archive:
        total = 0
        for number, entry in enumerate(archive):
            if number >= MAX_MEMBERS:
                raise _too_many(filename)
            name = decode(entry.name.encode("utf-8", "surrogateescape"))
            if entry.isdir():
                yield f"{name}/", Member(name)
                continue
            if not entry.isreg() or entry.issparse():
                yield name, Member(name, error=_not_a_file(name))
                continue
            if entry.size > MAX_MEMBER:
                yield name, Member(name, error=_too_large(name))
                continue
            total += entry.size
            _check_size(total, len(data), filename)
            held = archive.extractfile(entry)
            yield name, Member(name, held.read() if held else b"")


class _Counted(GzipFile):
    """A gzip stream that ends with an error once it has given too much."""

    def __init__(self, packed: BinaryIO, size: int, filename: str) -> None:
        super().__init__(fileobj=packed, mode="rb")
        self._size, self._given, self._of = size, 0, filename

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self._given += len(data)
        _check_size(self._given, self._size, self._of)
        return data


def _check_size(unpacked: int, packed: int, filename: str) -> None:
    if unpacked > MAX_TOTAL or (unpacked > RATIO_FROM and unpacked > RATIO * packed):
        raise UnreadableFile(
            f"`{filename}` unpacks to more than is safe to read.", "Split it into several archives, or send the files."
        )


def _too_many(filename: str) -> UnreadableFile:
    return UnreadableFile(f"`{filename}` holds more than {MAX_MEMBERS} files.", "Split it into several archives.")


def _too_large(name: str) -> TooLarge:
    return TooLarge(f"`{shown(name)}` is larger than {MAX_MEMBER // 1_000_000} MB.", "Split it into several files.")


def _not_a_file(name: str) -> UnreadableFile:
    return UnreadableFile(f"`{shown(name)}` is a link or a device, not a file.", "Pack the file itself.")
