"""Reads `adapter_config.json`, PEFT's description of an adapter, and refuses what vLLM does not serve, or could be harmed by."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vernacular.errors import AdapterRefused

MAX_BYTES: Final = 1024 * 1024
LARGEST_RANK: Final = 512
MAX_ALPHA: Final = 1e6
_CODE_KEYS: Final = frozenset({"auto_map", "custom_code", "custom_pipelines", "remote_code", "trust_remote_code"})
_MODULE: Final = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")
_PLAIN_STARTS: Final = frozenset({"gaussian", "eva", "orthogonal", "mica", "lora_ga"})
"""Ways of setting first weights that leave the base model alone; others only fit a base model that they changed."""
_UNSERVED: Final = {
    "modules_to_save": "replaces whole modules of the model (modules_to_save)",
    "trainable_token_indices": "changes the embeddings of tokens (trainable_token_indices)",
    "target_parameters": "changes parameters that are not modules (target_parameters)",
    "use_dora": "is a DoRA (use_dora)",
    "lora_bias": "has biases (lora_bias)",
    "layer_replication": "repeats layers (layer_replication)",
    "alora_invocation_tokens": "is an activated LoRA (alora_invocation_tokens)",
    "use_bdlora": "is block-diagonal (use_bdlora)",
    "use_qalora": "is a QALoRA (use_qalora)",
}


@dataclass(frozen=True, slots=True)
class Configuration:
    """What an adapter says of itself. `base` is whatever its maker called the base model: a repository, a path, or nothing.

    `ranks`: those that differ from `rank`, by the end of a module's name.
    """

    base: str
    rank: int
    ranks: Mapping[str, int]

    @property
    def largest_rank(self) -> int:
        return max(self.rank, *self.ranks.values()) if self.ranks else self.rank

    def rank_of(self, module: str) -> int:
        """PEFT's rule: the first entry that the name ends in, at a dot."""
        return next((rank for end, rank in self.ranks.items() if f".{module}".endswith(f".{end}")), self.rank)


def read_configuration(path: Path) -> Configuration:
    """
    Raises:
        AdapterRefused: it is damaged, asks for code to be run, or describes what vLLM does not serve.
    """
    told = _json(path)
    try:
        asked = next((key for key in _keys(told) if key in _CODE_KEYS), None)
    except RecursionError:
        raise AdapterRefused("adapter_config.json is nested too deeply.", "Use the file that PEFT wrote.") from None
    if asked is not None:
        raise AdapterRefused(
            f"The adapter asks for code of its own to be run (`{asked}`).",
            "Adapters are weights alone; remove the key.",
        )
    _refuse_mapping(told.get("auto_mapping"))
    if told.get("peft_type") != "LORA":
        raise AdapterRefused(
            f"The adapter is of the type {str(told.get('peft_type'))[:40]}, and only LORA is served.",
            "Train it with PEFT's LoraConfig.",
        )
    _refuse_unserved(told)
    return _configuration(told)


def _json(path: Path) -> dict[str, Any]:
    if path.stat().st_size > MAX_BYTES:
        raise AdapterRefused("adapter_config.json is larger than 1 MB.", "Use the file that PEFT wrote.")
    try:
        found = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise AdapterRefused("adapter_config.json is not JSON.", "Use the file that PEFT wrote.") from None
    if not isinstance(found, dict):
        raise AdapterRefused("adapter_config.json is not a JSON object.", "Use the file that PEFT wrote.")
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, entry in value.items():
            if entry not in (None, False):
                yield str(key)
            yield from _keys(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _keys(entry)


def _refuse_mapping(mapping: Any) -> None:
    """PEFT notes there where the base model's class came from; anything but transformers' own would have to be imported."""
    if not mapping:
        return
    library = mapping.get("parent_library") if isinstance(mapping, dict) else None
    if not isinstance(library, str) or not library.startswith("transformers.") or "transformers_modules" in library:
        raise AdapterRefused(
            "The adapter was made for a model with code of its own (`auto_mapping`).",
            "Train it on a model that transformers knows, or set auto_mapping to null if that is so.",
        )


def _refuse_unserved(told: Mapping[str, Any]) -> None:
    found = [why for key, why in _UNSERVED.items() if told.get(key)]
    if told.get("bias", "none") != "none":
        found.append("has biases (bias)")
    start = told.get("init_lora_weights", True)
    if isinstance(start, str) and start.lower() not in _PLAIN_STARTS:
        found.append(f"fits only a base model changed by its start (init_lora_weights={start[:40]!r})")
    if found:
        raise AdapterRefused(
            f"The adapter {found[0]}, which vLLM does not serve.",
            "Train a plain LoRA on linear layers; rsLoRA is served too.",
        )


def _configuration(told: Mapping[str, Any]) -> Configuration:
    if not _positive(told.get("lora_alpha")):
        raise _wrong("lora_alpha", "a positive number")
    _refuse_wrong_modules(told.get("target_modules"))
    base = told.get("base_model_name_or_path")
    if base is not None and not isinstance(base, str):
        raise _wrong("base_model_name_or_path", "a text")
    if not all(_positive(alpha) for alpha in _patterns(told, "alpha_pattern").values()):
        raise _wrong("alpha_pattern", "positive numbers by module")
    ranks = _patterns(told, "rank_pattern")
    return Configuration(
        (base or "").strip(),
        _rank(told.get("r"), "r"),
        {name: _rank(rank, "rank_pattern") for name, rank in ranks.items()},
    )


def _rank(value: Any, key: str) -> int:
    if type(value) is not int or not 1 <= value <= LARGEST_RANK:
        raise _wrong(key, f"a whole number from 1 to {LARGEST_RANK}")
    return value


def _refuse_wrong_modules(value: Any) -> None:
    """vLLM asks for them, and goes by the names of the weights."""
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not names or not all(isinstance(name, str) and name for name in names):
        raise _wrong("target_modules", "the names of the modules it changes")


def _patterns(told: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """By plain names: a model server takes the keys for regular expressions, and some of those never end."""
    found = told.get(key) or {}
    if not isinstance(found, dict) or not all(_is_module(name) for name in found):
        raise _wrong(key, "values by the names of modules, without patterns")
    return found


def _positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < MAX_ALPHA


def _is_module(name: Any) -> bool:
    return isinstance(name, str) and len(name) <= 200 and _MODULE.fullmatch(name) is not None


def _wrong(key: str, what: str) -> AdapterRefused:
    return AdapterRefused(f"`{key}` in adapter_config.json must be {what}.", "Use the file that PEFT wrote.")
