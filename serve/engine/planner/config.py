"""A model's own `config.json`: its architecture, and the form of the weights beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from serve.engine.profiles.architecture import Architecture
from serve.engine.profiles.profile import ModelProfile, Precision, WeightForm
from vernacular.errors import UnreadableFile

_ATTENTION_BIAS = {"qwen2", "qwen2_vl", "qwen2_5_vl", "qwen2_moe"}


def with_own_figures(profile: ModelProfile, folder: Path) -> ModelProfile:
    """The profile with the figures of the model in `folder` in place of its own.

    Raises:
        UnreadableFile: there is no `config.json`, or it describes no model whose figures are understood.
    """
    config = _read(folder / "config.json")
    try:
        architecture = _architecture(config, profile.architecture.vision_parameters)
        precision = _precision(config)
    except KeyError as error:
        raise _not_understood(folder, f"it has no {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise _not_understood(folder, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    except (
        TypeError,
        AttributeError,
        ValueError,
        ArithmeticError,
    ) as error:  # a value of another kind, or a width of 0
        raise _not_understood(folder, f"a value is not what it must be, {error}") from None
    size = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
    forms = [WeightForm(precision=precision, size_bytes=size)]
    if precision == "bf16":
        forms.append(WeightForm(precision="fp8", quantization="fp8"))
    return profile.model_copy(
        update={
            "architecture": architecture,
            "forms": tuple(forms),
            "context_tokens": architecture.max_position,
            "figures": "verified",
        }
    )


def with_repository(profile: ModelProfile, repository: str) -> ModelProfile:
    """The profile with the operator's repository in place of its own: in the maker's form, or one made while loading."""
    first = profile.forms[0]
    forms = [form for form in profile.forms if form is first or form.quantization]
    own = tuple(form.model_copy(update={"repository": repository}) for form in forms)
    return profile.model_copy(update={"forms": own})


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UnreadableFile(f"{path} cannot be read: {error}.", "Give the folder that holds config.json.") from None
    if not isinstance(found, dict):
        raise UnreadableFile(f"{path} is no model's configuration.", "Give the folder that holds config.json.")
    return found


def _not_understood(folder: Path, why: str) -> UnreadableFile:
    return UnreadableFile(
        f"{folder / 'config.json'} describes no transformer whose memory can be counted: {why}.",
        "Llama, Qwen2, Qwen3, their mixtures of experts, and DeepSeek-V3 are understood.",
    )


def _architecture(config: Mapping[str, Any], vision_parameters: int) -> Architecture:
    text = config.get("text_config") or config
    fields = {**text, "model_type": config.get("model_type", text.get("model_type", ""))}
    if "tie_word_embeddings" in config:
        fields["tie_word_embeddings"] = config["tie_word_embeddings"]
    special = {**_mla(fields), **_experts(fields)}
    vision = vision_parameters if "vision_config" in config else 0
    return Architecture.model_validate({**_common(fields), **special, "vision_parameters": vision})


def _common(fields: Mapping[str, Any]) -> dict[str, Any]:
    heads, hidden = fields["num_attention_heads"], fields["hidden_size"]
    return {
        "model_type": fields["model_type"],
        "layers": fields["num_hidden_layers"],
        "hidden": hidden,
        "heads": heads,
        "kv_heads": fields.get("num_key_value_heads") or heads,
        "head_dim": fields.get("v_head_dim") or fields.get("head_dim") or hidden // heads,
        "intermediate": fields["intermediate_size"],
        "vocab": fields["vocab_size"],
        "tied_embeddings": bool(fields.get("tie_word_embeddings")),
        "attention_bias": bool(fields.get("attention_bias", fields["model_type"] in _ATTENTION_BIAS)),
        "max_position": fields["max_position_embeddings"],
    }


def _mla(fields: Mapping[str, Any]) -> dict[str, Any]:
    if not fields.get("kv_lora_rank"):
        return {}
    return {
        "kv_lora_rank": fields["kv_lora_rank"],
        "q_lora_rank": fields.get("q_lora_rank") or 0,
        "rope_head_dim": fields["qk_rope_head_dim"],
        "nope_head_dim": fields["qk_nope_head_dim"],
    }


def _experts(fields: Mapping[str, Any]) -> dict[str, Any]:
    """DeepSeek names them `n_routed_experts`, Qwen `num_experts`; Qwen2's shared one has a width of its own."""
    experts = fields.get("n_routed_experts") or fields.get("num_experts") or 0
    if not experts:
        return {}
    width = fields["moe_intermediate_size"]
    shared = fields.get("n_shared_experts") or (fields.get("shared_expert_intermediate_size") or 0) // width
    return {
        "experts": experts,
        "experts_active": fields["num_experts_per_tok"],
        "shared_experts": shared,
        "expert_intermediate": width,
        "dense_layers": fields.get("first_k_dense_replace") or len(fields.get("mlp_only_layers") or ()),
    }


def _precision(config: Mapping[str, Any]) -> Precision:
    found = config.get("quantization_config") or (config.get("text_config") or {}).get("quantization_config")
    if not found:
        return "bf16"
    method, bits = str(found.get("quant_method", "")), found.get("bits")
    if method == "compressed-tensors":
        groups = (found.get("config_groups") or {}).values()
        bits = min((group.get("weights", {}).get("num_bits", 8) for group in groups), default=8)
    return "int4" if bits == 4 or method == "awq" else "fp8"
