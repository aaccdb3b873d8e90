"""`vernacular reindex`"""

from __future__ import annotations

from typing import Annotated

import typer

from vernacular.cli.context import opened_database
from vernacular.cli.output import Json, print_json
from vernacular.cli.work import follow, queue
from vernacular.settings import get_settings
from vernacular.tenancy import Platform


def reindex(
    tenant: Annotated[str | None, typer.Option("--tenant", "-t", help="Only this tenant; all, if not given.")] = None,
    json: Json = False,
) -> None:
    """Build the vector index anew from the stored text, and switch to it; searches go on meanwhile."""
    settings = get_settings()
    with opened_database(settings) as database:
        with database.read() as session:
            platform = Platform(session)
            tenants = [platform.tenant(tenant)] if tenant else platform.tenants()
        jobs = [(one, queue(settings, database, one, "reindex", {})) for one in tenants]
        views = follow(settings, database, jobs, show=not json)
    if json:
        print_json(views)
    if any(view["state"] == "failed" for view in views):
        raise typer.Exit(1)
