"""The kinds of GPU a plan can be made for, and how many of one there are."""

from __future__ import annotations

import functools
import math
import re
import tomllib
from dataclasses import dataclass, replace
from importlib import resources

from vernacular.errors import BadRequest

CPU = "cpu"
_WRITTEN = re.compile(r"(?P<kind>[a-z0-9-]+)(?::(?P<per_node>\d{1,4})(?:x(?P<nodes>\d{1,3}))?)?")


@dataclass(frozen=True, slots=True)
class Gpu:
    """`memory_bytes`: what the driver reports. `price`: an hour's, as a weight for comparing. `fp8`: computes in it."""

    name: str
    title: str
    memory_bytes: int
    per_node: int
    price: float
    fp8: bool
    vendor: str = "nvidia"

    @property
    def cpu(self) -> bool:
        return self.name == CPU


@dataclass(frozen=True, slots=True)
class Pool:
    """Machines of the same make: `nodes` of them with `per_node` GPUs each."""

    gpu: Gpu
    per_node: int
    nodes: int = 1

    @property
    def gpus(self) -> int:
        return self.per_node * self.nodes

    def __str__(self) -> str:
        return f"{self.gpu.name}:{self.per_node}" + (f"x{self.nodes}" if self.nodes > 1 else "")


@functools.cache
def gpus() -> dict[str, Gpu]:
    text = resources.files("serve.engine.planner").joinpath("gpus.toml").read_text(encoding="utf-8")
    return {
        name: Gpu(
            name,
            fields["title"],
            fields["memory_mib"] * 1024**2,
            fields["per_node"],
            float(fields["price"]),
            fields["fp8"],
            fields.get("vendor", "nvidia"),
        )
        for name, fields in tomllib.loads(text).items()
    }


def parse(written: str, *, nodes: int = 1, memory_gib: float = 0) -> list[Pool]:
    """`h200:8x2,l40s:4`: kinds, each with the number in a machine and the number of machines. `any`: all kinds.

    `nodes`: machines where none are written. `memory_gib`: of each device, in place of the known figure.

    Raises:
        BadRequest: not so written, or a kind that is not known.
    """
    if nodes < 1:
        raise BadRequest(f"{nodes} machines cannot serve a model.", "Give --nodes 1 or more.")
    if memory_gib < 0 or not math.isfinite(memory_gib):
        raise BadRequest("A device's memory is a number that is not negative.", "Give --memory in GiB.")
    if written.strip().lower() == "any":
        return [Pool(gpu, gpu.per_node, nodes) for gpu in gpus().values() if not gpu.cpu]
    return [_pool(part.strip().lower(), nodes, memory_gib) for part in written.split(",")]


def _pool(part: str, nodes: int, memory_gib: float) -> Pool:
    found = _WRITTEN.fullmatch(part)
    if found is None:
        raise BadRequest(f"{part!r} names no GPUs.", "Write KIND:NUMBER, or KIND:NUMBERxMACHINES: h200:1, h200:8x2.")
    kind, known = found["kind"], gpus()
    if kind not in known:
        raise BadRequest(
            f"The GPU {kind!r} is not known.",
            f"Known: {', '.join(known)}. For another, take one like it with --memory.",
        )
    per_node, machines = int(found["per_node"] or 1), int(found["nodes"] or nodes)
    if not per_node or not machines:
        raise BadRequest(f"{part!r} names no GPUs.", "Give at least one: h200:1.")
    gpu = known[kind]
    if memory_gib:
        gpu = replace(gpu, memory_bytes=int(memory_gib * 1024**3))
    return Pool(gpu, per_node, machines)
