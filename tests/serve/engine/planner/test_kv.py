from __future__ import annotations

import pytest

from serve.engine.planner.kv import kv_bytes_per_token, kv_tokens
from serve.engine.profiles.architecture import Architecture
from serve.engine.profiles.registry import find

MIB = 1024**2


def gqa(layers: int, kv_heads: int, head_dim: int, heads: int = 8) -> Architecture:
    return Architecture(
        model_type="llama",
        layers=layers,
        hidden=heads * head_dim,
        heads=heads,
        kv_heads=kv_heads,
        head_dim=head_dim,
        intermediate=64,
        vocab=128,
        max_position=2048,
    )


def mla(layers: int) -> Architecture:
    return Architecture(
        model_type="deepseek_v3",
        layers=layers,
        hidden=128,
        heads=4,
        kv_heads=4,
        head_dim=128,
        intermediate=64,
        vocab=128,
        max_position=2048,
        kv_lora_rank=512,
        rope_head_dim=64,
        nope_head_dim=128,
    )


class TestAgainstTheLogsOfVllm:
    """Figures that vLLM 0.32 logged for these sizes."""

    def test_grouped_attention(self) -> None:
        assert kv_tokens(gqa(2, 2, 32), 256 * MIB, block_size=32) == 524_288

    def test_rounds_down_to_whole_blocks(self) -> None:
        assert kv_bytes_per_token(gqa(24, 2, 64)) == 12_288
        assert kv_tokens(gqa(24, 2, 64), 512 * MIB, block_size=128) == 43_648

    def test_latent_attention(self) -> None:
        assert kv_bytes_per_token(mla(2)) == 2 * 576 * 2
        assert kv_tokens(mla(2), 128 * MIB, block_size=128) == 58_240

    def test_tensor_parallelism_divides_the_heads(self) -> None:
        assert kv_bytes_per_token(gqa(2, 2, 32), tensor_parallel=2) == 256
        assert kv_tokens(gqa(2, 2, 32), 128 * MIB, tensor_parallel=2, block_size=32) == 524_288


class TestBytesPerToken:
    @pytest.mark.parametrize(
        ("name", "kib"),
        [
            ("qwen2.5-7b-instruct", 56),
            ("qwen3-8b", 144),
            ("qwen2.5-14b-instruct", 192),
            ("qwen3-32b", 256),
            ("qwen3-30b-a3b", 96),
            ("kimi-k2", 68.625),
            ("moonlight-16b-a3b", 30.375),
            ("kimi-vl-a3b", 30.375),
        ],
    )
    def test_of_known_models_in_16_bits(self, name: str, kib: float) -> None:
        assert kv_bytes_per_token(find(name).architecture) == kib * 1024

    def test_eight_bits_are_half(self) -> None:
        architecture = find("qwen3-8b").architecture
        assert kv_bytes_per_token(architecture, kv_dtype="fp8") * 2 == kv_bytes_per_token(architecture)

    def test_heads_are_copied_where_there_are_more_gpus_than_heads(self) -> None:
        architecture = find("qwen2.5-7b-instruct").architecture
        whole = kv_bytes_per_token(architecture)
        assert kv_bytes_per_token(architecture, tensor_parallel=4) * 4 == whole
        assert kv_bytes_per_token(architecture, tensor_parallel=8) * 4 == whole

    def test_a_latent_is_whole_on_each_gpu(self) -> None:
        architecture = find("kimi-k2").architecture
        assert kv_bytes_per_token(architecture, tensor_parallel=8) == kv_bytes_per_token(architecture)

    def test_stages_divide_the_layers_and_the_largest_counts(self) -> None:
        assert kv_bytes_per_token(find("kimi-k2").architecture, pipeline_parallel=2) == 31 * 576 * 2


class TestTokens:
    def test_no_memory_holds_none(self) -> None:
        assert kv_tokens(gqa(2, 2, 32), -5) == 0

    def test_a_context_that_is_no_whole_number_of_blocks_is_counted_as_the_log_does(self) -> None:
        blocks = 10
        memory = blocks * 16 * kv_bytes_per_token(gqa(2, 2, 32))
        assert kv_tokens(gqa(2, 2, 32), memory, context_tokens=32) == 160
        assert kv_tokens(gqa(2, 2, 32), memory, context_tokens=40) == int(10 / 3 * 40)
