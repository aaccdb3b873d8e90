"""What is sent to `POST /v1/documents`: received into the folder of a job to be, and described for the worker."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import orjson
from fastapi.concurrency import run_in_threadpool
from pydantic import ValidationError

from serve.documents.multipart import MultipartReader, UploadedFile
from serve.documents.schemas import FetchRequest, UploadForm, UploadOptions
from serve.validation import mend, sentence_for
from vernacular.errors import BadRequest, EmptyFile, TooLarge
from vernacular.fetching import check_url
from vernacular.settings import FetchSettings

BUFFER_BYTES = 1024 * 1024
MAX_NAME = 500
RECORDS_FILE = "records.ndjson"
RECORD_SUFFIXES = (".ndjson", ".jsonl")
PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".gif")
"""Of files that come beside a feed, whose mapping says nothing of them."""
STRUCTURED = ("mapping", "groups", "metadata")
DESCRIBING = ("groups", "metadata", "language", "title", "uri", "valid_from", "valid_until")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

Options = TypeVar("Options", bound=UploadOptions)


async def receive_records(body: AsyncIterator[bytes], query: Mapping[str, str], folder: Path) -> dict[str, Any]:
    """NDJSON straight to disk; the job's spec.

    Raises:
        EmptyFile: no record was sent.
    """
    options = _checked(UploadOptions, query)
    path = folder / RECORDS_FILE
    blank = True
    with path.open("wb") as file:
        async for block in blocks(body):
            blank = blank and not block.strip()
            await run_in_threadpool(file.write, block)
    if blank:
        raise EmptyFile("No record was sent.", 'Send lines such as {"id": "1", "text": "…"}.')
    return _spec(options, [{"kind": "records", "file": RECORDS_FILE}])


async def receive_form(body: AsyncIterator[bytes], content_type: str, folder: Path) -> dict[str, Any]:
    """A form's files straight to disk; the job's spec.

    Raises:
        BadRequest: the form cannot be read, or one of its fields is wrong.
        EmptyFile: a file is empty.
    """
    with MultipartReader(content_type, folder) as reader:
        async for block in blocks(body):
            await run_in_threadpool(reader.write, block)
        reader.finish()
    form = _checked(UploadForm, _decoded(reader.fields))
    return _spec(form, _items(reader.files, form))


async def receive_addresses(body: AsyncIterator[bytes], settings: FetchSettings) -> dict[str, Any]:
    """Addresses that the worker is to fetch; the job's spec.

    Raises:
        BadRequest: the body is not what it should be, or names no address.
        FetchRefused: one of them is not fetched.
    """
    held = bytearray()
    async for piece in body:
        held += piece
        if len(held) > BUFFER_BYTES:
            raise TooLarge("The request is larger than 1 MB.", "Send fewer addresses at once.")
    try:
        fields = orjson.loads(bytes(held))
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is not valid JSON: {error.msg}.", 'Send {"uri": "https://…"}.') from None
    if not isinstance(fields, dict):
        raise BadRequest("The body must be a JSON object.", 'Send {"uri": "https://…"}.')
    form = _checked(FetchRequest, fields)
    addresses = dict.fromkeys(str(check_url(each, settings)) for each in (*filter(None, [form.uri]), *form.uris))
    if not addresses:
        raise BadRequest("The request names no address.", 'Send {"uri": "https://…"}, or several as `uris`.')
    described = form.model_dump(mode="json", include=set(DESCRIBING) - {"uri"}, exclude_none=True)
    extra = {"described": described} if described else {}
    return _spec(form, [{"kind": "url", "uri": uri, **extra} for uri in addresses])


def _items(files: Sequence[UploadedFile], form: UploadForm) -> list[dict[str, Any]]:
    if not files:
        raise BadRequest("The form holds no file.", "Add a part with a `filename`, e.g. curl -F file=@guide.pdf.")
    names = [clean_name(file.filename) for file in files]
    described = form.model_dump(mode="json", include=set(DESCRIBING), exclude_none=True)
    items = []
    all_empty = not any(file.size for file in files)
    for file, name in zip(files, names, strict=True):
        # Among others an empty one is set aside by the job, as any that cannot be read.
        if all_empty:
            raise EmptyFile(f"The file `{name}` is empty.")
        if names.count(name) > 1:
            raise BadRequest(
                f"Two files are named `{name}`.", "Give each its own name: a name stands for one document."
            )
        is_feed = form.mapping is not None and not name.lower().endswith(PICTURE_SUFFIXES)
        kind = "records" if name.lower().endswith(RECORD_SUFFIXES) else "feed" if is_feed else "file"
        if described and kind != "file":
            raise BadRequest(
                f"`{next(iter(described))}` describes one document, and `{name}` holds many.",
                "Give each record its own fields, and leave this one out.",
            )
        item = {
            "kind": kind,
            "file": file.path.name,
            "filename": name,
            "media_type": file.media_type,
            "source_id": name,
        }
        extra = {"mapping": form.mapping} if kind == "feed" else {"described": described} if described else {}
        items.append(item | extra)
    return items


def clean_name(sent: str) -> str:
    """A file's name as its document is called: no folder above it, no control characters, never empty."""
    parts = [part for part in mend(_CONTROL.sub("", sent)).replace("\\", "/").split("/") if part not in {"", ".", ".."}]
    return "/".join(parts)[-MAX_NAME:] or "file"


def _decoded(fields: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {name: value for name, value in fields.items() if value != ""}
    for name in STRUCTURED:
        text = found.get(name, "")
        if text.startswith(("{", "[")):
            try:
                found[name] = orjson.loads(text)
            except orjson.JSONDecodeError as error:
                raise BadRequest(
                    f"The field `{name}` is not valid JSON: {error.msg}.", "Correct it, or leave it out."
                ) from None
        elif name == "groups" and text:
            found[name] = [group.strip() for group in text.split(",") if group.strip()]
    return found


def _checked(model: type[Options], fields: Mapping[str, Any]) -> Options:
    try:
        return model.model_validate(mend(dict(fields)))
    except ValidationError as error:
        raise sentence_for(error.errors()[0]) from None


def _spec(options: UploadOptions, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"source": options.source, "sync": options.sync, "items": items}


async def blocks(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The body in blocks that are worth a trip to a thread."""
    held = bytearray()
    async for piece in body:
        held += piece
        if len(held) >= BUFFER_BYTES:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)
