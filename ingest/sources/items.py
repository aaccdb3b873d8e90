"""What every source yields: documents and, in their place, errors that concern one item alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from vernacular.errors import VernacularError
from vernacular.types import Document


@dataclass(frozen=True, slots=True)
class SourceError:
    """One item that could not be read: `name` is the error's machine name, `message` a sentence for a person.

    `gone`: the source no longer has it, so that a job which follows deletions deletes its document.
    """

    source_id: str
    name: str
    message: str
    gone: bool = False

    @classmethod
    def of(cls, source_id: str, error: VernacularError) -> SourceError:
        return cls(source_id, error.name, f"{error.message} {error.hint}".strip())


@dataclass(frozen=True, slots=True)
class Product(Document):
    """A document with a picture, as its source names it: an address, or a file beside it."""

    picture: str = ""


@dataclass(frozen=True, slots=True)
class Deletion:
    """The source says that this document is gone."""

    source_id: str


Item = Document | Deletion | SourceError


@dataclass(frozen=True, slots=True)
class Batch:
    """`count` items from number `first` (from 0). `offset` and `line` (from 1): where they stand in a file of lines.

    It holds integers only, so that a durable job can keep it and read the same items again.
    """

    first: int
    count: int
    offset: int = 0
    line: int = 1


class Source(Protocol):
    """A place documents come from."""

    def batches(self, size: int) -> Iterator[Batch]:
        """All items in order, `size` at a time, without parsing them."""

    def read(self, batch: Batch) -> Iterator[Item]:
        """The items of `batch`, lazily; an item that cannot be read comes as a SourceError."""
