"""`vernacular adapter …`"""

from __future__ import annotations

import getpass
import json as json_format
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from vernacular.audit.events import COMMAND_LINE, Event
from vernacular.cli.auditing import audit_log
from vernacular.cli.client import call, gateway_client
from vernacular.cli.context import find_tenant, opened_database
from vernacular.cli.output import Json, TenantName, print_json, print_table
from vernacular.db.models import AdapterRow
from vernacular.db.session import Database
from vernacular.errors import AdapterRefused, BadRequest
from vernacular.gateway import running_gateway
from vernacular.settings import Settings, get_settings
from vernacular.tenancy import Platform, Tenant, TenantScope

if TYPE_CHECKING:
    from serve.engine.adapters.registry import AdapterRegistry

app = typer.Typer(help="Register LoRA adapters, and say which of them answers are made with.", no_args_is_help=True)

AdapterName = Annotated[str, typer.Argument(help="The adapter's name or id, as `vernacular adapter list` prints it.")]
POLL_S = 0.3


@app.command("add")
def add(
    path: Annotated[Path, typer.Argument(help="The folder that PEFT's save_pretrained wrote.")],
    tenant: TenantName,
    base: Annotated[
        str, typer.Option("--base", "-b", help="The model it was trained on, by the name it is served as.")
    ],
    dialect: Annotated[
        str, typer.Option("--dialect", "-d", help="BCP 47 tag, e.g. yue-Hant-HK; any, if not given.")
    ] = "",
    assistant: Annotated[str, typer.Option("--assistant", help="The assistant it is for; empty: all.")] = "default",
    share: Annotated[float, typer.Option("--share", min=0, max=1, help="Of its conversations, from 0 to 1.")] = 1.0,
    lineage: Annotated[
        Path | None, typer.Option("--lineage", help="JSON file: data, data_digest, recipe, who, when.")
    ] = None,
    json: Json = False,
) -> None:
    """Copy an adapter in, after a close look, and register it. `vernacular adapter load` puts it to use."""
    from serve.engine.adapters.registry import Registration, describe

    told = Registration(base, dialect, assistant, share, _read_lineage(lineage), by=_whoever())
    with _opened(tenant) as (registry, _database, found):
        row = registry.add(found, path, told)
    _print(
        describe(row), json, f"Registered as {row.name}.\nPut it to use: vernacular adapter load {row.name} -t {tenant}"
    )


@app.command("list")
def list_adapters(
    tenant: Annotated[str | None, typer.Option("--tenant", "-t", help="Only this tenant's; all, if not given.")] = None,
    json: Json = False,
) -> None:
    """The adapters there are."""
    from serve.engine.adapters.registry import describe
    from serve.engine.adapters.registry import list_adapters as rows_of

    with opened_database(get_settings()) as database, database.read() as session:
        platform = Platform(session)
        tenants = [platform.tenant(tenant)] if tenant else platform.tenants()
        rows = [{"tenant": one.slug, **describe(row)} for one in tenants for row in rows_of(TenantScope(session, one))]
    if json:
        print_json(rows)
    else:
        columns = ("name", "base_model", "assistant", "share", "rank", "state", "note")
        print_table(rows, columns, "No adapter yet: `vernacular adapter add PATH` registers one.")


@app.command("show")
def show(name: AdapterName, tenant: TenantName, json: Json = False) -> None:
    """One adapter, with what it was made from."""
    from serve.engine.adapters.registry import describe, find_adapter

    with _opened(tenant) as (_registry, database, found), database.read() as session:
        shown = describe(find_adapter(TenantScope(session, found), name))
    if json:
        print_json(shown)
        return
    for key, value in shown.items():
        typer.echo(f"{key.replace('_', ' '):14} {value}")


@app.command("load")
def load(
    name: AdapterName,
    tenant: TenantName,
    wait: Annotated[
        float, typer.Option("--wait", min=0, help="Seconds to wait until every model server that is up has it.")
    ] = 60.0,
    json: Json = False,
) -> None:
    """Put an adapter to use: model servers load it now, and whenever one comes back."""
    with _opened(tenant) as (registry, database, found):
        row = registry.change(found, name, state="active")
        shown = _until_loaded(get_settings(), database, found, row.id, wait)
    _print({"name": row.name, "state": row.state, **shown}, json, _progress(row.name, row.base_model, shown))


@app.command("unload")
def unload(name: AdapterName, tenant: TenantName, json: Json = False) -> None:
    """Retire an adapter: no answer is made with it any more, and model servers drop it within seconds."""
    _change(name, tenant, json, "{name} is retired.", state="retired")


@app.command("share")
def share(
    name: AdapterName,
    share: Annotated[float, typer.Argument(min=0, max=1, help="Of its assistant's conversations, from 0 to 1.")],
    tenant: TenantName,
    json: Json = False,
) -> None:
    """Give an adapter a share of the conversations; the rest goes to the version before it, or to the base model."""
    _change(name, tenant, json, "{name} gets its share of {share:g} from the next conversation on.", share=share)


@app.command("remove")
def remove(
    name: AdapterName,
    tenant: TenantName,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Remove an adapter with its files."""
    if not yes:
        typer.confirm(f"Remove {name} and its files?", abort=True, err=True)
    with _opened(tenant) as (registry, _database, found):
        row = registry.remove(found, name)
    _print({"name": row.name, "deleted": True}, json, f"{row.name} is removed.")


@contextmanager
def _opened(tenant: str) -> Iterator[tuple[AdapterRegistry, Database, Tenant]]:
    from serve.engine.adapters.registry import AdapterRegistry, facts_of

    settings = get_settings()
    with opened_database(settings) as database, audit_log(settings, database) as log:

        def tell(scope: TenantScope, done: str, row: AdapterRow) -> None:
            log.record(scope, Event(f"adapter.{done}", COMMAND_LINE, facts=facts_of(row)))

        yield AdapterRegistry(settings, database, tell), database, find_tenant(database, tenant)


def _change(
    name: str,
    tenant: str,
    json: bool,
    words: str,
    *,
    state: Literal["active", "retired"] | None = None,
    share: float | None = None,
) -> None:
    with _opened(tenant) as (registry, _database, found):
        row = registry.change(found, name, state=state, share=share)
    shown = {"name": row.name, "state": row.state, "share": row.share}
    _print(shown, json, words.format(**shown))


def _until_loaded(
    settings: Settings, database: Database, tenant: Tenant, adapter_id: str, wait_s: float
) -> dict[str, Any]:
    """How many of the model's servers have the adapter, as the gateway tells; zeros where none runs.

    Raises:
        AdapterRefused: its files or a model server do not allow it.
    """
    told = {"loaded_on": 0, "replicas": 0}
    if running_gateway(settings) is None:
        return told
    until = time.monotonic() + wait_s
    with gateway_client(settings, database, tenant) as door:
        while True:
            shown = call(door, "GET", f"/v1/admin/adapters/{adapter_id}")
            if shown["note"]:
                raise AdapterRefused(
                    shown["note"], "Correct that, and load it again; until then the base model answers."
                )
            told = {key: shown[key] for key in told}
            if told["loaded_on"] >= told["replicas"] or time.monotonic() > until:
                return told
            time.sleep(POLL_S)


def _progress(name: str, base: str, shown: dict[str, Any]) -> str:
    if not shown["replicas"]:
        return f"{name} is active; it is loaded as soon as a gateway and a server of {base} run."
    return f"{name} is active, and loaded on {shown['loaded_on']} of {shown['replicas']} servers of {base}."


def _read_lineage(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        found = json_format.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadRequest(f"{path} cannot be read as JSON: {error}.", "Give a file with one JSON object.") from None
    if not isinstance(found, dict):
        raise BadRequest(f"{path} does not hold a JSON object.", 'E.g. {"data": "…", "recipe": "…"}.')
    return found


def _whoever() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as in containers
        return ""


def _print(shown: dict[str, Any], json: bool, words: str) -> None:
    if json:
        print_json(shown)
    else:
        typer.echo(words)
