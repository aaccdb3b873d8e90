"""`vernacular ingest`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from vernacular.cli.context import find_tenant, opened_database
from vernacular.cli.output import Json, TenantName, print_json
from vernacular.cli.work import follow, queue
from vernacular.errors import BadRequest, NoSuchPath
from vernacular.fetching import check_url
from vernacular.settings import Settings, get_settings

MAX_SOURCE = 400


def ingest(
    path: Annotated[
        str,
        typer.Argument(
            help="A file, folder, archive or https:// address; .ndjson and .jsonl files hold one record a line."
        ),
    ],
    tenant: TenantName,
    source: Annotated[str, typer.Option("--source", help="The name of this source; its path, if not given.")] = "",
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--map", help="A product feed's columns, e.g. --map id=sku --map title=name --map metadata=price,stock."
        ),
    ] = None,
    sync: Annotated[bool, typer.Option("--sync/--no-sync", help="Delete what the source no longer has.")] = True,
    json: Json = False,
) -> None:
    """Read documents into a tenant. Sending the same again changes nothing; what is gone from the source is deleted.

    Ends with 1 when nothing could be read; with 0 when some of it was set aside.
    """
    settings = get_settings()
    item, name = _page(path, settings) if "://" in path else _path(path)
    if mapping:
        item["mapping"] = parse_mapping(mapping)
    spec = {"source": source or name, "sync": sync, "items": [item]}
    with opened_database(settings) as database:
        found = find_tenant(database, tenant)
        views = follow(settings, database, [(found, queue(settings, database, found, "ingest", spec))], show=not json)
    view = views[0]
    if json:
        print_json(view)
    elif view["state"] == "succeeded" and not view["total"]:
        typer.echo(f"  {path} holds no document.")
    if view["state"] in ("failed", "cancelled") or 0 < view["failed"] == view["done"]:
        raise typer.Exit(1)


def _page(address: str, settings: Settings) -> tuple[dict[str, Any], str]:
    """The item of a job, and what its source is called.

    Raises:
        FetchRefused: it is not fetched from there.
    """
    uri = str(check_url(address, settings.fetch))
    return {"kind": "url", "uri": uri}, uri[:MAX_SOURCE]


def _path(path: str) -> tuple[dict[str, Any], str]:
    absolute = Path(path).expanduser().absolute()
    if not absolute.exists():
        raise NoSuchPath(f"There is no file or folder {path!r}.")
    if not _is_text(str(absolute)):
        raise BadRequest(f"The path {path!r} is not UTF-8.", "Rename the file or folder.")
    return {"kind": "path", "path": str(absolute)}, str(absolute)


def parse_mapping(pairs: list[str]) -> dict[str, Any]:
    """`["id=sku", "metadata=price,stock"]` as a feed's mapping.

    Raises:
        BadRequest: a pair has no `=`.
    """
    found: dict[str, Any] = {}
    for pair in pairs:
        field, equals, columns = pair.partition("=")
        if not equals or not columns:
            raise BadRequest(
                f"--map {pair!r} is not FIELD=COLUMN.", "For example: --map id=sku --map metadata=price,stock."
            )
        found[field] = columns.split(",") if field in ("text", "metadata") else columns
    return found


def _is_text(path: str) -> bool:
    """On Linux a name may be any bytes, which Python shows as lone surrogates."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
