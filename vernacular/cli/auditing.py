"""`vernacular audit …`, and how other commands write to audit logs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from vernacular.audit.events import COMMAND_LINE, Event
from vernacular.audit.log import AuditLog
from vernacular.audit.verify_audit import Report, told, verify_export
from vernacular.cli.context import find_tenant, opened_database
from vernacular.cli.output import Json, TenantName, print_json
from vernacular.db.session import Database
from vernacular.errors import BadRequest
from vernacular.settings import Settings, get_settings
from vernacular.tenancy import Platform, Tenant, TenantScope

app = typer.Typer(help="Verify, export and sign audit logs.", no_args_is_help=True)

OneTenant = Annotated[str | None, typer.Option("--tenant", "-t", help="The tenant's name; all, if not given.")]
PublicKey = Annotated[Path | None, typer.Option("--public-key", help="PEM file with the public keys that you trust.")]
Copies = Annotated[
    Path | None, typer.Option("--checkpoints", help="Folder with copies of checkpoints, kept elsewhere.")
]


@contextmanager
def audit_log(settings: Settings, database: Database) -> Iterator[AuditLog]:
    """For one command."""
    log = AuditLog(settings, database)
    try:
        yield log
    finally:
        log.close()


def note(settings: Settings, database: Database, tenant: Tenant, name: str, **facts: Any) -> None:
    """An entry of the tenant's log that tells what a command has done."""
    with audit_log(settings, database) as log, database.write() as session:
        log.record(TenantScope(session, tenant), Event(name, COMMAND_LINE, facts=facts))


@app.command("verify")
def verify(
    tenant: OneTenant = None,
    operator: Annotated[bool, typer.Option("--operator", help="The operator's own log.")] = False,
    export: Annotated[Path | None, typer.Option("--export", help="An exported log, as a folder or zip file.")] = None,
    public_key: PublicKey = None,
    checkpoints: Copies = None,
    json: Json = False,
) -> None:
    """Hold logs against their chains, checkpoints and copies of these; exit code 1 if one is not whole."""
    settings = get_settings()
    pinned = _read(public_key) if public_key else None
    if export is not None:
        reports = {"": _verified_export(export, pinned, checkpoints)}
    else:
        with opened_database(settings) as database, audit_log(settings, database) as log:
            folder = checkpoints or settings.audit.checkpoints
            reports = {} if operator else _verified(database, log, tenant, pinned, folder)
            if operator or (tenant is None and log.operator.folder.is_dir()):
                reports[""] = _verified_operator(log, pinned, checkpoints)
    if json:
        print_json([{"tenant": name, "whole": report.whole, **vars(report)} for name, report in reports.items()])
    else:
        for name, report in reports.items():
            lines = told(report)
            typer.echo("\n".join([f"{name}: {lines[0]}" if name else lines[0], *lines[1:]]))
    if not all(report.whole for report in reports.values()):
        raise typer.Exit(1)


@app.command("export")
def export_command(
    to: Annotated[Path, typer.Option("--to", help="Folder, or file whose name ends in .zip, to write.")],
    tenant: TenantName,
    json: Json = False,
) -> None:
    """Write a log with its checkpoints, the public key, and a verifier that needs Python and `cryptography` alone."""
    from vernacular.audit.export import export_log

    settings = get_settings()
    with opened_database(settings) as database, audit_log(settings, database) as log:
        found = find_tenant(database, tenant)
        note(settings, database, found, "audit.exported")
        log.checkpoint(found)
        with database.read() as session:
            count = export_log(TenantScope(session, found), log.keys, to)
    if json:
        print_json({"tenant": tenant, "entries": count, "to": str(to)})
    else:
        typer.echo(f"{count} entries are in {to}. Verify them with: python verify_audit.py {to}")


@app.command("checkpoint")
def checkpoint(tenant: OneTenant = None, json: Json = False) -> None:
    """Sign logs as they are now, and copy checkpoints to the folder that the settings name."""
    settings = get_settings()
    with opened_database(settings) as database, audit_log(settings, database) as log:
        rows = []
        for each in _tenants(database, tenant):
            made = log.checkpoint(each)
            copied = log.mirror(each)
            rows.append({"tenant": each.slug, "signed": made.size if made else None, "copied": copied})
    if json:
        print_json(rows)
        return
    for row in rows:
        signed = f"{row['signed']} entries signed" if row["signed"] else "nothing new to sign"
        typer.echo(f"{row['tenant']}: {signed}, {row['copied']} checkpoints copied")


@app.command("key")
def key(json: Json = False) -> None:
    """Print the public key that checkpoints are signed with; give it to whoever verifies them."""
    settings = get_settings()
    with opened_database(settings) as database, audit_log(settings, database) as log:
        name, pem = log.keys.key_id, log.keys.public_pem.decode()
    if json:
        print_json({"key": name, "pem": pem})
    else:
        typer.echo(pem, nl=False)


def _verified(
    database: Database, log: AuditLog, tenant: str | None, pinned: bytes | None, folder: Path | None
) -> dict[str, Report]:
    """By the tenant's name."""
    from vernacular.audit.reading import verify_log

    reports = {}
    for each in _tenants(database, tenant):
        there = folder is not None and (folder / each.id).is_dir()
        with database.read() as session:
            scope, keys = TenantScope(session, each), pinned or log.keys.public_pem
            copies = folder if there else None
            reports[each.slug] = verify_log(scope, keys, copies, unsigned=log.most_unsigned)
    return reports


def _verified_operator(log: AuditLog, pinned: bytes | None, copies: Path | None) -> Report:
    try:
        return log.operator.verify(pinned, copies)
    except (OSError, ValueError, KeyError) as error:
        raise BadRequest(f"The operator's log cannot be read: {error}.") from None


def _verified_export(path: Path, pinned: bytes | None, copies: Path | None) -> Report:
    from zipfile import BadZipFile

    try:
        return verify_export(path, pinned, copies)
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise BadRequest(f"{path} cannot be read as an exported log: {error}.") from None


def _tenants(database: Database, name: str | None) -> list[Tenant]:
    if name is not None:
        return [find_tenant(database, name)]
    with database.read() as session:
        return Platform(session).tenants()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadRequest(f"{path} cannot be read: {error.strerror}.") from None
