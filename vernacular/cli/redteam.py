"""`vernacular redteam …`"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import httpx
import typer

from vernacular import __version__
from vernacular.audit.events import COMMAND_LINE, Event
from vernacular.audit.keys import AuditKeys
from vernacular.audit.log import AuditLog
from vernacular.cli.client import inside_requests
from vernacular.cli.context import find_tenant, opened_database
from vernacular.cli.output import Json, TenantName, print_json, print_table
from vernacular.cli.sandbox import plant, public_key, revoke, sandbox
from vernacular.cli.work import bars
from vernacular.db.base import new_id
from vernacular.db.models import RedteamRunRow
from vernacular.db.session import Database
from vernacular.dialects.dictionary import read_file
from vernacular.errors import BadRequest, NoSuchPath
from vernacular.gateway import running_gateway
from vernacular.redteam.asking import Asker, Door
from vernacular.redteam.case import SUITES, Case, Outcome, Plant
from vernacular.redteam.figures import number
from vernacular.redteam.imports import read_cases
from vernacular.redteam.logs import leaks
from vernacular.redteam.own.build import canary_of, digest_of, own_cases
from vernacular.redteam.report import check, read_report, signed_report
from vernacular.redteam.run import attack
from vernacular.redteam.store import add_run, describe, find_run, list_runs
from vernacular.redteam.words import Words
from vernacular.settings import Settings, get_settings
from vernacular.tenancy import Tenant, TenantScope

app = typer.Typer(help="Attack a tenant's assistant, and keep signed reports.", no_args_is_help=True)
BROKEN_SHOWN: Final = 20
_WANTED_S: Final = 120.0


class Format(StrEnum):
    BIPIA = "bipia"
    XSTEST = "xstest"
    GARAK = "garak"
    CYBERSECEVAL = "cyberseceval"


@dataclass(frozen=True, slots=True)
class _Plan:
    tenant: Tenant
    assistant: str
    words: Words
    cases: list[Case]
    in_corpus: bool
    logs: list[Path]
    show: bool

    @property
    def plants(self) -> list[Plant]:
        return list({each.id: each for case in self.cases for each in case.plants}.values())


@app.command("run")
def run(
    tenant: TenantName,
    assistant: Annotated[str, typer.Option("--assistant", help="The assistant to attack.")] = "default",
    suites: Annotated[
        list[str] | None, typer.Option("--suite", help=f"{', '.join(SUITES)}; may be repeated. None: all.")
    ] = None,
    languages: Annotated[
        list[str] | None, typer.Option("--language", help="A BCP 47 tag or its beginning; may be repeated. None: all.")
    ] = None,
    imported: Annotated[
        Path | None, typer.Option("--import", help="A public set's file, attacked with instead of the own suites.")
    ] = None,
    form: Annotated[Format | None, typer.Option("--format", help="The form of that file.")] = None,
    in_corpus: Annotated[
        bool,
        typer.Option(
            "--in-corpus", help="Plant in the tenant's own documents, for as long as the run takes, not in a sandbox."
        ),
    ] = False,
    logs: Annotated[
        list[Path] | None, typer.Option("--log", help="A gateway's log to look through for personal data.")
    ] = None,
    limit: Annotated[float | None, typer.Option("--most", help="End with 1 if a suite's rate is above this.")] = None,
    json: Json = False,
) -> None:
    """Attack a tenant's assistant and keep a signed report: how many attacks of each kind and language succeeded.

    Documents with attacks are planted in a sandbox: a tenant with the same settings, deleted afterwards.
    """
    settings = get_settings()
    words = Words(secrets.token_hex(16))
    cases = _cases(words, suites or (), languages or (), imported, form)
    with opened_database(settings) as database:
        plan = _Plan(
            find_tenant(database, tenant),
            assistant,
            words,
            cases,
            in_corpus,
            _log_files(settings, logs or ()),
            not json,
        )
        row = _attack(settings, database, plan)
        with database.read() as session:
            told = {**describe(find_run(TenantScope(session, plan.tenant), row)), **_worst(session, plan.tenant, row)}
    if json:
        print_json(told)
    else:
        _print(told)
    if limit is not None and any((each["rate"] or 0) > limit for each in told["figures"]["suites"].values()):
        raise typer.Exit(1)


@app.command("list")
def list_all(tenant: TenantName, json: Json = False) -> None:
    """A tenant's runs, the last one first."""
    with opened_database(get_settings()) as database:
        owner = find_tenant(database, tenant)
        with database.read() as session:
            runs = [describe(row) for row in list_runs(TenantScope(session, owner))]
    if json:
        print_json(runs)
        return
    rows = [
        {
            "run": run["id"][:8],
            "made": f"{run['created_at']:%Y-%m-%d %H:%M}",
            "assistant": run["assistant"],
            "suites": run["suites"],
            **{name: run["figures"]["all"][name] for name in ("tried", "succeeded", "errors")},
        }
        for run in runs
    ]
    columns = ("run", "made", "assistant", "suites", "tried", "succeeded", "errors")
    print_table(rows, columns, "No run yet: `vernacular redteam run --tenant T` makes one.")


@app.command("show")
def show(
    reference: Annotated[str, typer.Argument(help="The run's id, or its beginning.")],
    tenant: TenantName,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the signed report to this file.")] = None,
    json: Json = False,
) -> None:
    """One run: its figures, and the attacks that succeeded."""
    with opened_database(get_settings()) as database:
        owner = find_tenant(database, tenant)
        with database.read() as session:
            row = find_run(TenantScope(session, owner), reference)
            report, told = row.report, {**describe(row), **_worst(session, owner, row.id)}
    if output is not None:
        output.expanduser().write_text(report, encoding="utf-8")
    if json:
        print_json(read_report(report))
    else:
        _print(told)


@app.command("verify")
def verify(
    report: Annotated[Path, typer.Argument(help="A signed report, as `show --output` writes it.")],
    public_key: Annotated[
        Path | None, typer.Option("--public-key", help="PEM file of the keys to trust; else this installation's.")
    ] = None,
    json: Json = False,
) -> None:
    """Tell whether a report is as it was signed. Needs no gateway and no database; ends with 1 if it is not."""
    settings = get_settings()
    if public_key is None and not (settings.home / "secrets" / "audit-signing.pem").exists():
        raise NoSuchPath("This installation has signed nothing.", "Give the keys to trust with --public-key FILE.")
    trusted = read_file(public_key.expanduser()) if public_key else AuditKeys(settings.home).public_pem
    try:
        found = check(read_file(report.expanduser()).decode("utf-8"), trusted)
    except ValueError:
        raise BadRequest("The report or the public key cannot be read.", "Give a report and a PEM file.") from None
    if json:
        print_json({"holds": found.holds, "problems": found.problems, "key": found.document.get("key")})
    elif found.holds:
        typer.echo(f"The report of {found.document['made_at']} is as the key {found.document['key']} signed it.")
    for problem in () if json else found.problems:
        typer.echo(problem)
    if not found.holds:
        raise typer.Exit(1)


def _cases(
    words: Words, suites: Sequence[str], languages: Sequence[str], imported: Path | None, form: Format | None
) -> list[Case]:
    if (imported is None) != (form is None):
        raise BadRequest("A file needs its form, and a form its file.", "--import FILE --format bipia, for example.")
    if imported is None or form is None:
        return own_cases(words, suites, languages)
    if suites or languages:
        raise BadRequest("--suite and --language choose among the own suites.", "Leave them out with --import.")
    return read_cases(read_file(imported.expanduser()), form.value, words)


def _log_files(settings: Settings, given: Sequence[Path]) -> list[Path]:
    missing = [path for path in given if not path.expanduser().is_file()]
    if missing:
        raise NoSuchPath(f"There is no file {str(missing[0])!r}.")
    return [*(path.expanduser() for path in given), *sorted((settings.home / "logs").glob("*.log"))]


def _attack(settings: Settings, database: Database, plan: _Plan) -> str:
    """The id of the run, which is kept."""
    begin, made_at = time.monotonic(), datetime.now(UTC)
    with ExitStack() as stack:
        if plan.in_corpus:
            attacked = plan.tenant
            stack.callback(plant, settings, database, attacked, (), show=False)
        else:
            attacked = stack.enter_context(sandbox(settings, database, plan.tenant, canary_of(plan.words)))
        if plan.plants:
            plant(settings, database, attacked, plan.plants, show=False)
        asker = stack.enter_context(_asker(settings, database, plan, attacked))
        outcomes = [*_outcomes(plan, asker), *leaks(plan.cases, plan.logs)]
    about = {
        "id": new_id(),
        "tenant": plan.tenant.slug,
        "assistant": plan.assistant,
        "made_at": made_at.isoformat(timespec="seconds"),
        "took_s": number(time.monotonic() - begin),
        "version": __version__,
        "seed": plan.words.seed,
        "suites": {suite: digest_of(suite) if suite in SUITES else "" for suite in _suites(plan.cases)},
        "planted_in": "corpus" if plan.in_corpus else "sandbox",
    }
    return _keep(settings, database, plan, about, outcomes)


def _outcomes(plan: _Plan, asker: Asker) -> Iterator[Outcome]:
    with bars(plan.show) as progress:
        task = progress.add_task("redteam", total=len(plan.cases), stage="")
        for outcome in attack(plan.cases, asker.ask):
            progress.update(task, advance=1, stage=outcome.suite)
            yield outcome


def _keep(
    settings: Settings, database: Database, plan: _Plan, about: dict[str, Any], outcomes: Sequence[Outcome]
) -> str:
    report = signed_report(AuditKeys(settings.home), about, outcomes)
    figures, suites = read_report(report)["figures"], list(about["suites"])
    with closing(AuditLog(settings)) as audit, database.write() as session:
        scope = TenantScope(session, plan.tenant)
        row = add_run(
            scope,
            RedteamRunRow(
                id=about["id"],
                assistant=plan.assistant,
                suites=suites,
                version=__version__,
                figures=figures,
                report=report,
            ),
        )
        told = {name: figures["all"][name] for name in ("tried", "succeeded", "errors")}
        audit.record(scope, Event("redteam.run", COMMAND_LINE, facts={"run": row.id, "suites": suites, **told}))
    return str(about["id"])


@contextmanager
def _asker(settings: Settings, database: Database, plan: _Plan, attacked: Tenant) -> Iterator[Asker]:
    """With ordinary keys, which are revoked on leaving; over HTTP where a gateway runs on this home."""
    with ExitStack() as stack:
        keys = []
        for tenant in (attacked, plan.tenant):
            keys.append(public_key(settings, database, tenant))
            stack.callback(revoke, settings, database, tenant, keys[-1])
        inside, outside = ({"Authorization": f"Bearer {key}"} for key in keys)
        url = running_gateway(settings)
        if url is None:
            request = stack.enter_context(inside_requests(settings))
            doors = [_bound(request, headers) for headers in (inside, outside)]
        else:
            client = stack.enter_context(httpx.Client(base_url=url, timeout=_WANTED_S, trust_env=False))
            doors = [
                _bound(lambda method, path, body, own: client.request(method, path, json=body, headers=own), headers)
                for headers in (inside, outside)
            ]
        yield Asker(doors[0], doors[1], plan.assistant)


def _bound(request: Any, headers: dict[str, str]) -> Door:
    return lambda method, path, body: request(method, path, body, headers)


def _suites(cases: Sequence[Case]) -> list[str]:
    return list(dict.fromkeys(case.suite for case in cases))


def _worst(session: Any, tenant: Tenant, reference: str) -> dict[str, Any]:
    """The attacks that succeeded, the first ones."""
    document = read_report(find_run(TenantScope(session, tenant), reference).report)
    broken = [each for each in document["outcomes"] if each["verdict"] == "broken"]
    return {"broken": broken[:BROKEN_SHOWN], "took_s": document["took_s"]}


def _print(told: dict[str, Any]) -> None:
    figures = told["figures"]
    typer.echo(f"run {told['id'][:8]}: {figures['all']['tried']:,} attacks in {told['took_s']:.0f} s")
    for title, groups in (("suite", figures["suites"]), ("language", figures["languages"])):
        rows = [
            {title: name, **each, "interval": " – ".join(f"{end:.1%}" for end in each["interval"])}
            for name, each in groups.items()
        ]
        print_table(rows, (title, "tried", "succeeded", "rate", "interval", "refused", "answered", "errors"), "")
        typer.echo("")
    for each in told["broken"]:
        seen = "; ".join(f"{judge}: {what}" for judge, what in each["broken"].items())
        typer.echo(f"  {each['case']}  {seen}")
    if not told["broken"]:
        typer.echo("No attack succeeded.")
