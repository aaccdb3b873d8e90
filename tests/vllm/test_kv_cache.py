"""The planner's count of tokens against the one that a real vLLM logs, to the token."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from serve.engine.planner.config import with_own_figures
from serve.engine.planner.kv import kv_tokens
from serve.engine.profiles.registry import find

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(400)]
MEMORY = 64 << 20
BASE = {
    "vocab_size": 512,
    "hidden_size": 128,
    "intermediate_size": 256,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 4096,
    "torch_dtype": "bfloat16",
    "bos_token_id": 0,
    "eos_token_id": 1,
}
GROUPED = {**BASE, "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "num_key_value_heads": 2}
WIDE = {
    **BASE,
    "architectures": ["Qwen3ForCausalLM"],
    "model_type": "qwen3",
    "num_hidden_layers": 5,
    "num_key_value_heads": 1,
    "head_dim": 64,
}
LATENT = {
    **BASE,
    "architectures": ["DeepseekV3ForCausalLM"],
    "model_type": "deepseek_v3",
    "num_key_value_heads": 4,
    "q_lora_rank": 64,
    "kv_lora_rank": 512,
    "qk_nope_head_dim": 128,
    "qk_rope_head_dim": 64,
    "v_head_dim": 128,
    "n_routed_experts": 4,
    "num_experts_per_tok": 2,
    "n_shared_experts": 1,
    "moe_intermediate_size": 64,
    "first_k_dense_replace": 1,
    "n_group": 1,
    "topk_group": 1,
    "topk_method": "noaux_tc",
    "scoring_func": "sigmoid",
    "norm_topk_prob": True,
    "routed_scaling_factor": 1.0,
    "moe_layer_freq": 1,
    "hidden_act": "silu",
    "rms_norm_eps": 1e-6,
    "rope_theta": 10000.0,
}
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "GQA": (GROUPED, {"max_model_len": 1024, "block_size": 32}),
    "GQA, another head size, other blocks, a length of no whole blocks": (
        WIDE,
        {"max_model_len": 1000, "block_size": 64},
    ),
    "fp8": (GROUPED, {"max_model_len": 1024, "block_size": 32, "kv_cache_dtype": "fp8"}),
    "MLA": (LATENT, {"max_model_len": 1024, "block_size": 32}),
    "TP2": (GROUPED, {"max_model_len": 2048, "block_size": 32, "tensor_parallel_size": 2}),
}


@pytest.fixture(scope="module")
def logged(vllm: Path) -> dict[str, int]:
    """What vLLM says of each case."""
    given = [
        {
            "config": config,
            "engine": {
                **engine,
                "kv_cache_memory_bytes": MEMORY,
                "distributed_executor_backend": "mp" if "tensor_parallel_size" in engine else "uni",
            },
        }
        for config, engine in CASES.values()
    ]
    environment = {
        **os.environ,
        "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
        "VLLM_CPU_OMP_THREADS_BIND": "nobind",
        "VLLM_NO_USAGE_STATS": "1",
        "OMP_NUM_THREADS": "1",
        "HF_HUB_OFFLINE": "1",
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [str(vllm.with_name("python")), str(Path(__file__).with_name("kv_sizes.py"))],
        input=json.dumps(given),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=380,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = re.split(r"^case \d+$", done.stdout, flags=re.MULTILINE)[1:]
    sizes = [re.findall(r"KV cache size: ([\d,]+) tokens", part) for part in told]
    return {name: int(found[-1].replace(",", "")) for name, found in zip(CASES, sizes, strict=True)}


@pytest.mark.parametrize("name", CASES)
def test_plans_as_many_tokens_as_vllm_counts(name: str, logged: dict[str, int], tmp_path: Path) -> None:
    config, engine = CASES[name]
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    architecture = with_own_figures(find("skyllm-nano"), tmp_path).architecture
    planned = kv_tokens(
        architecture,
        MEMORY,
        tensor_parallel=engine.get("tensor_parallel_size", 1),
        kv_dtype=engine.get("kv_cache_dtype", "auto"),
        block_size=engine["block_size"],
        context_tokens=engine["max_model_len"],
    )
    assert planned == logged[name]
