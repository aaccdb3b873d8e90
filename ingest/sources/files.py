"""A file, or a folder and all below it; `NAME.meta.json` beside a file describes it.

The id of a document is the id that the file or its sidecar gives it, else its path from the folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import orjson

from ingest.describe import Description, describe
from ingest.sources.items import Batch, Item, SourceError
from vernacular.errors import InvalidRecord, NoSuchPath, TooLarge, UnreadableFile, VernacularError
from vernacular.types import Document

SIDECAR = ".meta.json"
MAPPING = ".mapping.json"
MAPPING_NAME = "mapping.json"
MAX_BYTES = 512 * 1024 * 1024
MAX_PATH = 1000
_NOT_DOCUMENTS = ("Thumbs.db", "desktop.ini", MAPPING_NAME)


class Parser(Protocol):
    """`SandboxedParser`, or anything that parses likewise."""

    def parse(self, data: bytes, filename: str, media_type: str | None = None) -> Document:
        """One file as a document. Raises VernacularError."""


class FileSource:
    """The files at `path`, parsed one by one as they are asked for; a broken one yields a SourceError.

    Hidden files and folders, sidecars and links that lead out of the folder are left out. Files are taken in the order
    of their names, so a batch means the same files as long as the folder does not change; `source_ids` pins them.
    """

    def __init__(self, path: Path, parser: Parser) -> None:
        if not path.exists():
            raise NoSuchPath(f"There is no file or folder `{path}`.")
        self._root = path if path.is_dir() else path.parent
        self._single = None if path.is_dir() else path
        self._parser = parser
        self._listed: list[str] | None = None
        self._problems: list[SourceError] = []

    def __iter__(self) -> Iterator[Item]:
        yield from (self.read_one(path) for path in self.paths())
        yield from self.problems()

    def paths(self) -> list[str]:
        """Paths from the root, with `/`, sorted."""
        if self._listed is None:
            found = [self._single.name] if self._single else sorted(_walk(self._root, self._problems))
            self._listed = [path for path in found if _is_text(path)]
            self._problems += [_misnamed(path) for path in found if not _is_text(path)]
        return self._listed

    def problems(self) -> list[SourceError]:
        """What stands in the folder and is not among `paths()`: folders that may not be read, names that are no text."""
        self.paths()
        return self._problems

    def batches(self, size: int) -> Iterator[Batch]:
        total = len(self.paths())
        for first in range(0, total, size):
            yield Batch(first, min(size, total - first))

    def read(self, batch: Batch) -> Iterator[Item]:
        return (self.read_one(path) for path in self.paths()[batch.first : batch.first + batch.count])

    def read_one(self, path: str) -> Item:
        """The document at `path` (from the root), or why there is none."""
        try:
            return self._document(path)
        except VernacularError as error:
            return SourceError.of(path, error)
        except OSError as error:
            reason = error.strerror or "it cannot be read"
            return SourceError(
                path, UnreadableFile.name, f"`{path}` cannot be opened: {reason}. Check its permissions."
            )

    def _document(self, path: str) -> Document:
        if len(path) > MAX_PATH:
            raise InvalidRecord(f"The path is longer than {MAX_PATH} characters.", "Shorten the names of its folders.")
        file = self._root / path
        if file.stat().st_size > MAX_BYTES:
            raise TooLarge(f"`{path}` is larger than {MAX_BYTES >> 20} MB.", "Split it into several files.")
        sidecar = file.with_name(file.name + SIDECAR)
        said = describe(read_sidecar(sidecar)) if sidecar.is_file() else Description()
        document = self._parser.parse(file.read_bytes(), file.name)
        # The parser names a document after its file unless front matter gave it an id of its own.
        source_id = document.source_id if document.source_id != file.name else path
        return described(replace(document, source_id=source_id, filename=path), said)


def described(document: Document, said: Description) -> Document:
    """`document` with what `said` knows better; what it leaves out stays."""
    return replace(
        document,
        source_id=said.id or document.source_id,
        title=said.title or document.title,
        uri=said.uri or document.uri,
        language=said.language or document.language,
        groups=said.groups or document.groups,
        valid_from=said.valid_from or document.valid_from,
        valid_until=said.valid_until or document.valid_until,
        metadata={**document.metadata, **said.metadata},
    )


def read_sidecar(path: Path) -> Mapping[str, Any]:
    """The fields that describe the file beside it. Raises InvalidRecord."""
    try:
        fields = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise InvalidRecord(f"`{path.name}` is no valid JSON: {error.msg}.", "Correct it or remove it.") from error
    if not isinstance(fields, dict):
        raise InvalidRecord(f"`{path.name}` must hold one JSON object.", "Correct it or remove it.")
    return fields


def _walk(root: Path, problems: list[SourceError]) -> Iterator[str]:
    inside = root.resolve()

    def refused(error: OSError) -> None:
        path = _shown(os.path.relpath(error.filename, root))
        reason = error.strerror or "it cannot be read"
        told = f"The folder `{path}` cannot be opened: {reason}. Check its permissions."
        problems.append(SourceError(path, UnreadableFile.name, told))

    for folder, folders, names in os.walk(root, onerror=refused):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            file = Path(folder, name)
            if _is_document(name) and file.is_file() and file.resolve().is_relative_to(inside):
                yield file.relative_to(root).as_posix()


def _is_text(path: str) -> bool:
    """Whether a path is Unicode: on Linux a name may be any bytes, which Python shows as lone surrogates."""
    return path.isascii() or not any("\ud800" <= character <= "\udfff" for character in path)


def _shown(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "replace")


def _misnamed(path: str) -> SourceError:
    return SourceError(
        _shown(path),
        UnreadableFile.name,
        f"The name of `{_shown(path)}` is not UTF-8. Rename the file and send it again.",
    )


def _is_document(name: str) -> bool:
    return not name.startswith((".", "~$")) and not name.endswith((SIDECAR, MAPPING)) and name not in _NOT_DOCUMENTS
