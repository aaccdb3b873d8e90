"""`vernacular card` and `vernacular datasheet`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vernacular.cli.client import call, gateway_client, text_of
from vernacular.cli.context import find_tenant, opened_database
from vernacular.cli.output import Json, TenantName, print_json
from vernacular.settings import get_settings

To = Annotated[Path | None, typer.Option("--to", help="File to write, instead of printing.")]


def card(tenant: TenantName, to: To = None, json: Json = False) -> None:
    """The system card of a tenant's assistant: models, licences, data, evaluation, safety, known limits."""
    _show(tenant, "/v1/system-card", to, json)


def datasheet(tenant: TenantName, to: To = None, json: Json = False) -> None:
    """What a tenant has indexed, by source, language and type."""
    _show(tenant, "/v1/data-sheet", to, json)


def _show(tenant: str, path: str, to: Path | None, json: bool) -> None:
    settings = get_settings()
    with opened_database(settings) as database:
        found = find_tenant(database, tenant)
        with gateway_client(settings, database, found) as door:
            if json:
                print_json(call(door, "GET", path))
                return
            text = text_of(door, "GET", f"{path}?format=markdown")
    if to is None:
        typer.echo(text, nl=False)
        return
    to.write_text(text, encoding="utf-8")
    typer.echo(f"Written to {to}.")
