"""Who is who: ids and hashes that follow from what a document is, so that the same document twice is one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from vernacular.types import Document


@dataclass(frozen=True, slots=True)
class Incoming:
    """A document with its identity. `content_hash` changes with anything that is stored; `original`: its file's digest, `picture` that of
    its picture; `bytes`: of the text and those files. `wanted`: where the picture is to be had."""

    document: Document
    document_id: str
    content_hash: str
    original: str | None = None
    bytes: int = 0
    picture: str | None = None
    wanted: Path | str | None = None


def identified(
    tenant_id: str,
    source: str,
    document: Document,
    original: str | None = None,
    original_bytes: int = 0,
    *,
    wanted: Path | str | None = None,
) -> Incoming:
    identifier = document_id(tenant_id, source, document.source_id)
    size = byte_count(document.text) + original_bytes
    seen = (
        _hash(document, original)
        if not isinstance(wanted, Path)
        else _hash(document, f"{original or ''} {_digest(wanted)}")
    )
    return Incoming(document, identifier, seen, original, size, wanted=wanted)


def byte_count(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def document_id(tenant_id: str, source: str, source_id: str) -> str:
    """The same for the same document for ever, whatever becomes of its content."""
    named = "\0".join((tenant_id, source, source_id)).encode("utf-8", "surrogatepass")
    return _uuid(hashlib.blake2b(named, digest_size=16).hexdigest())


def chunk_ids(incoming: Incoming) -> Iterator[str]:
    """Ids of the document's chunks in order, without end; a changed document has others."""
    named = (incoming.document_id + incoming.content_hash).encode()
    prefix = hashlib.blake2b(named, digest_size=12).hexdigest()
    ordinal = 0
    while True:
        yield _uuid(f"{prefix}{ordinal:08x}")
        ordinal += 1


def _digest(file: Path) -> str:
    """Of a picture beside its feed, which may be another one under the same name."""
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return ""


def _hash(document: Document, original: str | None) -> str:
    digest = hashlib.blake2b((original or "").encode(), digest_size=32)
    try:
        digest.update(orjson.dumps(document, option=orjson.OPT_SORT_KEYS))
    except orjson.JSONEncodeError:  # integers beyond 64 bits, lone surrogates
        digest.update(json.dumps(asdict(document), sort_keys=True, default=str).encode())
    return digest.hexdigest()


def _uuid(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
