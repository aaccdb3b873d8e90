"""Pages and files on the web, each a document whose id is the address it was asked for at.

What was fetched before is asked for on the condition that it changed. If it has not, the original that was kept is read
again, so that a new description of it takes effect all the same.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import unquote, urlsplit

from ingest.clean import sanitise
from ingest.describe import Description
from ingest.parse import detect
from ingest.sources.files import Parser, described
from ingest.sources.items import Item, SourceError
from vernacular.errors import VernacularError
from vernacular.fetching import Fetched
from vernacular.types import Document

KEY: Final = "fetched"
"""In the metadata of a document: by what its server knows whether it changed."""
GONE: Final = "page_gone"
_TYPES: Final = frozenset(detect.EXTENSIONS.values()) | {
    "application/octet-stream", "binary/octet-stream", "application/xhtml+xml", "application/xml", "application/rss+xml",
    "application/atom+xml", "application/ld+json", "application/x-pdf", "text/rtf", "text/x-markdown", "application/csv",
}  # fmt: skip
_NAME: Final = re.compile(r"[^\w.\- ()]+")


class Web(Protocol):
    """`vernacular.fetching.Fetcher`, or anything that fetches likewise."""

    def fetch(self, url: str, etag: str = "", last_modified: str = "") -> Fetched:
        """Raises VernacularError."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a document was when it was fetched last: its metadata, its type, and the bytes of its original."""

    metadata: Mapping[str, Any]
    media_type: str
    data: bytes

    def validator(self, name: str) -> str:
        validators = self.metadata.get(KEY)
        return str(validators.get(name) or "") if isinstance(validators, Mapping) else ""


class Memory(Protocol):
    """Knows what was fetched before."""

    def last(self, source_id: str) -> Kept | None: ...


def is_taken(media_type: str) -> bool:
    return media_type in _TYPES


class WebSource:
    """`sync`: a page that is gone is a document that is gone; else it is reported and the document stays."""

    def __init__(self, web: Web, memory: Memory, parser: Parser, *, sync: bool) -> None:
        self._web = web
        self._memory = memory
        self._parser = parser
        self._sync = sync

    def read(self, uri: str, said: Description, file: Path) -> Item:
        """The document at `uri`, whose bytes are then in `file`, or why there is none."""
        try:
            return self._document(uri, said, file)
        except VernacularError as error:
            return SourceError.of(uri, error)

    def _document(self, uri: str, said: Description, file: Path) -> Item:
        kept = self._memory.last(uri)
        validators = {name: kept.validator(name) if kept else "" for name in ("etag", "last_modified")}
        fetched = self._web.fetch(uri, **validators)
        if fetched.gone:
            return self._gone(uri, fetched.status)
        data, media_type = fetched.body, fetched.media_type
        if kept is not None and (fetched.unchanged or _digest(data) == _digest(kept.data)):
            data, media_type = kept.data, kept.media_type
        else:
            validators = {"etag": fetched.etag, "last_modified": fetched.last_modified}
        name = file_name(fetched.url)
        document = self._parser.parse(data, name, media_type)
        file.write_bytes(data)
        known = {name: value for name, value in validators.items() if value}
        metadata = {**document.metadata, **({KEY: known} if known else {})}
        found = replace(document, uri=_canonical(document, fetched.url), filename=name, metadata=metadata)
        return replace(described(found, said), source_id=said.id or uri)

    def _gone(self, uri: str, status: int) -> SourceError:
        what = "so its document was deleted" if self._sync else "and its document stays until it is deleted"
        return SourceError(uri, GONE, f"`{uri}` is no longer there (status {status}), {what}.", gone=self._sync)


def file_name(url: str) -> str:
    """What the file at an address is called: the last part of its path, else its host."""
    parts = urlsplit(url)
    last = unquote(parts.path.rpartition("/")[2], errors="replace")
    return _NAME.sub("_", sanitise(last)).strip(". ")[-200:] or parts.netloc


def _canonical(document: Document, url: str) -> str:
    """The address that the page gives itself, if it is on its own host: a page must not pass for one of another."""
    own = urlsplit(url)
    try:
        said = urlsplit(document.uri or "")
    except ValueError:
        return url
    same = said.scheme in ("http", "https") and _plain_host(said.netloc) == _plain_host(own.netloc)
    return said.geturl() if same else url


def _plain_host(netloc: str) -> str:
    return netloc.lower().removeprefix("www.")


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
