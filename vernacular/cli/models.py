"""`vernacular model …`: what can be served, and on how many GPUs. `model_serve.py` adds what starts and watches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from vernacular.cli import model_serve
from vernacular.cli.output import Json, print_json, print_table

if TYPE_CHECKING:
    from serve.engine.planner.plan import Plan
    from serve.engine.planner.sizing import Sizing
    from serve.engine.profiles.profile import ModelProfile

app = typer.Typer(help="Show, size, start and watch models.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="PROFILE", help="A profile's name, or the path of a .toml file.")]
GIB = 1024**3


@app.command("list")
def list_profiles(json: Json = False) -> None:
    """The model profiles there are."""
    from serve.engine.planner.memory import weight_bytes
    from serve.engine.profiles.registry import profiles

    rows = []
    for profile in profiles():
        architecture = profile.architecture
        row: dict[str, Any] = {
            "profile": profile.name,
            "title": profile.title,
            "parameters": _billions(architecture.parameters),
            "weights": f"{weight_bytes(architecture, profile.forms[0]).total / 1e9:.1f} GB",
            "context": profile.context_tokens,
            "reads": list(profile.modalities),
            "adapters": "yes" if profile.lora else "no",
            "licence": profile.licence,
            "repository": profile.repository,
        }
        rows.append(row)
    if json:
        print_json(rows)
    else:
        columns = ("profile", "parameters", "weights", "context", "reads", "adapters", "licence")
        print_table(rows, columns, "No profile.")


@app.command("show")
def show(name: Name, json: Json = False) -> None:
    """One profile: what is known of the model, and how it is served."""
    from serve.engine.profiles.registry import find

    profile = find(name)
    if json:
        print_json(_described(profile))
        return
    for field, value in _described(profile).items():
        if field not in ("notes", "forms"):
            _line(field, _in_words(value))
    for form in profile.forms:
        made = f"made while loading {form.repository}" if form.quantization and form.repository else form.repository
        _line(f"in {form.precision}", made or "give a folder or a repository with --weights")
    for note in profile.notes:
        _line("note", note)


@app.command("plan")
def plan(
    name: Name,
    gpus: Annotated[
        str, typer.Option("--gpus", help="KIND:NUMBER, KIND:NUMBERxMACHINES, several with commas, or any.")
    ] = "any",
    context: Annotated[int, typer.Option("--context", help="Tokens of the longest prompt and answer.")] = 0,
    users: Annotated[int, typer.Option("--users", help="People who wait for an answer at the same moment.")] = 1,
    typical: Annotated[int, typer.Option("--typical", help="Tokens of a usual prompt and answer.")] = 4096,
    weights: Annotated[str, typer.Option("--weights", help="Folder of the model, or its repository.")] = "",
    nodes: Annotated[int, typer.Option("--nodes", help="Machines, where --gpus does not say.")] = 1,
    memory: Annotated[float, typer.Option("--memory", help="GiB of a device, in place of the known figure.")] = 0,
    precision: Annotated[
        Literal["auto", "bf16", "fp8", "int4"], typer.Option("--precision", help="Form of the weights.")
    ] = "auto",
    json: Json = False,
) -> None:
    """Size a model: memory, how many people it serves, the cheapest way that fits, and the exact commands."""
    from serve.engine.planner.config import with_repository
    from serve.engine.planner.plan import make_plan
    from serve.engine.profiles.registry import find

    profile = find(name)
    folder = _local(profile, weights)
    found = make_plan(
        with_repository(profile, weights) if weights and folder is None else profile,
        gpus,
        context_tokens=context,
        users=users,
        typical_tokens=typical,
        weights=folder,
        nodes=nodes,
        memory_gib=memory,
        precision=precision,
    )
    rendered = _rendered(found, folder) if found.chosen else {}
    if json:
        print_json({**_summary(found), **rendered})
    else:
        _print_plan(found, rendered)
    if found.chosen is None:
        raise typer.Exit(1)


def _local(profile: ModelProfile, weights: str) -> Path | None:
    """The folder whose config.json is to be read: the one given, or the profile's under the folder of weights."""
    from serve.engine.profiles.weights import locate
    from vernacular.settings import get_settings

    if weights:
        folder = Path(locate(profile, weights))
        return folder if folder.is_dir() else None
    kept = get_settings().model_server.weights
    return kept / profile.name if kept is not None and (kept / profile.name / "config.json").is_file() else None


def _rendered(plan: Plan, folder: Path | None) -> dict[str, Any]:
    from serve.engine.planner import render

    sizing = plan.chosen
    repository = sizing.form.repository if sizing else ""
    where = str(folder) if folder else repository or "WEIGHTS"
    options = render.options_of(plan, where)
    several = sizing is not None and sizing.nodes > 1
    return {
        "commands": render.commands(plan, options),
        "ray": render.ray_commands(plan, options) if several else [],
        "llama_server": render.llama_server_command(plan.profile),
        "compose": None if several else render.compose_service(plan, options),
        "helm": None if several or options.cpu else render.helm_values(plan, options),
    }


def _summary(plan: Plan) -> dict[str, Any]:
    from serve.engine.planner.memory import ASSUMPTION

    return {
        "profile": plan.profile.name,
        "figures": plan.source,
        "fits": plan.chosen is not None,
        "context_tokens": plan.demand.context_tokens,
        "typical_tokens": plan.demand.typical_tokens,
        "users": plan.demand.users,
        "memory_share": plan.demand.memory_share,
        "reserve_assumption": ASSUMPTION,
        "chosen": _sized(plan.chosen) if plan.chosen else None,
        "others": [_sized(sizing) for sizing in plan.others],
        "smallest_that_fits": _sized(plan.smallest) if plan.smallest else None,
        "notes": list(plan.profile.notes),
    }


def _sized(sizing: Sizing) -> dict[str, Any]:
    layout = sizing.layout
    return {
        "gpu": sizing.gpu.name,
        "gpus": layout.gpus,
        "nodes": sizing.nodes,
        "layout": str(layout),
        "tensor_parallel": layout.tensor,
        "pipeline_parallel": layout.pipeline,
        "data_parallel": layout.data,
        "expert_parallel": layout.expert,
        "precision": sizing.form.precision,
        "repository": sizing.form.repository,
        "kv_dtype": sizing.kv_dtype,
        "weight_bytes_per_gpu": sizing.weight_bytes,
        "reserve_bytes_per_gpu": sizing.reserve_bytes,
        "kv_bytes_per_gpu": sizing.kv_bytes,
        "kv_bytes_per_token": sizing.kv_bytes_per_token,
        "kv_tokens_per_copy": sizing.kv_tokens,
        "kv_tokens": sizing.kv_tokens * layout.data,
        "sequences_at_full_context": sizing.full_sequences,
        "sequences_at_typical_length": sizing.typical_sequences,
        "price_per_hour": sizing.price,
        "fits": sizing.fits,
        "reason": sizing.reason,
    }


def _print_plan(plan: Plan, rendered: dict[str, Any]) -> None:
    from serve.engine.planner.memory import ASSUMPTION

    _line("model", f"{plan.profile.title} (figures of {plan.source})")
    demand = plan.demand
    _line(
        "asked",
        f"{demand.users} users at once, {demand.typical_tokens:,} tokens each, {demand.context_tokens:,} at most",
    )
    if plan.chosen is None:
        typer.echo("\nNothing that was given fits.")
        if plan.smallest:
            small = plan.smallest
            machines = f" in {small.nodes} machines" if small.nodes > 1 else ""
            typer.echo(f"The cheapest that would: {small.layout.gpus} x {small.gpu.title}{machines} ({_form(small)}).")
    else:
        _print_sizing(plan.chosen, plan)
        _line("reserve is", ASSUMPTION)
    if plan.others:
        typer.echo("\nPassed over:")
        print_table([_passed_over(sizing, plan) for sizing in plan.others], ("gpus", "how", "numbers", "why"), "")
    for note in plan.profile.notes:
        _line("note", note)
    _print_rendered(rendered)


def _print_sizing(sizing: Sizing, plan: Plan) -> None:
    layout = sizing.layout
    machines = f" in {sizing.nodes} machines" if sizing.nodes > 1 else ""
    _line("plan", f"{layout.gpus} x {sizing.gpu.title}{machines}: {layout}, {_form(sizing)}")
    _line("price", f"about {sizing.price:.2f} US dollars an hour, by the list of GPUs")
    weights, reserve, cache = (size / GIB for size in (sizing.weight_bytes, sizing.reserve_bytes, sizing.kv_bytes))
    share = f"{plan.demand.memory_share:.0%} of {sizing.gpu.memory_bytes / GIB:.1f}"
    _line("GiB a GPU", f"weights {weights:.1f}, reserve {reserve:.1f}, cache {cache:.1f}; {share}")
    copies = f" in each of {layout.data} copies" if layout.data > 1 else ""
    _line("cache", f"{sizing.kv_bytes_per_token:,} bytes a token on a GPU, {sizing.kv_tokens:,} tokens{copies}")
    full, typical = sizing.full_sequences, sizing.typical_sequences
    _line("at once", f"{full:,} answers of full context, {typical:,} of the usual length")


def _form(sizing: Sizing) -> str:
    form, cache = sizing.form, "" if sizing.kv_dtype == "auto" else f", cache in {sizing.kv_dtype}"
    made = " (made while loading)" if form.quantization else ""
    return f"weights in {form.precision}{made}{cache}"


def _passed_over(sizing: Sizing, plan: Plan) -> dict[str, Any]:
    return {
        "gpus": f"{sizing.layout.gpus} x {sizing.gpu.name}",
        "how": str(sizing.layout),
        "numbers": f"{sizing.form.precision}, cache {sizing.kv_dtype}",
        "why": sizing.reason or _why_not(sizing, plan),
    }


def _why_not(sizing: Sizing, plan: Plan) -> str:
    """Of one that fits as well as the chosen."""
    if plan.chosen is None:
        return ""
    if sizing.price > plan.chosen.price:
        return f"dearer: {sizing.price:.2f} dollars an hour"
    if sizing.form != plan.chosen.form or sizing.kv_dtype != plan.chosen.kv_dtype:
        return "fits; numbers in fewer bits, for no need" if sizing.price == plan.chosen.price else "fits; four bits"
    return "fits; more traffic between GPUs, for no need"


def _print_rendered(rendered: dict[str, Any]) -> None:
    if not rendered:
        return
    commands = rendered["commands"]
    for number, command in enumerate(commands):
        place = f" on machine {number + 1}" if len(commands) > 1 else ""
        typer.echo(f"\nCommand{place} (the key in VLLM_API_KEY):\n{command}")
    if rendered["ray"]:
        typer.echo(
            "\nOr by way of Ray (first machine, the others, then the first again):\n" + "\n".join(rendered["ray"])
        )
    if rendered["llama_server"]:
        typer.echo(f"\nOr with llama.cpp (the key in LLAMA_API_KEY):\n{rendered['llama_server']}")
    if rendered["compose"]:
        typer.echo(f"\nDocker Compose:\n{rendered['compose']}")
    if rendered["helm"]:
        typer.echo(f"Helm values, for the chart vllm-stack of vLLM's production stack:\n{rendered['helm']}")


def _described(profile: ModelProfile) -> dict[str, Any]:
    architecture = profile.architecture
    return {
        **profile.model_dump(mode="json", exclude={"architecture"}),
        "parameters": architecture.parameters,
        "active_parameters": architecture.active_parameters,
        "architecture": architecture.model_dump(mode="json"),
    }


def _in_words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {part}" for key, part in value.items() if part)
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) or "-"


def _billions(parameters: int) -> str:
    return f"{parameters / 1e9:.1f} B" if parameters >= 1e8 else f"{parameters / 1e6:.1f} M"


def _line(label: str, text: object) -> None:
    typer.echo(f"{label.replace('_', ' '):18} {text}")


app.command("serve")(model_serve.serve)
app.command("status")(model_serve.status)
