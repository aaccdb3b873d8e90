"""`vernacular model serve` and `model status`: model servers on this machine, and how they are."""

from __future__ import annotations

import signal
import threading
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal, Self

import typer
from rich.console import Console
from rich.markup import escape
from rich.status import Status

from vernacular.cli.home import make_home
from vernacular.cli.output import Json, print_json, print_table
from vernacular.errors import BadRequest
from vernacular.settings import get_settings
from vernacular.telemetry import configure_logging

if TYPE_CHECKING:
    from serve.engine.launch.state import ServerState
    from serve.engine.launch.status import ServerStatus

TELL_EVERY_S = 15.0
LINE_CHARS = 100


def serve(
    profile: Annotated[str, typer.Argument(help="The model's profile; `vernacular model list` shows them.")],
    extra: Annotated[
        list[str] | None, typer.Argument(metavar="-- FLAGS", help="Further flags of `vllm serve`.", show_default=False)
    ] = None,
    weights: Annotated[str, typer.Option(help="Folder of the weights, or their repository.")] = "",
    name: Annotated[str, typer.Option(help="What this server is called; by default as its profile.")] = "",
    model: Annotated[str, typer.Option(help="What clients call the model; servers of the same are replicas.")] = "",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0: the first free one from 8101 on.")] = 0,
    gpus: Annotated[int, typer.Option(min=0, help="GPUs each server takes; 0: as few as hold the weights.")] = 0,
    devices: Annotated[str, typer.Option(help="Which GPUs, as nvidia-smi counts them: 0,1.")] = "",
    context: Annotated[int, typer.Option(min=0, help="Tokens of prompt and answer together.")] = 0,
    cpu: Annotated[bool, typer.Option("--cpu", help="Run on the CPU.")] = False,
    precision: Annotated[
        Literal["bf16", "fp8", "int4"] | None, typer.Option(help="Form of the weights; by default the first.")
    ] = None,
    replicas: Annotated[int, typer.Option(min=1, max=64, help="Servers of the same model.")] = 1,
    loras: Annotated[int, typer.Option(min=0, help="LoRA adapters active at once; 0: none can be loaded.")] = 0,
    engine: Annotated[
        Literal["vllm", "llama.cpp"] | None, typer.Option(help="By default as profile, weights and machine allow.")
    ] = None,
    trust_remote_code: Annotated[
        bool, typer.Option("--trust-remote-code", help="Run the Python code that comes with the weights.")
    ] = False,
) -> None:
    """Start a model server, watch over it, and announce it to the gateway; Ctrl-C stops it."""
    from serve.engine.launch.fleet import claimed, run
    from serve.engine.launch.wishes import Wishes
    from serve.engine.profiles.registry import find

    settings = get_settings()
    make_home(settings)
    configure_logging(settings.log_level)
    wishes = Wishes(
        weights=weights,
        engine=engine or "",
        name=name,
        model=model,
        port=port,
        gpus=gpus,
        devices=_indices(devices),
        context_tokens=context,
        cpu=cpu,
        precision=precision,
        replicas=replicas,
        loras=loras,
        trust_remote_code=trust_remote_code,
        extra=_flags(extra or []),
    )
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.set())
    with Progress() as progress, claimed(find(profile), wishes, settings, progress) as supervisors:
        run(supervisors, stopping)


def status(json: Json = False) -> None:
    """Show the model servers this home knows, whether they answer, and how busy they are."""
    from serve.engine.launch.status import server_statuses

    found = server_statuses(get_settings())
    if json:
        print_json([asdict(one) for one in found])
        return
    columns = ["name", "state", "model", "running", "waiting", "kv_cache", "restarts", "up", "url"]
    print_table([_row(one) for one in found], columns, "No model server: `vernacular model serve PROFILE` starts one.")
    for one in found:
        if one.message:
            typer.echo(f"{one.name}: {one.message} Log: {one.log}")


class Progress:
    """Tells of servers on the standard error: a line that changes on a terminal, now and then a new one elsewhere."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._status = Status("", console=self._console) if self._console.is_terminal else None
        self._loading: dict[str, str] = {}
        self._seen: set[str] = set()
        self._told = 0.0
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._status:
            self._status.stop()

    def __call__(self, state: ServerState, line: str) -> None:
        with self._lock:
            self._seen.add(state.name)
            if state.phase == "loading":
                self._load(state, line)
            else:
                self._settle(state)

    def _load(self, state: ServerState, line: str) -> None:
        begins = state.name not in self._loading
        elapsed = f"{state.name} is loading, {time.time() - state.since:.0f} s"
        self._loading[state.name] = f"{elapsed}: {line[:LINE_CHARS]}" if line else elapsed
        if self._status:
            self._status.update(escape("\n".join(self._loading.values())))
            self._status.start()
        elif begins or time.monotonic() - self._told > TELL_EVERY_S:
            self._told = time.monotonic()
            typer.echo(
                f"{state.name} is loading; its log: {state.log}" if begins else self._loading[state.name], err=True
            )

    def _settle(self, state: ServerState) -> None:
        self._loading.pop(state.name, None)
        if self._status and not self._loading:
            self._status.stop()
        if state.phase == "ready":
            where = f"http://127.0.0.1:{state.port}/v1"
            typer.echo(f"{state.name} answers at {where}, as {state.model}; the gateway finds it by itself", err=True)
        elif state.phase == "waiting":
            typer.echo(f"{state.name} went down: {state.message} It is started again.", err=True)
        elif len(self._seen) > 1:  # of one alone, the error that ends the command tells
            typer.echo(f"{state.name} is given up: {state.message}", err=True)


def _indices(written: str) -> tuple[int, ...]:
    try:
        return tuple(int(word) for word in written.split(",")) if written else ()
    except ValueError:
        raise BadRequest(f"--devices {written!r} names no GPUs.", "Write their numbers: 0,1.") from None


def _flags(extra: list[str]) -> tuple[str, ...]:
    if extra and not extra[0].startswith("-"):
        raise BadRequest(f"{extra[0]!r} is not understood.", "Flags for the server itself follow `--`.")
    return tuple(extra)


def _row(one: ServerStatus) -> dict[str, object]:
    return {
        "name": one.name,
        "state": one.state,
        "model": one.model,
        "running": one.running,
        "waiting": one.waiting,
        "kv_cache": None if one.kv_use is None else f"{one.kv_use:.0%}",
        "restarts": one.restarts,
        "up": None if one.uptime_s is None else _duration(one.uptime_s),
        "url": one.url,
    }


def _duration(seconds: float) -> str:
    minutes = int(seconds) // 60
    if minutes < 1:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"
