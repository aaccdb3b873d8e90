"""`vernacular safety …`"""

from __future__ import annotations

import json as jsonlib
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from vernacular.audit.events import COMMAND_LINE, Event
from vernacular.cli.auditing import audit_log
from vernacular.cli.context import find_tenant, opened_database
from vernacular.cli.output import Json, TenantName, print_json, print_table
from vernacular.errors import BadRequest, NoSuchPath
from vernacular.safety.overrides import kept_overrides, policy_of, with_overrides
from vernacular.safety.policy import Policy
from vernacular.safety.registry import pack, pack_names
from vernacular.safety.trial import try_out
from vernacular.settings import get_settings
from vernacular.tenancy import Platform, Tenant, TenantScope

app = typer.Typer(help="What an assistant may be asked and may say.", no_args_is_help=True)

OfTenant = Annotated[str | None, typer.Option("--tenant", "-t", help="The policy in force for this tenant.")]
Pack = Annotated[str | None, typer.Option("--pack", help="A pack as it comes, instead of a tenant's policy.")]
SHOWN = ("id", "action", "enabled", "rules", "title")


@app.command("list")
def list_packs(json: Json = False) -> None:
    """The packs there are: Vernacular's own and those of plugins."""
    rows = []
    for name in pack_names():
        told = pack(name).summary()
        counts = {"categories": len(told["categories"]), "rules": sum(each["rules"] for each in told["categories"])}
        rows.append(
            {"name": name, "title": told["title"], **counts, "terms": told["terms"], "version": told["version"]}
        )
    if json:
        print_json(rows)
    else:
        print_table(rows, ("name", "title", "categories", "rules", "terms", "version"), "No pack is installed.")


@app.command("show")
def show(tenant: OfTenant = None, name: Pack = None, json: Json = False) -> None:
    """A policy: its categories and what is done about each, personal data, links, and a tenant's own changes."""
    policy, own = _policy(tenant, name)
    told = {**policy.summary(), "set": own}
    if json:
        print_json(told)
        return
    typer.echo(f"{told['pack']}: {told['title']} ({told['version']}, {told['terms']:,} words)")
    print_table(told["categories"], SHOWN, "")
    pii = told["pii"]
    typer.echo(f"personal data   in questions: {pii['prompt']}; in answers: {pii['answer']}, quotes: {pii['quotes']}")
    typer.echo(f"links           {told['links']['mode']} {', '.join(told['links']['allow'])}".rstrip())
    typer.echo(f"guard model     {told['guard']['mode']}")
    if own:
        typer.echo(f"own changes     {', '.join(sorted(own))}")


@app.command("test")
def dry_run(
    text: Annotated[str, typer.Argument(help="A question, or with --answer an answer.")],
    tenant: OfTenant = None,
    name: Pack = None,
    answer: Annotated[bool, typer.Option("--answer", help="Judge it as an answer.")] = False,
    json: Json = False,
) -> None:
    """A dry run: what a policy makes of a text, and what would be said. Nothing is logged."""
    policy, _own = _policy(tenant, name)
    stage: Literal["prompt", "answer"] = "answer" if answer else "prompt"
    told = try_out(policy, text, stage)
    if json:
        print_json(told)
        return
    category = f" ({told['category']})" if told["category"] else ""
    typer.echo(f"{told['action']}{category}")
    rows = [{**each, "texts": " … ".join(each["texts"])} for each in told["findings"]]
    if rows:
        print_table(rows, ("category", "rule", "action", "texts"), "")
    if told["injection"]:
        typer.echo(f"reads as an attempt to take over the assistant: {told['injection']:.2f} of 1")
    if told["redacted"] != text:
        typer.echo(f"used as: {told['redacted']}")
    if told["said"]:
        typer.echo(f"\n{told['said']}")


@app.command("set")
def set_policy(
    tenant: TenantName,
    name: Annotated[str | None, typer.Option("--pack", help="The pack; the tenant's other changes stay.")] = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="JSON with all of the changes; see docs/safety.md.")
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Take all changes away first.")] = False,
    json: Json = False,
) -> None:
    """Choose a tenant's pack, and its own changes to it."""
    if name is None and file is None and not reset:
        raise BadRequest("There is nothing to set.", "Give --pack, --file or --reset.")
    settings = get_settings()
    given = None if file is None else _read(file)
    with opened_database(settings) as database, audit_log(settings, database) as log, database.write() as session:
        row = Platform(session).tenant_row(tenant, lock=True)
        changes = given if given is not None else {} if reset else kept_overrides(row.profile)
        row.profile = with_overrides(row.profile, {**changes, **({"pack": name} if name else {})}, settings)
        session.flush()
        changed = Tenant.of(row)
        policy, own = policy_of(changed, settings), kept_overrides(row.profile)
        facts = {"section": "safety", "policy_version": policy.version, "fields": sorted(own)}
        log.record(TenantScope(session, changed), Event("settings.changed", COMMAND_LINE, facts=facts))
    if json:
        print_json({**policy.summary(), "set": own})
    else:
        typer.echo(f"{tenant} has the policy {policy.pack} ({policy.version}); gateways follow within seconds.")


def _policy(tenant: str | None, name: str | None) -> tuple[Policy, dict[str, Any]]:
    settings = get_settings()
    if name is not None:
        if tenant is not None:
            raise BadRequest("Both a tenant and a pack are given.", "Give --tenant or --pack.")
        return pack(name), {}
    if tenant is None:
        return pack(settings.safety.pack), {}
    with opened_database(settings) as database:
        found = find_tenant(database, tenant)
    return policy_of(found, settings), kept_overrides(found.profile)


def _read(file: Path) -> dict[str, Any]:
    try:
        found = jsonlib.loads(file.expanduser().read_text(encoding="utf-8"))
    except OSError as error:
        raise NoSuchPath(f"{file} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise BadRequest(f"{file} is not JSON: {error}.") from None
    if not isinstance(found, dict):
        raise BadRequest(f"{file} holds no JSON object.", "See docs/safety.md.")
    return found
