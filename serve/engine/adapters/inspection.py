"""Looks into an adapter from outside, without loading or running any of it, and lets in what is safe and can be served."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from serve.engine.adapters.base import Base, Shape, refuse_other_base
from serve.engine.adapters.configuration import Configuration, read_configuration
from serve.engine.adapters.safetensors import Tensor, read_tensors, refuse_infinite
from vernacular.adapters import CONFIGURATION, FILES, WEIGHTS, open_regular
from vernacular.errors import AdapterRefused

MAX_BYTES: Final = 8 * 1024**3
_PICKLES: Final = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib", ".npy", ".npz")
_CODE: Final = (".py", ".pyc", ".so", ".sh", ".ipynb", ".js", ".dll", ".dylib", ".exe")
_PASSED_OVER: Final = re.compile(
    r"(readme|licen[cs]e|notice|model_?card)(\.(md|txt))?|\.gitattributes|\.gitignore"
    r"|(tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab|trainer_state|all_results|train_results"
    r"|eval_results|training_metrics|lineage)\.json|merges\.txt|chat_template\.(jinja|json)",
    re.IGNORECASE,
)
_SIDE: Final = re.compile(r"(base_model\.model\.)?([A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*)\.lora_([AB])\.weight")
_TWO_FILES: Final = f"Give a folder with {CONFIGURATION} and {WEIGHTS}, and nothing that is loaded besides."


@dataclass(frozen=True, slots=True)
class Inspection:
    """What an adapter turned out to be. `modules`: the ends of the names of those it changes; `size` in bytes."""

    rank: int
    modules: tuple[str, ...]
    size: int


def take_copy(source: Path, into: Path) -> None:
    """Copy an adapter's two files out of a folder that someone else may still change.

    Raises:
        AdapterRefused: the folder holds what no adapter should: pickles, code, links, folders, or neither of the two.
    """
    refuse_odd_files(source)
    for name in FILES:
        with open_regular(source / name) as descriptor, os.fdopen(os.dup(descriptor), "rb") as file:
            if os.fstat(descriptor).st_size > MAX_BYTES:
                raise AdapterRefused(
                    f"{name} is larger than {MAX_BYTES >> 30} GB.", "A LoRA is far smaller; see its rank."
                )
            with (into / name).open("xb") as copy:
                shutil.copyfileobj(file, copy, 1 << 20)


def refuse_odd_files(folder: Path) -> None:
    """
    Raises:
        AdapterRefused: as `take_copy`.
    """
    if folder.is_symlink() or not folder.is_dir():
        raise AdapterRefused(f"{folder.name or folder} is not a folder.", _TWO_FILES)
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.is_symlink():
            raise AdapterRefused(f"{entry.name[:120]} is a link to somewhere else.", _TWO_FILES)
        if not entry.is_file(follow_symlinks=False):
            raise AdapterRefused(f"{entry.name[:120]} is not a file.", _TWO_FILES)
        refuse_odd_name(entry.name)
    missing = next((name for name in FILES if not (folder / name).exists()), None)
    if missing is not None:
        raise AdapterRefused(f"There is no {missing} in the folder.", _TWO_FILES)


def refuse_odd_name(name: str) -> None:
    """
    Raises:
        AdapterRefused: a file of that name has no place in an adapter.
    """
    if name in FILES:
        return
    if name.lower().endswith(_PICKLES):
        raise AdapterRefused(
            f"{name[:120]} is a pickle: loading one runs code that is inside it.",
            "Save the weights as safetensors, and give no other: save_pretrained(…, safe_serialization=True).",
        )
    if name.lower().endswith(_CODE):
        raise AdapterRefused(f"{name[:120]} is code, and adapters are weights alone.", _TWO_FILES)
    if "/" in name or "\\" in name or _PASSED_OVER.fullmatch(name) is None:
        raise AdapterRefused(f"{name[:120]!r} has no place in an adapter.", _TWO_FILES)


def inspect_adapter(folder: Path, base: Base, max_rank: int) -> Inspection:
    """What the adapter in `folder` is, for that base model and model servers that take ranks up to `max_rank`.

    Raises:
        AdapterRefused: it is unsafe, damaged, or made for another model.
    """
    told = read_configuration(folder / CONFIGURATION)
    if told.largest_rank > max_rank:
        raise AdapterRefused(
            f"The adapter's rank is {told.largest_rank}, and the model servers take {max_rank} at most.",
            "Raise VERNACULAR_ADAPTERS__MAX_RANK and start them with `-- --max-lora-rank N`, or train with a smaller rank.",
        )
    weights = folder / WEIGHTS
    tensors = read_tensors(weights)
    shapes = _modules(tensors, told)
    refuse_other_base(base, told.base, shapes)
    refuse_infinite(weights, tensors)
    ends = tuple(sorted({module.rsplit(".", 1)[-1] for module in shapes}))
    return Inspection(told.largest_rank, ends, sum((folder / name).stat().st_size for name in FILES))


def _modules(tensors: Sequence[Tensor], told: Configuration) -> dict[str, Shape]:
    """(inputs, outputs) by module, each of which must have both halves, of the rank that the configuration says."""
    halves: dict[str, dict[str, tuple[int, ...]]] = {}
    for tensor in tensors:
        found = _SIDE.fullmatch(tensor.name)
        if found is None or len(tensor.shape) != 2:
            raise AdapterRefused(
                f"{tensor.name[:120]!r} is not a weight of a LoRA on a linear layer.",
                "Train a plain LoRA on linear layers, without modules_to_save.",
            )
        if found[3] in halves.setdefault(found[2], {}):
            raise AdapterRefused(f"There are two weights for {found[2][:120]}.", "Save the adapter again.")
        halves[found[2]][found[3]] = tensor.shape
    return {module: _shape(module, pair, told.rank_of(module)) for module, pair in halves.items()}


def _shape(module: str, pair: dict[str, tuple[int, ...]], rank: int) -> Shape:
    if len(pair) != 2:
        raise AdapterRefused(f"Half of the weights for {module[:120]} are missing.", "Save the adapter again.")
    if pair["A"][0] != rank or pair["B"][1] != rank:
        raise AdapterRefused(
            f"The weights for {module[:120]} have the rank {pair['A'][0]}, and adapter_config.json says {rank}.",
            "Give the two files of one and the same adapter.",
        )
    return pair["A"][1], pair["B"][0]
