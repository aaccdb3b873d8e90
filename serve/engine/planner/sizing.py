"""One way of serving a model on some GPUs: what goes where, and how many people it serves."""

from __future__ import annotations

from dataclasses import dataclass

from serve.engine.planner.gpus import Gpu, Pool
from serve.engine.planner.kv import CPU_BLOCK, GPU_BLOCK, kv_bytes_per_token, kv_tokens
from serve.engine.planner.memory import GIB, reserve_bytes, weight_bytes, weight_bytes_per_gpu
from serve.engine.profiles.profile import ModelProfile, WeightForm

QUANTISED_GROUP = 128  # columns that share a scale, in 8 and in 4 bits: a GPU's part of a matrix is a multiple of it


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked for: `users` wait for an answer at the same moment, each with `typical_tokens` in the cache on the
    average (question, passages and answer), none with more than `context_tokens`."""

    context_tokens: int
    users: int
    typical_tokens: int
    batch_tokens: int = 8192
    memory_share: float = 0.9


@dataclass(frozen=True, slots=True)
class Layout:
    """How a model is spread: over `tensor` GPUs within a layer, `pipeline` stages of layers, `data` such copies."""

    tensor: int = 1
    pipeline: int = 1
    data: int = 1
    expert: bool = False

    @property
    def gpus(self) -> int:
        return self.tensor * self.pipeline * self.data

    def __str__(self) -> str:
        named = {"TP": self.tensor, "PP": self.pipeline, "DP": self.data}
        text = " x ".join(f"{name}{size}" for name, size in named.items() if size > 1) or "one GPU"
        return f"{text} + EP" if self.expert else text


@dataclass(frozen=True, slots=True)
class Sizing:
    """Bytes are of one GPU, the fullest; `kv_tokens` are of one copy, sequences of all copies together.

    `reason` says why it does not do; empty when it does.
    """

    gpu: Gpu
    nodes: int
    layout: Layout
    form: WeightForm
    kv_dtype: str
    sequences_per_copy: int
    weight_bytes: int
    reserve_bytes: int
    kv_bytes: int
    kv_bytes_per_token: int
    kv_tokens: int
    full_sequences: int
    typical_sequences: int
    reason: str

    @property
    def fits(self) -> bool:
        return not self.reason

    @property
    def price(self) -> float:
        return round(self.layout.gpus * self.gpu.price, 2)


def size_up(
    profile: ModelProfile, demand: Demand, *, pool: Pool, layout: Layout, form: WeightForm, kv_dtype: str
) -> Sizing:
    """Count what `layout` leaves for the cache, and what fits in that."""
    architecture = profile.architecture
    sequences = _sequences(demand.users, layout.data)
    weights = weight_bytes_per_gpu(
        weight_bytes(architecture, form),
        architecture.layers,
        tensor_parallel=layout.tensor,
        pipeline_parallel=layout.pipeline,
        data_parallel=layout.data,
        expert_parallel=layout.expert,
    )
    reserve = reserve_bytes(
        architecture,
        batch_tokens=demand.batch_tokens,
        sequences=sequences,
        tensor_parallel=layout.tensor,
        several=layout.gpus > 1,
    )
    free = int(pool.gpu.memory_bytes * demand.memory_share) - weights - reserve
    per_token = kv_bytes_per_token(
        architecture, tensor_parallel=layout.tensor, pipeline_parallel=layout.pipeline, kv_dtype=kv_dtype
    )
    tokens = kv_tokens(
        architecture,
        free,
        tensor_parallel=layout.tensor,
        pipeline_parallel=layout.pipeline,
        kv_dtype=kv_dtype,
        block_size=CPU_BLOCK if pool.gpu.cpu else GPU_BLOCK,
    )
    full = tokens // demand.context_tokens * layout.data
    typical = tokens // min(demand.typical_tokens, demand.context_tokens) * layout.data
    return Sizing(
        gpu=pool.gpu,
        nodes=-(-layout.gpus // pool.per_node),
        layout=layout,
        form=form,
        kv_dtype=kv_dtype,
        sequences_per_copy=sequences,
        weight_bytes=weights,
        reserve_bytes=reserve,
        kv_bytes=max(0, free),
        kv_bytes_per_token=per_token,
        kv_tokens=tokens,
        full_sequences=full,
        typical_sequences=typical,
        reason=_reason(demand, pool.gpu, needed=weights + reserve, tokens=tokens, typical=typical),
    )


def layouts(profile: ModelProfile, pool: Pool, form: WeightForm) -> list[Layout]:
    """Those that vLLM takes for the model on the pool: on fewest GPUs first, then the simplest.

    Tensor parallelism is over 1, 2, 4 … GPUs of one machine and divides the attention heads; key-value heads are divided,
    or copied to GPUs in equal numbers; quantised matrices are cut at whole groups. Stages of layers come in where a
    machine has no more GPUs for it, or the heads no more to divide. With experts and several copies, the experts are
    spread over all copies.
    """
    tensors = [size for size in _powers(pool.per_node) if _divides(profile, size, form)]
    moe = bool(profile.architecture.experts)
    found = []
    for tensor in tensors:
        stages = _powers(min(pool.gpus // tensor, profile.architecture.layers)) if tensor == tensors[-1] else [1]
        for pipeline in stages:
            copies = pool.gpus // (tensor * pipeline)
            for data in _powers(copies) if moe else range(1, copies + 1):
                layout = Layout(tensor, pipeline, data, expert=moe and data > 1)
                if _places(layout, pool, profile):
                    found.append(layout)
    return sorted(found, key=lambda layout: (layout.gpus, layout.expert, layout.pipeline, layout.tensor))


def _powers(most: int) -> list[int]:
    """1, 2, 4 … up to `most`."""
    return [1 << exponent for exponent in range(most.bit_length())]


def _divides(profile: ModelProfile, tensor: int, form: WeightForm) -> bool:
    architecture = profile.architecture
    if architecture.heads % tensor:
        return False
    if not architecture.mla and architecture.kv_heads % tensor and tensor % architecture.kv_heads:
        return False
    width = architecture.expert_intermediate or architecture.intermediate
    if form.precision != "bf16" and not form.quantization and tensor > 1:
        return width % (tensor * QUANTISED_GROUP) == 0
    return width % tensor == 0


def _places(layout: Layout, pool: Pool, profile: ModelProfile) -> bool:
    """Whether every machine in use gets as many GPUs as the others and no layer is split between machines, nor a copy
    that would fit one; and whether the experts divide evenly."""
    nodes = -(-layout.gpus // pool.per_node)
    here = layout.gpus // nodes
    if layout.gpus % nodes or here % layout.tensor:
        return False
    copy = layout.tensor * layout.pipeline
    if copy <= pool.per_node and here % copy:
        return False
    return not layout.expert or profile.architecture.experts % (layout.tensor * layout.data) == 0


def _sequences(users: int, data: int) -> int:
    """`--max-num-seqs` of a copy: its share of the users in steps of 8, at least 16 and at most 1024."""
    return min(1024, max(16, -(-users // (data * 8)) * 8))


def _reason(demand: Demand, gpu: Gpu, *, needed: int, tokens: int, typical: int) -> str:
    usable = int(gpu.memory_bytes * demand.memory_share)
    if needed >= usable:
        return (
            f"{needed / GIB:.1f} GiB of weights and reserve on a GPU exceed the {usable / GIB:.1f} that vLLM may take"
        )
    if tokens < demand.context_tokens:
        return f"the cache holds {tokens:,} tokens, less than one context of {demand.context_tokens:,}"
    if typical < demand.users:
        return f"room for {typical:,} of {demand.users:,} users"
    return ""
