"""Adapters made by hand: the files' formats written out, so that every rule of them can be broken."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
HIDDEN, KEYS, INNER, RANK = 128, 64, 256, 8
DTYPES = {"float32": "F32", "float16": "F16", "float64": "F64", "int64": "I64"}


def tensors(rank: int = RANK, seed: int = 0, hidden: int = HIDDEN, layers: int = 2) -> dict[str, Array]:
    """A LoRA on q_proj and v_proj of every layer of a model with those sizes."""
    random = np.random.default_rng(seed)
    found: dict[str, Array] = {}
    for layer in range(layers):
        for module, width in (("q_proj", hidden), ("v_proj", KEYS)):
            name = f"base_model.model.model.layers.{layer}.self_attn.{module}"
            found[f"{name}.lora_A.weight"] = random.standard_normal((rank, hidden)).astype(np.float32)
            found[f"{name}.lora_B.weight"] = random.standard_normal((width, rank)).astype(np.float32)
    return found


def both(module: str, inputs: int, outputs: int, rank: int = RANK) -> dict[str, Array]:
    """The two halves of a LoRA on one module."""
    return {
        f"{module}.lora_A.weight": np.zeros((rank, inputs), np.float32),
        f"{module}.lora_B.weight": np.zeros((outputs, rank), np.float32),
    }


def configuration(**changes: Any) -> dict[str, Any]:
    """As PEFT writes it, with `changes`; the base model is called as a folder of that name."""
    told: dict[str, Any] = {
        "alpha_pattern": {},
        "auto_mapping": None,
        "base_model_name_or_path": "/models/tiny",
        "bias": "none",
        "init_lora_weights": True,
        "layer_replication": None,
        "lora_alpha": 16,
        "modules_to_save": None,
        "peft_type": "LORA",
        "r": RANK,
        "rank_pattern": {},
        "target_modules": ["q_proj", "v_proj"],
        "task_type": "CAUSAL_LM",
        "use_dora": False,
        "use_rslora": False,
    }
    return told | changes


def weights(arrays: Mapping[str, Array], header: Mapping[str, Any] | None = None) -> bytes:
    """A safetensors file; `header` changes entries of its header."""
    entries: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    data = b""
    for name, array in arrays.items():
        raw = array.tobytes()
        place = [len(data), len(data) + len(raw)]
        entries[name] = {"dtype": DTYPES[array.dtype.name], "shape": list(array.shape), "data_offsets": place}
        data += raw
    return packed(json.dumps(entries | dict(header or {})).encode(), data)


def packed(header: bytes, data: bytes = b"") -> bytes:
    return struct.pack("<Q", len(header)) + header + data


def adapter(folder: Path, arrays: Mapping[str, Array] | None = None, **changes: Any) -> Path:
    """A sound adapter in `folder`, but for what is given."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "adapter_config.json").write_text(json.dumps(configuration(**changes)), encoding="utf-8")
    rank = changes.get("r", RANK)
    (folder / "adapter_model.safetensors").write_bytes(weights(tensors(rank) if arrays is None else arrays))
    return folder
