"""An adapter that is sent as a form: its two files straight to disk, under names that are checked before they are used."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
from fastapi.concurrency import run_in_threadpool
from pydantic import ValidationError

from serve.adapters.schemas import AdapterForm
from serve.documents.multipart import MultipartReader, UploadedFile
from serve.documents.upload import blocks
from serve.engine.adapters.inspection import refuse_odd_name
from serve.validation import sentence_for
from vernacular.errors import AdapterRefused, BadRequest

FORM_TYPE = "multipart/form-data"


async def receive_adapter(body: AsyncIterator[bytes], content_type: str, folder: Path) -> tuple[AdapterForm, Path]:
    """The form's fields, and a folder within `folder` with its files.

    Raises:
        BadRequest: the form cannot be read, or one of its fields is wrong.
        AdapterRefused: a file has no place in an adapter.
    """
    if content_type.split(";", maxsplit=1)[0].strip().lower() != FORM_TYPE:
        raise BadRequest("An adapter is sent as a form.", "curl -F base_model=NAME -F file=@adapter_config.json …")
    sent, adapter = folder / "sent", folder / "adapter"
    for part in (sent, adapter):
        part.mkdir(mode=0o700)
    with MultipartReader(content_type, sent) as reader:
        async for block in blocks(body):
            await run_in_threadpool(reader.write, block)
        reader.finish()
    form = _form(reader.fields)
    for file in reader.files:
        _name(file, adapter)
    return form, adapter


def _form(fields: dict[str, str]) -> AdapterForm:
    found: dict[str, Any] = dict(fields)
    if "lineage" in found:
        try:
            found["lineage"] = orjson.loads(found["lineage"])
        except orjson.JSONDecodeError as error:
            raise BadRequest(
                f"The field `lineage` is not valid JSON: {error.msg}.", "Correct it, or leave it out."
            ) from None
    try:
        return AdapterForm.model_validate(found)
    except ValidationError as error:
        raise sentence_for(error.errors()[0]) from None
    except RecursionError:
        raise BadRequest("The field `lineage` is nested too deeply.", "Send a flatter object.") from None


def _name(file: UploadedFile, folder: Path) -> None:
    """Give a file the name that its sender calls it, once that is known to be one of a few."""
    refuse_odd_name(file.filename)
    if (folder / file.filename).exists():
        raise AdapterRefused(f"Two files are named {file.filename}.", "Send each once.")
    file.path.rename(folder / file.filename)
