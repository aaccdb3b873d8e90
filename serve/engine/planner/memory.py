"""What a GPU's memory goes to besides the key-value cache: weights, and a reserve for computing."""

from __future__ import annotations

from dataclasses import dataclass

from serve.engine.profiles.architecture import Architecture
from serve.engine.profiles.profile import Precision, WeightForm

GIB = 1024**3
# bytes a parameter of a linear layer takes; in four bits a scale and a zero point for each 128 come on top
LINEAR_BYTES: dict[Precision, float] = {"bf16": 2.0, "fp8": 1.0, "int4": (4 + 16 / 128 + 4 / 128) / 8}
RESERVE_BYTES = 2 * GIB
PARALLEL_RESERVE_BYTES = GIB // 2
VISION_RESERVE_BYTES = GIB
ASSUMPTION = (
    "2 GiB for the CUDA context and graphs, half a GiB more with several GPUs and one with a vision encoder, "
    "the activations of one batch, and the scores of one step"
)


@dataclass(frozen=True, slots=True)
class WeightBytes:
    """Of the whole model: routed experts, vision encoder, and the rest."""

    experts: int
    vision: int
    rest: int

    @property
    def total(self) -> int:
        return self.experts + self.vision + self.rest


def weight_bytes(architecture: Architecture, form: WeightForm) -> WeightBytes:
    """Size of the weights in `form`: its published size where that is known, else counted from the shapes.

    Embeddings, norms, routers and the vision encoder stay in 16 bits when linear layers are quantised.
    """
    kept = architecture.vocab * architecture.hidden * (1 if architecture.tied_embeddings else 2)
    kept += architecture.moe_layers * architecture.hidden * architecture.experts
    linear = architecture.parameters - architecture.expert_parameters - architecture.vision_parameters - kept
    size = LINEAR_BYTES[form.precision]
    experts = architecture.expert_parameters * size
    rest = linear * size + kept * 2
    vision = architecture.vision_parameters * 2
    scale = form.size_bytes / (experts + rest + vision) if form.size_bytes else 1.0
    return WeightBytes(round(experts * scale), round(vision * scale), round(rest * scale))


def weight_bytes_per_gpu(
    weights: WeightBytes,
    layers: int,
    *,
    tensor_parallel: int,
    pipeline_parallel: int,
    data_parallel: int,
    expert_parallel: bool,
) -> int:
    """On the GPU that holds most: the stage with most layers, and a whole vision encoder."""
    stage = -(-layers // pipeline_parallel) / layers
    sharing = tensor_parallel * (data_parallel if expert_parallel else 1)
    return round(stage * (weights.rest / tensor_parallel + weights.experts / sharing)) + weights.vision


def reserve_bytes(
    architecture: Architecture, *, batch_tokens: int, sequences: int, tensor_parallel: int, several: bool
) -> int:
    """An estimate of what vLLM needs for computing, by `ASSUMPTION`; its log says the true figure when it starts."""
    width = architecture.intermediate
    if architecture.experts:
        active = architecture.experts_active + architecture.shared_experts
        width = max(width, active * architecture.expert_intermediate)
    activations = batch_tokens * 2 * (6 * architecture.hidden + 2 * width // tensor_parallel)
    scores = sequences * architecture.vocab * 8
    fixed = RESERVE_BYTES + (PARALLEL_RESERVE_BYTES if several else 0)
    return fixed + (VISION_RESERVE_BYTES if architecture.vision_parameters else 0) + activations + scores
