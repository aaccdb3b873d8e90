"""Looking for what should be gone: pieces of text, in the forms in which files may hold them."""

from __future__ import annotations

import base64
import gzip
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

LEAST: Final = 12
"""Characters that a piece must have to tell anything."""
LONGEST: Final = 40
MOST: Final = 12
_BLOCK: Final = 8 << 20
_MOST_UNPACKED: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Needles:
    """Pieces of text to look for, each in every form."""

    forms: tuple[bytes, ...]

    @classmethod
    def of(cls, texts: Iterable[str], most: int = MOST) -> Needles:
        """Pieces from all over `texts`."""
        pieces = list(dict.fromkeys(piece for text in texts for piece in _pieces(text)))
        step = max(1, len(pieces) // most)
        chosen = pieces[::step][:most]
        return cls(tuple(dict.fromkeys(form for piece in chosen for form in _forms(piece))))

    def __bool__(self) -> bool:
        return bool(self.forms)

    def are_in(self, data: bytes | bytearray | memoryview) -> bool:
        held = bytes(data) if isinstance(data, memoryview) else data
        return any(form in held for form in self.forms)

    def are_in_file(self, path: Path) -> bool:
        """Also inside of gzip and zip files. A file that is gone, or may not be read, holds nothing."""
        try:
            with path.open("rb") as file:
                return any(self.are_in(block) for stream in _unpacked(path, file) for block in self._blocks(stream))
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError):
            return False

    def _blocks(self, stream: IO[bytes]) -> Iterator[bytes]:
        overlap = max(map(len, self.forms), default=1) - 1
        kept, left = b"", _MOST_UNPACKED if not stream.seekable() else None
        while block := stream.read(_BLOCK):
            yield kept + block
            kept = block[-overlap:] if overlap else b""
            if left is not None and (left := left - len(block)) < 0:
                return


def files_under(home: Path, *, but: Iterable[Path] = ()) -> Iterator[Path]:
    """Every file, except below `but`."""
    left_out = set(but)
    for path in sorted(home.iterdir()) if home.is_dir() else ():
        if path in left_out or path.is_symlink():
            continue
        if path.is_dir():
            yield from files_under(path, but=left_out)
        elif path.is_file():
            yield path


def _unpacked(path: Path, file: IO[bytes]) -> Iterator[IO[bytes]]:
    """The file as it is, and what is packed in it."""
    head = file.read(4)
    file.seek(0)
    yield file
    if head[:2] == b"\x1f\x8b":
        with gzip.open(path) as unpacked:
            yield unpacked  # type: ignore[misc]
    elif head == b"PK\x03\x04":
        with zipfile.ZipFile(path) as packed:
            for member in packed.infolist():
                if not member.is_dir() and member.file_size <= _MOST_UNPACKED:
                    with packed.open(member) as unpacked_member:
                        yield unpacked_member


def _pieces(text: str) -> Iterator[str]:
    """One from each line that is long enough to be told apart."""
    for line in text.splitlines():
        stripped = line.strip()
        if len(stripped) >= LEAST:
            start = max(0, (len(stripped) - LONGEST) // 2)
            yield stripped[start : start + LONGEST]


def _forms(piece: str) -> Iterator[bytes]:
    plain = piece.encode("utf-8", "replace")
    yield plain
    yield piece.encode("utf-16-le", "replace")
    yield piece.encode("utf-16-be", "replace")
    escaped = json.dumps(piece)[1:-1].encode()
    if escaped != plain:
        yield escaped
    for shift in range(3):  # base64 of it, wherever it begins
        coded = base64.b64encode(b"\0" * shift + plain)
        yield coded[4 if shift else 0 : -4]
