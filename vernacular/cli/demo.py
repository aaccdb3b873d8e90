"""`vernacular demo`: four example tenants, a gateway and a front end, from nothing, in one command."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.text import Text

from vernacular.cli.context import opened_database
from vernacular.cli.demo_tenants import PERSON, Example, ensure_people, ensure_tenant, read_examples
from vernacular.cli.front_end import fresh_key, give_public_key
from vernacular.cli.output import console
from vernacular.cli.run import only_holder
from vernacular.cli.work import follow, queue
from vernacular.db.session import Database
from vernacular.errors import Conflict, Unavailable
from vernacular.gateway import running_gateway
from vernacular.listening import address_of, bound_socket
from vernacular.processes import ChildProcess, python_module
from vernacular.settings import Settings, get_settings
from vernacular.tenancy import Platform, Tenant

DEMO_KEY = "demo"
READY_S = 60.0
Examples = Annotated[Path | None, typer.Option("--examples", help="The folder of example tenants.")]
Once = Annotated[bool, typer.Option("--once", hidden=True, help="End as soon as all is up, for benchmarks.")]


def demo(examples: Examples = None, once: Once = False) -> None:
    """Load four example tenants, start the gateway and the front end, and print what to try. Ctrl-C stops all."""
    settings = get_settings()
    found = read_examples(examples or Path(__file__).parents[2] / "examples")
    if running_gateway(settings):
        raise Conflict(
            f"A gateway already runs on {settings.home}.", "Stop it first, or set VERNACULAR_HOME to another folder."
        )
    with (
        opened_database(settings) as database,
        only_holder(settings.home / "demo.lock", f"A demo already starts or runs on {settings.home}."),
        running(settings) as (gateway_url, front_end, ui_url),
    ):
        tenants = [ensure_tenant(database, example) for example in found]
        person = ensure_people(settings, database, tenants)
        for tenant in tenants:
            give_public_key(settings, database, tenant)
        front_end.start()
        load(settings, database, found, tenants)
        admin = {tenant.slug: fresh_key(settings, database, tenant, DEMO_KEY, "admin") for tenant in tenants}
        wait_for(f"{ui_url}/_stcore/health", "The front end", settings.home / "logs" / "ui.log")
        show(found, admin, person, gateway_url, ui_url)
        if not once:
            wait_for_the_end()
        typer.echo("Stopping …")


def wait_for_the_end() -> None:
    """Return on Ctrl-C or SIGTERM, however many of them come."""
    reader, writer = os.pipe()  # a handler that took a lock would stop for good when a second signal interrupts it
    os.set_blocking(writer, False)

    def end(*_: object) -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(writer, b"x")

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, end)
    os.read(reader, 1)


@contextlib.contextmanager
def running(settings: Settings) -> Iterator[tuple[str, ChildProcess, str]]:
    """The gateway's address, ready; the front end, not yet started, and its address; both stopped at the end.

    Raises:
        Conflict: a port is taken.
    """
    logs = settings.home / "logs"
    port, url = free_port(settings.serve.host, settings.serve.port, "VERNACULAR_SERVE__PORT")
    ui_port, ui_url = free_port(settings.ui.host, settings.ui.port, "VERNACULAR_UI__PORT")
    gateway = ChildProcess("gateway", child("serve", port), logs / "gateway.log")
    front_end = ChildProcess("ui", child("ui", ui_port), logs / "ui.log")
    gateway.start()
    try:
        wait_for(f"{url}/readyz", "The gateway", logs / "gateway.log")
        yield url, front_end, ui_url
    finally:
        front_end.stop()
        gateway.stop()


def child(command: str, port: int) -> list[str]:
    return python_module("vernacular", command, "--supervised", "--port", str(port))


def free_port(host: str, port: int, variable: str) -> tuple[int, str]:
    """The port, or one of the system's choice for 0, and the address at which it is reached.

    Raises:
        Conflict: it is taken; the hint names the `variable` that chooses another.
    """
    try:
        with bound_socket(host, port) as listening:
            return int(listening.getsockname()[1]), address_of(listening)
    except Conflict as error:
        raise Conflict(error.message, f"Stop what uses it, or choose another: {variable}={port + 1}.") from None


def wait_for(url: str, what: str, log_path: Path) -> None:
    """
    Raises:
        Unavailable: it did not answer in a minute; the hint names its log.
    """
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        try:
            if httpx.get(url, timeout=2.0).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise Unavailable(f"{what} did not start in {READY_S:.0f} s.", f"See its log: {log_path}")


def load(settings: Settings, database: Database, examples: list[Example], tenants: list[Tenant]) -> None:
    """Read the documents of examples that changed since the last time."""
    wanted = [
        (example, tenant, example.signature())
        for example, tenant in zip(examples, tenants, strict=True)
        if tenant.profile.get("demo_signature") != example.signature()
    ]
    if not wanted:
        return
    jobs = []
    for example, tenant, _signature in wanted:
        spec = {
            "source": "examples",
            "sync": True,
            "items": [{"kind": "path", "path": str(example.documents.absolute())}],
        }
        jobs.append((tenant, queue(settings, database, tenant, "ingest", spec)))
    views = follow(settings, database, jobs)
    for (_example, tenant, signature), view in zip(wanted, views, strict=True):
        if view["state"] == "succeeded":
            with database.write() as session:
                row = Platform(session).tenant_row(tenant.slug)
                row.profile = {**row.profile, "demo_signature": signature}


def show(examples: list[Example], keys: dict[str, str], person: str, gateway_url: str, ui_url: str) -> None:
    out = console()
    out.print(f"\n[bold]Vernacular is up.[/]  Chat: {ui_url}   API: {gateway_url}/openapi.json", soft_wrap=True)
    out.print(f"Knowledge search: {ui_url}/search   Dashboard: {ui_url}/overview", soft_wrap=True)
    out.print(Text(f"  sign in at any of the tenants as {PERSON}, {person}\n"), soft_wrap=True)
    for example in examples:
        out.print(
            Text(str(example.profile["display_name"]), style="bold"),
            Text(f" {ui_url}/?tenant={example.slug}"),
            soft_wrap=True,
        )
        out.print(Text(f"  admin key: {keys[example.slug]}"), soft_wrap=True)
        for question in example.profile["suggested_questions"]:
            out.print(Text(f"  · {question}"), soft_wrap=True)
        if "unanswerable_question" in example.profile:
            out.print(
                Text(f"  · {example.profile['unanswerable_question']}  (no document answers this)"), soft_wrap=True
            )
        out.print()
    out.print("Ctrl-C stops all; run it again and your data are still there.")
