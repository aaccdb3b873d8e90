"""Memory of the key-value cache, by the formulas that vLLM's own count follows to the block."""

from __future__ import annotations

from serve.engine.profiles.architecture import Architecture

DTYPE_BYTES = {"auto": 2, "bfloat16": 2, "float16": 2, "fp8": 1, "float32": 4}
GPU_BLOCK, CPU_BLOCK = 16, 32


def kv_bytes_per_token(
    architecture: Architecture, *, tensor_parallel: int = 1, pipeline_parallel: int = 1, kv_dtype: str = "auto"
) -> int:
    """Bytes that one token takes on each GPU (of the stage that has most layers, with pipeline parallelism).

    GQA: 2 · layers · max(1, kv_heads / TP) · head_dim · bytes: with more GPUs than key-value heads, vLLM keeps a copy on
    each. MLA: layers · (kv_lora_rank + rope_head_dim) · bytes: the latent is whole on each GPU. `kv_dtype`: `auto` is
    16 bits.
    """
    layers = -(-architecture.layers // pipeline_parallel)
    size = DTYPE_BYTES[kv_dtype]
    if architecture.mla:
        return layers * (architecture.kv_lora_rank + architecture.rope_head_dim) * size
    return 2 * layers * max(1, architecture.kv_heads // tensor_parallel) * architecture.head_dim * size


def kv_tokens(
    architecture: Architecture,
    memory_bytes: int,
    *,
    tensor_parallel: int = 1,
    pipeline_parallel: int = 1,
    kv_dtype: str = "auto",
    block_size: int = GPU_BLOCK,
    context_tokens: int = 0,
) -> int:
    """Tokens that fit in `memory_bytes` of each GPU: whole blocks of `block_size` tokens, as vLLM divides memory.

    `context_tokens` (`--max-model-len`): gives the figure that vLLM logs. It counts in requests of that length, which
    take whole blocks, so the two differ where the length is not a multiple of the block.
    """
    per_token = kv_bytes_per_token(
        architecture, tensor_parallel=tensor_parallel, pipeline_parallel=pipeline_parallel, kv_dtype=kv_dtype
    )
    blocks = max(0, memory_bytes) // (per_token * block_size)
    if context_tokens:
        return int(blocks / -(-context_tokens // block_size) * context_tokens)
    return blocks * block_size
