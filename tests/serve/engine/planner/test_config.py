from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from serve.engine.planner.config import with_own_figures, with_repository
from serve.engine.planner.kv import kv_bytes_per_token
from serve.engine.profiles.profile import ModelProfile
from serve.engine.profiles.registry import find
from vernacular.errors import UnreadableFile

LLAMA = {
    "model_type": "llama",
    "hidden_size": 4096,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "intermediate_size": 11008,
    "vocab_size": 65536,
    "max_position_embeddings": 8192,
}
QWEN2 = {**LLAMA, "model_type": "qwen2", "num_key_value_heads": 4, "tie_word_embeddings": True}
QWEN3_MOE = {
    **LLAMA,
    "model_type": "qwen3_moe",
    "head_dim": 128,
    "num_key_value_heads": 4,
    "num_experts": 128,
    "num_experts_per_tok": 8,
    "moe_intermediate_size": 768,
    "mlp_only_layers": [],
}
KIMI = {
    **LLAMA,
    "model_type": "kimi_k2",
    "num_key_value_heads": 32,
    "kv_lora_rank": 512,
    "q_lora_rank": 1536,
    "qk_rope_head_dim": 64,
    "qk_nope_head_dim": 128,
    "v_head_dim": 128,
    "n_routed_experts": 384,
    "num_experts_per_tok": 8,
    "n_shared_experts": 1,
    "moe_intermediate_size": 2048,
    "first_k_dense_replace": 1,
    "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]},
}


def read(folder: Path, config: object, base: str = "skyllm-7b") -> ModelProfile:
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return with_own_figures(find(base), folder)


class TestShapes:
    def test_llama_without_grouped_heads(self, tmp_path: Path) -> None:
        found = read(tmp_path, LLAMA)
        assert found.architecture.kv_heads == 32
        assert found.architecture.head_dim == 128
        assert found.architecture.vocab == 65536
        assert found.context_tokens == 8192

    def test_qwen2_has_biases_and_may_tie_its_embeddings(self, tmp_path: Path) -> None:
        architecture = read(tmp_path, QWEN2).architecture
        assert architecture.attention_bias
        assert architecture.tied_embeddings

    def test_qwen3_with_experts(self, tmp_path: Path) -> None:
        architecture = read(tmp_path, QWEN3_MOE).architecture
        assert (architecture.experts, architecture.experts_active, architecture.expert_intermediate) == (128, 8, 768)
        assert architecture.moe_layers == 32

    def test_latent_attention_and_experts_of_kimi(self, tmp_path: Path) -> None:
        found = read(tmp_path, KIMI)
        assert kv_bytes_per_token(found.architecture) == 32 * 576 * 2
        assert found.architecture.shared_experts == 1
        assert found.architecture.moe_layers == 31
        assert found.forms[0].precision == "fp8"

    def test_the_text_part_of_a_vision_model(self, tmp_path: Path) -> None:
        config = {"model_type": "qwen2_5_vl", "text_config": QWEN2, "vision_config": {"depth": 32}}
        architecture = read(tmp_path, config, "qwen2.5-vl-7b").architecture
        assert architecture.model_type == "qwen2_5_vl"
        assert architecture.layers == 32
        assert architecture.vision_parameters == find("qwen2.5-vl-7b").architecture.vision_parameters

    def test_a_vision_model_whose_text_part_lies_open(self, tmp_path: Path) -> None:
        config = {**QWEN2, "model_type": "qwen2_5_vl", "vision_config": {"hidden_size": 1280}}
        assert read(tmp_path, config, "qwen2.5-vl-7b").architecture.attention_bias


class TestForms:
    @pytest.mark.parametrize(
        ("quantisation", "precision"),
        [
            ({"quant_method": "awq", "bits": 4}, "int4"),
            ({"quant_method": "gptq", "bits": 4}, "int4"),
            ({"quant_method": "gptq", "bits": 8}, "fp8"),
            (
                {"quant_method": "compressed-tensors", "config_groups": {"group_0": {"weights": {"num_bits": 4}}}},
                "int4",
            ),
            ({"quant_method": "compressed-tensors", "config_groups": {}}, "fp8"),
        ],
    )
    def test_the_precision_is_read(self, tmp_path: Path, quantisation: dict[str, Any], precision: str) -> None:
        found = read(tmp_path, {**LLAMA, "quantization_config": quantisation})
        assert [form.precision for form in found.forms] == [precision]

    def test_weights_of_16_bits_can_be_made_8_while_loading(self, tmp_path: Path) -> None:
        forms = read(tmp_path, LLAMA).forms
        assert [(form.precision, form.quantization) for form in forms] == [("bf16", ""), ("fp8", "fp8")]

    def test_the_size_is_that_of_the_files(self, tmp_path: Path) -> None:
        (tmp_path / "model-1.safetensors").write_bytes(b"x" * 700)
        (tmp_path / "model-2.safetensors").write_bytes(b"x" * 50)
        assert read(tmp_path, LLAMA).forms[0].size_bytes == 750

    def test_another_repository_is_taken_in_the_makers_form(self) -> None:
        found = with_repository(find("qwen2.5-7b-instruct"), "acme/tuned")
        assert [(form.precision, form.repository) for form in found.forms] == [
            ("bf16", "acme/tuned"),
            ("fp8", "acme/tuned"),
        ]


class TestErrors:
    def test_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableFile, match="cannot be read"):
            with_own_figures(find("skyllm-7b"), tmp_path)

    def test_no_object(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableFile, match="no model's configuration"):
            read(tmp_path, [1])

    def test_another_kind_of_model_names_what_is_missing(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableFile, match="num_attention_heads"):
            read(tmp_path, {"model_type": "mamba", "hidden_size": 8})

    @pytest.mark.parametrize(
        "odd",
        [
            {"num_attention_heads": 0},
            {"num_attention_heads": "32"},
            {"model_type": ["llama"]},
            {"text_config": "llama"},
            {"quantization_config": "awq"},
            {"quantization_config": {"quant_method": "compressed-tensors", "config_groups": [1]}},
            {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 0},
            {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 8, "mlp_only_layers": 5},
        ],
    )
    def test_values_of_another_kind(self, tmp_path: Path, odd: dict[str, Any]) -> None:
        with pytest.raises(UnreadableFile, match="a value is not what it must be"):
            read(tmp_path, {**LLAMA, **odd})

    def test_objects_in_objects_without_end(self, tmp_path: Path) -> None:
        (tmp_path / "config.json").write_text('{"a":' * 100_000, encoding="utf-8")
        with pytest.raises(UnreadableFile, match="cannot be read"):
            with_own_figures(find("skyllm-7b"), tmp_path)

    def test_figures_that_cannot_be(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableFile, match="layers"):
            read(tmp_path, {**LLAMA, "num_hidden_layers": 0})
