"""An archive of documents → files of our own naming in a job's folder, each a document of the name that it had in there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final, Protocol

import orjson

from ingest.parse.archive import MAX_MEMBERS, MAX_TOTAL, Member
from ingest.sources.files import MAPPING, MAPPING_NAME, SIDECAR
from ingest.sources.items import SourceError
from vernacular.errors import UnreadableFile, VernacularError

SUFFIXES: Final = (".zip", ".tar", ".tar.gz", ".tgz")
MAX_DEPTH: Final = 2
"""Archives within archives that are opened."""


class ArchiveReader(Protocol):
    """`SandboxedParser`, or anything that reads archives likewise."""

    def members(self, data: bytes, filename: str, first: int) -> tuple[Sequence[Member], int | None] | None:
        """Some members from number `first` on, and where to go on; None: it is no archive. Raises VernacularError."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A file of an archive: what it is called, where it lies, and where what describes it lies, if anything does: it, or the columns
    of a feed."""

    name: str
    file: str
    sidecar: str = ""
    mapping: str = ""


@dataclass(slots=True)
class Contents:
    files: list[Unpacked] = field(default_factory=list)
    problems: list[SourceError] = field(default_factory=list)
    whole: bool = True
    """Whether all of it was seen: False where an archive, or one inside it, could not be read to its end."""


def is_called_archive(name: str) -> bool:
    return name.lower().endswith(SUFFIXES)


class Unpacker:
    """Unpacks into numbered files under `folder`, which is emptied first, so that unpacking again gives the same."""

    def __init__(self, reader: ArchiveReader, folder: Path) -> None:
        self._reader = reader
        self._folder = folder
        self._count = self._size = 0

    def unpack(self, file: Path, name: str) -> Contents | None:
        """What the archive `file`, called `name`, holds; None: it is none, whatever its name says."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(mode=0o700, parents=True)
        self._count = self._size = 0
        contents = Contents()
        return contents if self._unpack(file.read_bytes(), name, 1, contents) else None

    def _unpack(self, data: bytes, name: str, depth: int, contents: Contents) -> bool:
        files: dict[str, Path] = {}
        first: int | None = 0
        try:
            while first is not None:
                answer = self._reader.members(data, name, first)
                if answer is None:
                    return False
                batch, first = answer
                for member in batch:
                    self._take(member, name, depth, files, contents)
        except VernacularError as error:
            contents.whole = False
            contents.problems.append(SourceError.of(name, error))
        contents.files += [
            Unpacked(f"{name}/{inner}", str(file), str(files.get(inner + SIDECAR, "")), _mapping(inner, files))
            for inner, file in files.items()
            if not inner.endswith((SIDECAR, MAPPING)) and inner.rpartition("/")[2] != MAPPING_NAME
        ]
        return True

    def index(self, contents: Contents) -> Path:
        """A file that says where each of them lies, for a job that is carried on later."""
        path = self._folder / "index.json"
        path.write_bytes(orjson.dumps({each.name: each.file for each in contents.files}))
        return path

    def _take(self, member: Member, name: str, depth: int, files: dict[str, Path], contents: Contents) -> None:
        if not member.name:
            return
        called = f"{name}/{member.name}"
        if member.error is not None:
            contents.problems.append(SourceError.of(called, member.error))
        elif is_called_archive(member.name):
            self._unpack_inner(member, called, depth, files, contents)
        else:
            files[member.name] = self._write(member.data, name)

    def _unpack_inner(
        self, member: Member, called: str, depth: int, files: dict[str, Path], contents: Contents
    ) -> None:
        if depth >= MAX_DEPTH:
            deep = UnreadableFile(f"`{called}` is an archive inside of archives.", "Send it by itself.")
            contents.problems.append(SourceError.of(called, deep))
        elif not self._unpack(member.data, called, depth + 1, contents):
            files[member.name] = self._write(member.data, called)

    def _write(self, data: bytes, name: str) -> Path:
        """
        Raises:
            UnreadableFile: with what is inside of archives in it, the archive holds too much.
        """
        self._count += 1
        self._size += len(data)
        if self._count > MAX_MEMBERS or self._size > MAX_TOTAL:
            raise UnreadableFile(f"`{name}` unpacks to more than is safe to read.", "Split it into several archives.")
        path = self._folder / f"{self._count:05d}"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        return path


def _mapping(inner: str, files: Mapping[str, Path]) -> str:
    """Where the mapping lies that stands beside a feed, as `mapping.read_mapping` looks for it in a folder."""
    path = PurePosixPath(inner)
    beside = (inner + MAPPING, str(path.with_name(path.stem + MAPPING)), str(path.with_name(MAPPING_NAME)))
    return next((str(files[each]) for each in beside if each in files), "")
