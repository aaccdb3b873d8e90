"""`vernacular erase …`"""

from __future__ import annotations

from typing import Annotated

import typer

from vernacular.audit.events import COMMAND_LINE
from vernacular.cli.auditing import audit_log
from vernacular.cli.context import find_tenant, opened_database
from vernacular.cli.output import Json, TenantName, print_json
from vernacular.erasure.report import Erased
from vernacular.settings import get_settings

app = typer.Typer(help="Erase people and documents from everywhere.", no_args_is_help=True)
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.command("person")
def person(
    who: Annotated[
        str,
        typer.Argument(
            help="An account's name or id, what callers send as `user`, a conversation's id, or a pseudonym."
        ),
    ],
    tenant: TenantName,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Erase a person: account, conversations, usage, and what the audit log holds of her words."""
    _erase("person", who, tenant, yes, json)


@app.command("document")
def document(
    document_id: Annotated[str, typer.Argument(help="The document's id.")],
    tenant: TenantName,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Erase a document with all that was made of it, answers that quote it included."""
    _erase("document", document_id, tenant, yes, json)


def _erase(kind: str, what: str, tenant: str, yes: bool, json: bool) -> None:
    from vernacular.blobs import BlobStore
    from vernacular.erasure.document import erase_document
    from vernacular.erasure.person import erase_person
    from vernacular.erasure.stores import Stores
    from vernacular.vectors.factory import open_store

    settings = get_settings()
    with opened_database(settings) as database, audit_log(settings, database) as log:
        found = find_tenant(database, tenant)
        if not yes:
            typer.confirm(f"Erase the {kind} {what} of {tenant} for good?", abort=True, err=True)
        vectors = open_store(settings)
        try:
            stores = Stores(settings, database, vectors, BlobStore(settings.blobs_path), log)
            erase = erase_person if kind == "person" else erase_document
            erased = erase(stores, found, what, COMMAND_LINE)
        finally:
            vectors.close()
    _report(erased, json)


def _report(erased: Erased, json: bool) -> None:
    if json:
        print_json(erased.described())
    else:
        counts = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in erased.counts.items())
        typer.echo(f"The {erased.what} is erased: {counts}.")
        for path in erased.files:
            typer.echo(f"  removed or blanked: {path}")
        for sentence in erased.left:
            typer.echo(f"  left: {sentence}")
    if erased.left:
        raise typer.Exit(1)
