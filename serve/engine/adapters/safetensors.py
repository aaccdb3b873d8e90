"""Reads the header of a safetensors file, and trusts nothing in it.

The format: eight bytes with the header's length (little endian), the header as JSON, then the tensors' bytes. The header
maps each name to a type, a shape and the place of its bytes, counted from the header's end; tensors lie one after the
other without gaps.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

from vernacular.errors import AdapterRefused

MAX_HEADER_BYTES: Final = 16 * 1024 * 1024
MAX_TENSORS: Final = 100_000
MAX_SIDE: Final = 1 << 24
_METADATA: Final = "__metadata__"
_BITS: Final = {"F64": 64, "F32": 32, "F16": 16, "BF16": 16}
_EXPONENTS: Final = {"F64": 0x7FF0000000000000, "F32": 0x7F800000, "F16": 0x7C00, "BF16": 0x7F80}
_PICKLES: Final = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"PK\x03\x04", b"PK\x05\x06")
_BLOCK: Final = 1 << 20
_RESAVE: Final = "Save it again, with PEFT's save_pretrained(…, safe_serialization=True)."


@dataclass(frozen=True, slots=True)
class Tensor:
    """`start` and `end` are offsets in the file, in bytes."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int


def read_tensors(path: Path) -> list[Tensor]:
    """The tensors that the file says it holds, in the order of their bytes; those are not read.

    Raises:
        AdapterRefused: it is no safetensors file, or one that does not add up.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        header = _header(file, size)
    begin = size - header.data_bytes
    tensors = [_tensor(name, entry, begin) for name, entry in header.entries.items()]
    tensors.sort(key=lambda tensor: (tensor.start, tensor.end))
    reached = begin
    for tensor in tensors:
        if tensor.start != reached:
            raise _broken(f"the bytes of {tensor.name[:120]!r} overlap others or leave a gap")
        reached = tensor.end
    if reached != size:
        raise _broken("it is cut off, or holds bytes that belong to no tensor")
    return tensors


def refuse_infinite(path: Path, tensors: list[Tensor]) -> None:
    """
    Raises:
        AdapterRefused: a weight is infinite or not a number; one such spoils every answer of a batch.
    """
    with path.open("rb") as file:
        for tensor in tensors:
            exponent = _EXPONENTS[tensor.dtype]
            file.seek(tensor.start)
            left = tensor.end - tensor.start
            while left > 0:
                block = np.frombuffer(file.read(min(left, _BLOCK)), dtype=f"<u{_BITS[tensor.dtype] // 8}")
                if bool(((block & exponent) == exponent).any()):
                    raise AdapterRefused(
                        f"The weights of {tensor.name[:120]!r} are not all numbers.",
                        "The training diverged: lower its learning rate, and train again.",
                    )
                left -= _BLOCK


@dataclass(frozen=True, slots=True)
class _Header:
    entries: Mapping[str, Any]
    data_bytes: int


def _header(file: BinaryIO, size: int) -> _Header:
    first = file.read(8)
    if first.startswith(_PICKLES):
        raise AdapterRefused(
            "The weights are a pickle, whatever the file's name says: loading one runs code that is inside it.", _RESAVE
        )
    length = int.from_bytes(first, "little")
    if len(first) < 8 or not 2 <= length <= min(MAX_HEADER_BYTES, size - 8):
        raise _broken("the length of its header cannot be")
    try:
        found = json.loads(file.read(length).decode("utf-8"), object_pairs_hook=_without_twins)
    except (ValueError, RecursionError):
        raise _broken("its header is not JSON") from None
    if not isinstance(found, dict):
        raise _broken("its header is not a JSON object")
    metadata = found.pop(_METADATA, {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise _broken("its metadata are not texts")
    if not 1 <= len(found) <= MAX_TENSORS:
        raise _broken(f"it holds {len(found)} tensors")
    return _Header(found, size - 8 - length)


def _tensor(name: str, entry: Any, begin: int) -> Tensor:
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise _broken(f"the entry of {name[:120]!r} is not written as it must be")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if dtype not in _BITS:
        raise AdapterRefused(
            f"{name[:120]!r} is of the type {str(dtype)[:20]}, which adapters do not have.",
            f"Save the adapter in one of {', '.join(_BITS)}.",
        )
    if not (_whole_numbers(shape) and _whole_numbers(offsets) and len(offsets) == 2 and len(shape) <= 4):
        raise _broken(f"the shape or place of {name[:120]!r} cannot be")
    if not all(1 <= side <= MAX_SIDE for side in shape):
        raise _broken(f"the shape of {name[:120]!r} cannot be")
    if offsets[1] - offsets[0] != math.prod(shape) * _BITS[dtype] // 8:
        raise _broken(f"the shape of {name[:120]!r} does not match its bytes")
    return Tensor(name, dtype, tuple(shape), begin + offsets[0], begin + offsets[1])


def _whole_numbers(value: Any) -> bool:
    return isinstance(value, list) and all(type(each) is int and each >= 0 for each in value)


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _broken(why: str) -> AdapterRefused:
    return AdapterRefused(f"The weights are not a sound safetensors file: {why}.", _RESAVE)
