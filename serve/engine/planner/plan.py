"""Choose the cheapest way of serving a model that does for so many users, and say why others were passed over.

Weights in 16 or 8 bits answer alike for all we know, so they compete by price; four bits come in only where nothing else
fits, where the maker publishes nothing else, or where asked for. At the same price: the finer numbers, and the layout that
needs least of the network.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from serve.engine.planner.config import with_own_figures
from serve.engine.planner.gpus import Pool, parse
from serve.engine.planner.sizing import Demand, Sizing, layouts, size_up
from serve.engine.profiles.profile import ModelProfile, WeightForm
from vernacular.errors import BadRequest

TYPICAL_TOKENS = 4096
PrecisionChoice = Literal["auto", "bf16", "fp8", "int4"]


@dataclass(frozen=True, slots=True)
class Plan:
    """`chosen` None: nothing fits, and `smallest` (if anything does) is the cheapest that would, of any GPU known.

    `others`: for each pool and form of weights and cache, the best layout, fitting or not. `profile`: with the figures of
    the local `config.json`, if there was one. `source`: where the figures come from.
    """

    profile: ModelProfile
    demand: Demand
    source: str
    chosen: Sizing | None
    others: tuple[Sizing, ...]
    smallest: Sizing | None


def make_plan(
    profile: ModelProfile,
    gpus: str = "any",
    *,
    context_tokens: int = 0,
    users: int = 1,
    typical_tokens: int = TYPICAL_TOKENS,
    weights: Path | None = None,
    nodes: int = 1,
    memory_gib: float = 0,
    precision: PrecisionChoice = "auto",
) -> Plan:
    """Plan for `users` that wait for an answer at the same moment.

    `gpus`: see `serve.engine.planner.gpus.parse`. `context_tokens` 0: the profile's. `weights`: a folder whose
    `config.json` takes the place of the profile's figures.

    Raises:
        BadRequest: the demand makes no sense, or exceeds what the model can do.
        UnreadableFile: the folder's `config.json` is not understood.
    """
    if weights is not None:
        profile = with_own_figures(profile, weights)
    demand = _demand(profile, context_tokens, users, typical_tokens)
    profile = _with_doubts(profile, demand)
    forms = _forms(profile, precision)
    pools = parse(gpus, nodes=nodes, memory_gib=memory_gib)
    sized = [best for pool in pools for form in forms for best in _best(profile, pool, form, demand)]
    chosen = _choose(sized, profile)
    smallest = None if chosen else _choose(_anywhere(profile, forms, demand), profile)
    others = tuple(sizing for sizing in sized if sizing is not chosen)
    source = str(weights / "config.json") if weights is not None else f"the profile {profile.name}"
    return Plan(profile, demand, source, chosen, others, smallest)


def _demand(profile: ModelProfile, context_tokens: int, users: int, typical_tokens: int) -> Demand:
    most = max(profile.context_tokens, profile.architecture.max_position)
    context = context_tokens or profile.context_tokens
    if users < 1:
        raise BadRequest("A plan needs at least one user.", "Give --users 1 or more.")
    if context < 16 or typical_tokens < 16:
        raise BadRequest(
            "A context of less than 16 tokens holds no question.", "Give --context and --typical in tokens."
        )
    if context > most and profile.figures == "verified":
        raise BadRequest(
            f"{profile.title} takes {most:,} tokens at most, and {context:,} were asked for.",
            f"Give --context {most} or less, or choose a model with a longer one (`vernacular model list`).",
        )
    return Demand(context, users, min(typical_tokens, context))


def _with_doubts(profile: ModelProfile, demand: Demand) -> ModelProfile:
    """The profile with a note where more context was asked for than is known of a model with unverified figures."""
    if demand.context_tokens <= max(profile.context_tokens, profile.architecture.max_position):
        return profile
    doubt = (
        f"Whether it takes {demand.context_tokens:,} tokens is not known: vLLM refuses more than the config.json "
        "beside the weights allows. Plan with --weights to see."
    )
    return profile.model_copy(update={"notes": (*profile.notes, doubt)})


def _forms(profile: ModelProfile, precision: PrecisionChoice) -> list[WeightForm]:
    if precision == "auto":
        return list(profile.forms)
    found = [form for form in profile.forms if form.precision == precision]
    if not found:
        known = ", ".join(form.precision for form in profile.forms)
        raise BadRequest(f"{profile.title} is not known in {precision}.", f"Known: {known}.")
    return found


def _best(profile: ModelProfile, pool: Pool, form: WeightForm, demand: Demand) -> Iterable[Sizing]:
    """For each type of cache, the layout that fits on fewest GPUs, or else the one that comes closest; with experts, the
    best that spreads them as well, if it fits."""
    if form.precision == "fp8" and not pool.gpu.fp8:
        return
    possible = layouts(profile, pool, form)
    for kv_dtype in ("auto", "fp8") if pool.gpu.fp8 else ("auto",):
        sized = [
            size_up(profile, demand, pool=pool, layout=layout, form=form, kv_dtype=kv_dtype) for layout in possible
        ]
        fitting = [sizing for sizing in sized if sizing.fits]
        found = {sizing.layout.expert: sizing for sizing in reversed(fitting)}
        if not found and sized:
            yield max(sized, key=lambda sizing: (sizing.typical_sequences, sizing.kv_bytes))
        yield from found.values()


def _choose(sized: Iterable[Sizing], profile: ModelProfile) -> Sizing | None:
    def rank(sizing: Sizing) -> tuple[float, ...]:
        return (_coarse(sizing, profile), sizing.price, *_fineness(sizing, profile), int(sizing.layout.expert))

    return min((sizing for sizing in sized if sizing.fits), key=rank, default=None)


def _coarse(sizing: Sizing, profile: ModelProfile) -> int:
    return int(sizing.form.precision == "int4" and profile.forms[0].precision != "int4")


def _fineness(sizing: Sizing, profile: ModelProfile) -> tuple[int, int]:
    return (profile.forms.index(sizing.form), int(sizing.kv_dtype != "auto"))


def _anywhere(profile: ModelProfile, forms: Sequence[WeightForm], demand: Demand) -> Iterable[Sizing]:
    for nodes in (1, 2, 4):
        found = [
            sizing
            for pool in parse("any", nodes=nodes)
            for form in forms
            for sizing in _best(profile, pool, form, demand)
            if sizing.fits
        ]
        if found:
            return found
    return []
