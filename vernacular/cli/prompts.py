"""`vernacular prompt …`"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from vernacular import prompt_versions as prompts
from vernacular.audit.events import COMMAND_LINE, Event
from vernacular.audit.log import AuditLog
from vernacular.cli.auditing import audit_log
from vernacular.cli.context import opened_database
from vernacular.cli.output import Json, TenantName, plain, print_json, print_table
from vernacular.db.models import PromptVersionRow, TenantRow
from vernacular.errors import NoSuchPath, NotFound, UnreadableFile
from vernacular.settings import get_settings
from vernacular.tenancy import Platform, Tenant, TenantScope

app = typer.Typer(help="The texts that a tenant's assistants are given, in versions.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="persona or instructions.")]


@app.command("list")
def list_prompts(tenant: TenantName, json: Json = False) -> None:
    """The texts there are, and which version of each is in force."""
    with _opened(tenant) as at:
        found = [_line(at, name) for name in prompts.LONGEST]
    if json:
        print_json(found)
    else:
        print_table(found, ("prompt", "in_force", "versions", "text"), "")


@app.command("show")
def show(
    name: Name,
    tenant: TenantName,
    version: Annotated[int | None, typer.Option("--version", help="Print the text of this one.")] = None,
    json: Json = False,
) -> None:
    """The versions of a text, the newest first, or the text of one of them."""
    with _opened(tenant) as at:
        prompts.take_in(at.scope, at.row, prompts.check_name(name))
        last = None if version is None else version + 1
        found = [_version(each) for each in prompts.versions(at.scope, name, last)]
    if version is not None:
        found = [each for each in found if each["version"] == version]
        if not found:
            raise NotFound(f"The prompt {name} has no version {version}.", "`vernacular prompt show` lists them.")
    if json:
        print_json(found if version is None else found[0])
    elif version is None:
        print_table(
            found,
            ("version", "in_force", "created_at", "note", "text"),
            "No version yet: make one with `vernacular prompt set`.",
        )
    else:
        typer.echo(plain(found[0]["text"]))


@app.command("set")
def set_prompt(
    name: Name,
    file: Annotated[Path, typer.Argument(help="UTF-8 text; `-`: what is piped in.")],
    tenant: TenantName,
    note: Annotated[str, typer.Option("--note", help="Why it is changed.")] = "",
    draft: Annotated[bool, typer.Option("--draft", help="Leave in force what is.")] = False,
    json: Json = False,
) -> None:
    """Make a version, and put it in force."""
    text = prompts.cleaned(_read(file))
    with _opened(tenant) as at:
        made = prompts.save(at.scope, at.row, prompts.check_name(name), text, note=note[:400], by=prompts.COMMAND_LINE)
        if not draft:
            prompts.activate(at.scope, at.row, name, made.version)
        at.record("prompt.saved", prompt=name, version=made.version, digest=prompts.digest(text), active=not draft)
        found = _version(made)
    if json:
        print_json(found)
    else:
        typer.echo(f"Version {found['version']} of {name} is saved{'' if draft else ', and in force'}.")


@app.command("rollback")
def rollback(
    name: Name,
    tenant: TenantName,
    version: Annotated[
        int | None, typer.Option("--version", help="Which one; the one before, if not given; 0: none.")
    ] = None,
    json: Json = False,
) -> None:
    """Put an earlier version in force again."""
    with _opened(tenant) as at:
        prompts.take_in(at.scope, at.row, prompts.check_name(name))
        wanted = _before(at.scope, name) if version is None else version
        found = prompts.activate(at.scope, at.row, name, wanted or None)
        digest = prompts.digest(found.text) if found else None
        at.record("prompt.activated", prompt=name, version=wanted or None, digest=digest)
    if json:
        print_json({"prompt": name, "in_force": wanted or None})
    else:
        typer.echo(f"Version {wanted} of {name} is in force." if wanted else f"No version of {name} is in force.")


def _before(scope: TenantScope, name: str) -> int:
    current = prompts.active(scope, name)
    earlier = prompts.versions(scope, name, current.version if current else None)
    if not earlier:
        raise NotFound(f"The prompt {name} has no version before.", "`vernacular prompt show` lists them.")
    return earlier[0].version


@dataclass(frozen=True, slots=True)
class _Open:
    """A tenant in one write transaction."""

    scope: TenantScope
    row: TenantRow
    log: AuditLog

    def record(self, event: str, **facts: Any) -> None:
        self.log.record(self.scope, Event(event, COMMAND_LINE, facts=facts))


@contextmanager
def _opened(tenant: str) -> Iterator[_Open]:
    settings = get_settings()
    with opened_database(settings) as database, audit_log(settings, database) as log, database.write() as session:
        row = Platform(session).tenant_row(tenant, lock=True)
        yield _Open(TenantScope(session, Tenant.of(row)), row, log)


def _line(at: _Open, name: str) -> dict[str, Any]:
    prompts.take_in(at.scope, at.row, name)
    found = prompts.active(at.scope, name)
    return {
        "prompt": name,
        "in_force": found.version if found else None,
        "versions": at.scope.count(PromptVersionRow, PromptVersionRow.name == name),
        "text": found.text if found else "",
    }


def _version(row: PromptVersionRow) -> dict[str, Any]:
    return {
        "version": row.version,
        "in_force": row.active,
        "created_at": row.created_at,
        "note": row.note,
        "text": row.text,
    }


def _read(file: Path) -> str:
    """
    Raises:
        NoSuchPath, UnreadableFile
    """
    if str(file) == "-":
        return sys.stdin.read()
    if not file.is_file():
        raise NoSuchPath(f"There is no file {file}.")
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(f"{file} cannot be read: {error}.", "Use UTF-8.") from None
