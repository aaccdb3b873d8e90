"""Where on this machine each replica of a model runs: its GPUs, or its share of the memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from serve.engine.launch.hardware import Gpu
from serve.engine.launch.preflight import CPU_OVERHEAD, check_memory, choose_gpus
from serve.engine.launch.wishes import Wishes
from serve.engine.planner.kv import kv_bytes_per_token
from serve.engine.profiles.architecture import Architecture
from vernacular.errors import BadRequest, LaunchFailed

MEMORY_SHARE = 0.90
CPU_SEQUENCES = 32
LEAST_CACHE = 256 << 20
ONE_THREAD_BELOW = 200 << 20


@dataclass(frozen=True, slots=True)
class Place:
    """`devices`: the GPUs' indices; empty: all, or none. The rest is for `ServeOptions`."""

    devices: tuple[int, ...] = ()
    tensor_parallel: int = 1
    memory_share: float = 0.0
    cpu: bool = False
    cpu_threads: int = 0
    kv_cache_bytes: int = 0


def on_gpus(gpus: Sequence[Gpu], wishes: Wishes, weights: int, architecture: Architecture) -> list[Place]:
    """A place for each replica, no GPU shared.

    Raises:
        LaunchFailed: the GPUs are too few, too small, or in use.
        BadRequest: a GPU was named that is not there, or the number does not divide the model.
    """
    if wishes.gpus and architecture.heads % wishes.gpus:
        raise BadRequest(
            f"The model's {architecture.heads} attention heads cannot be divided among {wishes.gpus} GPUs.",
            "Choose 1, 2, 4 or 8.",
        )
    share = _share(wishes)
    left = _named(gpus, wishes.devices)
    places = []
    for number in range(wishes.replicas):
        if not left:
            raise LaunchFailed(
                f"There are GPUs for {number} replicas here, and {wishes.replicas} were asked for.", "Ask for fewer."
            )
        chosen = choose_gpus(left, weights, share, architecture.heads, wishes.gpus or len(wishes.devices))
        left = [gpu for gpu in left if gpu not in chosen]
        devices = tuple(gpu.index for gpu in chosen) if len(chosen) < len(gpus) else ()
        places.append(Place(devices, len(chosen), share))
    return places


def on_other(wishes: Wishes) -> list[Place]:
    """On accelerators that are not NVIDIA's: as was asked, unchecked."""
    return [
        Place(wishes.devices, wishes.gpus or len(wishes.devices) or 1, _share(wishes)) for _ in range(wishes.replicas)
    ]


def on_cpu(
    available: int, wishes: Wishes, weights: int, architecture: Architecture, context_tokens: int
) -> list[Place]:
    """A place for each replica: a cache for 32 full contexts, or what half of the memory left holds.

    Raises:
        LaunchFailed: the memory is not enough for the weights and one context.
    """
    context_bytes = kv_bytes_per_token(architecture) * context_tokens
    if asked := wishes.extra_value("--kv-cache-memory-bytes"):
        cache = int(asked) if asked.isdigit() else context_bytes
    else:
        left = available // wishes.replicas - weights - CPU_OVERHEAD
        cache = max(context_bytes, min(max(CPU_SEQUENCES * context_bytes, LEAST_CACHE), left // 2))
    check_memory(available, weights, cache, wishes.replicas)
    # threads of several pools hinder each other more than they help a model this small
    threads = 1 if weights < ONE_THREAD_BELOW else 0
    return [Place(cpu=True, cpu_threads=threads, kv_cache_bytes=cache)] * wishes.replicas


def _share(wishes: Wishes) -> float:
    written = wishes.extra_value("--gpu-memory-utilization")
    try:
        return float(written) if written else MEMORY_SHARE
    except ValueError:
        raise BadRequest(f"--gpu-memory-utilization {written!r} is no number.", "Give a share, e.g. 0.5.") from None


def _named(gpus: Sequence[Gpu], devices: Sequence[int]) -> list[Gpu]:
    if not devices:
        return list(gpus)
    if missing := set(devices) - {gpu.index for gpu in gpus}:
        raise BadRequest(
            f"There is no GPU {min(missing)} here.", f"There are: {', '.join(str(gpu.index) for gpu in gpus)}."
        )
    return [gpu for gpu in gpus if gpu.index in devices]
