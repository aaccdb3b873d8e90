"""The base model that an adapter is for: whether it was made for that one, by name and by the shapes of its weights."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from serve.engine.planner.config import with_own_figures
from serve.engine.profiles.architecture import Architecture
from serve.engine.profiles.profile import ModelProfile
from serve.engine.profiles.registry import find
from vernacular.endpoints import announced, configured
from vernacular.errors import AdapterRefused, UnknownProfile, UnreadableFile
from vernacular.settings import Settings

Shape = tuple[int, int]
_QUANTIZED: Final = re.compile(
    r"[-_.](unsloth|bnb|awq|gptq|gguf|fp8|int4|int8|4bit|8bit|w4a16|w8a8|w8a16|quantized|dynamic|block)(?=$|[-_.])"
)
_LAYER: Final = re.compile(r"(?:^|\.)layers\.(\d+)\.(.+)$")
_VISION: Final = ("visual.", "vision_", "vision.", "audio_")


@dataclass(frozen=True, slots=True)
class Base:
    """What is known of a served model. `names`: others that it goes by. `repositories`: where its maker publishes it, without
    the owner; where they are known, any other repository is another model. `loras`: vLLM takes adapters for it.
    `architecture` None: its shapes are not known.
    """

    name: str
    names: frozenset[str] = frozenset()
    repositories: frozenset[str] = frozenset()
    loras: bool = True
    architecture: Architecture | None = None


def find_base(settings: Settings, name: str) -> Base:
    """What profiles and model servers tell of the model that is served as `name`."""
    known = [*announced(settings), *(configured(endpoint) for endpoint in settings.generation.endpoints)]
    profile_name = next((each.profile for each in known if each.model == name and each.profile), name)
    try:
        profile = find(profile_name)
    except UnknownProfile:
        return Base(name, frozenset({plain(name)}))
    return base_of(name, profile, _own_figures(settings, profile))


def _own_figures(settings: Settings, profile: ModelProfile) -> Architecture | None:
    """Those of the weights in the operator's folder of weights, if they are there."""
    folder = settings.model_server.weights
    if folder is None or not (folder / profile.name / "config.json").is_file():
        return None
    try:
        return with_own_figures(profile, folder / profile.name).architecture
    except UnreadableFile:
        return None


def base_of(name: str, profile: ModelProfile, own: Architecture | None = None) -> Base:
    """`own`: the figures of the very weights that are served. A profile's are those of the weights in its maker's repository;
    where that is not known, the operator's may be others of that name."""
    repositories = frozenset(plain(form.repository) for form in profile.forms if form.repository)
    names = frozenset({plain(name), plain(profile.name)}) | repositories
    published = profile.architecture if profile.figures == "verified" and repositories else None
    return Base(name, names, repositories, profile.lora, own or published)


def plain(name: str) -> str:
    """What a model is called, without its owner, its folder, and how its weights were quantised."""
    return _QUANTIZED.sub("", name.rstrip("/").replace("\\", "/").rsplit("/", 1)[-1].lower())


def refuse_other_base(base: Base, told: str, shapes: Mapping[str, Shape]) -> None:
    """`told`: what the adapter calls its base model; `shapes`: (inputs, outputs) by module.

    Raises:
        AdapterRefused: it was made for another model, or nothing tells for which.
    """
    if not base.loras:
        raise AdapterRefused(f"vLLM takes no adapters for {base.name}.", "`vernacular model list` shows which do.")
    same = bool(told) and plain(told) in (
        base.repositories if _is_repository(told) and base.repositories else base.names
    )
    if not same and base.repositories and _is_repository(told):
        raise AdapterRefused(
            f"The adapter was made for {told[:200]}, not for {base.name}.",
            "Register it for the model that it was trained on.",
        )
    checked = _refuse_other_shapes(base, shapes)
    if not same and not checked:
        raise AdapterRefused(
            f"Nothing tells that the adapter was made for {base.name}: it names {told[:200] or 'no model'} as its base.",
            "Correct `base_model_name_or_path` in adapter_config.json, or set VERNACULAR_MODEL_SERVER__WEIGHTS so that shapes tell.",
        )


def _is_repository(told: str) -> bool:
    return told.count("/") == 1 and not told.startswith(("/", ".", "~"))


def _refuse_other_shapes(base: Base, shapes: Mapping[str, Shape]) -> bool:
    """Whether any module could be compared."""
    if base.architecture is None:
        return False
    checked = False
    for module, shape in shapes.items():
        found = _LAYER.search(module)
        if found is None or any(word in module for word in _VISION):
            continue
        layer, path = int(found[1]), found[2]
        expected = expected_shape(base.architecture, path, layer)
        if layer >= base.architecture.layers or (expected is not None and shape != expected):
            raise AdapterRefused(
                f"The adapter was made for another model than {base.name}: {module[:120]} maps {shape[0]} to {shape[1]} values"
                + (f", not {expected[0]} to {expected[1]}." if expected else f", and there is no layer {layer}."),
                "Register it for the model that it was trained on.",
            )
        checked = checked or expected is not None
    return checked


def expected_shape(model: Architecture, path: str, layer: int) -> Shape | None:
    """(inputs, outputs) of the module `path` of a layer; None: not known."""
    module = path.rsplit(".", 1)[-1]
    if path.startswith("self_attn."):
        return (_latent_attention(model) if model.mla else _attention(model)).get(module)
    if ".experts." in path:
        return _mlp(model.hidden, model.expert_intermediate).get(module)
    if "shared_expert" in path:
        return _mlp(model.hidden, model.shared_experts * model.expert_intermediate).get(module)
    if model.experts and layer >= model.dense_layers:
        return None
    return _mlp(model.hidden, model.intermediate).get(module)


def _attention(model: Architecture) -> dict[str, Shape]:
    width, keys = model.heads * model.head_dim, model.kv_heads * model.head_dim
    return {
        "q_proj": (model.hidden, width),
        "k_proj": (model.hidden, keys),
        "v_proj": (model.hidden, keys),
        "qkv_proj": (model.hidden, width + 2 * keys),
        "o_proj": (width, model.hidden),
    }


def _latent_attention(model: Architecture) -> dict[str, Shape]:
    query = model.heads * (model.nope_head_dim + model.rope_head_dim)
    found = {
        "kv_a_proj_with_mqa": (model.hidden, model.kv_lora_rank + model.rope_head_dim),
        "kv_b_proj": (model.kv_lora_rank, model.heads * (model.nope_head_dim + model.head_dim)),
        "o_proj": (model.heads * model.head_dim, model.hidden),
    }
    if model.q_lora_rank:
        return found | {"q_a_proj": (model.hidden, model.q_lora_rank), "q_b_proj": (model.q_lora_rank, query)}
    return found | {"q_proj": (model.hidden, query)}


def _mlp(hidden: int, inner: int) -> dict[str, Shape]:
    return {
        "gate_proj": (hidden, inner),
        "up_proj": (hidden, inner),
        "gate_up_proj": (hidden, 2 * inner),
        "down_proj": (inner, hidden),
    }
