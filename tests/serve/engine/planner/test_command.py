from __future__ import annotations

import json
from pathlib import Path

import pytest

from serve.engine.planner.command import Node, ServeOptions, all_flags, serve_arguments, serve_environment
from serve.engine.profiles.registry import find, profiles
from vernacular.errors import BadRequest


def value(arguments: list[str], flag: str) -> str:
    return arguments[arguments.index(flag) + 1]


class TestArguments:
    def test_begin_with_the_weights_and_listen_on_this_machine_alone(self) -> None:
        arguments = serve_arguments(find("qwen3-8b"), ServeOptions("Qwen/Qwen3-8B", port=8101))
        assert arguments[0] == "Qwen/Qwen3-8B"
        assert value(arguments, "--host") == "127.0.0.1"
        assert value(arguments, "--port") == "8101"
        assert value(arguments, "--served-model-name") == "qwen3-8b"
        assert "--disable-fastapi-docs" in arguments

    def test_hold_no_key(self) -> None:
        for arguments in all_flags(profiles()).values():
            assert not [word for word in arguments if "key" in word.lower()]

    def test_what_is_not_asked_for_is_left_to_vllm(self) -> None:
        arguments = serve_arguments(find("qwen3-8b"), ServeOptions("w"))
        for flag in ("--max-model-len", "--gpu-memory-utilization", "--kv-cache-dtype", "--tensor-parallel-size"):
            assert flag not in arguments
        assert "--stream-interval" not in arguments
        assert "--enable-lora" not in arguments

    def test_a_size_of_the_cache_takes_the_place_of_a_share(self) -> None:
        arguments = serve_arguments(find("qwen3-8b"), ServeOptions("w", memory_share=0.9, kv_cache_bytes=7))
        assert "--gpu-memory-utilization" not in arguments
        assert value(arguments, "--kv-cache-memory-bytes") == "7"

    def test_parsers_and_code_are_the_profiles(self) -> None:
        arguments = serve_arguments(find("kimi-k2.6-int4"), ServeOptions("w"))
        assert value(arguments, "--tool-call-parser") == "kimi_k2"
        assert value(arguments, "--reasoning-parser") == "kimi_k2"
        assert "--trust-remote-code" in arguments
        assert value(arguments, "--mm-encoder-tp-mode") == "data"
        assert "--trust-remote-code" not in serve_arguments(find("qwen3-8b"), ServeOptions("w"))

    def test_a_vision_model_fetches_nothing_and_takes_few_images(self) -> None:
        arguments = serve_arguments(find("qwen2.5-vl-7b"), ServeOptions("w", images=2))
        assert json.loads(value(arguments, "--limit-mm-per-prompt")) == {"image": 2, "video": 0}
        assert value(arguments, "--allowed-media-domains").endswith(".invalid")
        assert "--limit-mm-per-prompt" not in serve_arguments(find("qwen3-8b"), ServeOptions("w"))

    def test_adapters(self) -> None:
        arguments = serve_arguments(find("skyllm-nano"), ServeOptions("w", loras=4, lora_modules=("a=/x", "b=/y")))
        assert value(arguments, "--max-loras") == "4"
        assert value(arguments, "--max-cpu-loras") == "8"
        assert arguments[arguments.index("--lora-modules") + 1 :][:2] == ["a=/x", "b=/y"]

    def test_adapters_for_a_model_that_takes_none_are_told(self) -> None:
        with pytest.raises(BadRequest, match="no adapters for Kimi-VL"):
            serve_arguments(find("kimi-vl-a3b"), ServeOptions("w", loras=1))

    def test_a_cpu_has_a_cache_of_a_size_and_small_blocks(self) -> None:
        arguments = serve_arguments(find("edge-qwen2.5-1.5b"), ServeOptions("w", cpu=True))
        assert value(arguments, "--kv-cache-memory-bytes") == str(1 << 30)
        assert value(arguments, "--block-size") == "32"
        assert value(arguments, "--distributed-executor-backend") == "uni"
        assert "--enforce-eager" in arguments

    def test_the_operators_own_flags_come_last(self) -> None:
        options = ServeOptions("w", context_tokens=4096, extra=("--max-model-len", "2048"))
        assert serve_arguments(find("qwen3-8b"), options)[-2:] == ["--max-model-len", "2048"]

    def test_each_machine_knows_its_place(self) -> None:
        profile = find("kimi-k2")
        first, second = (
            serve_arguments(profile, ServeOptions("w", pipeline_parallel=2, node=Node(rank, 2, "10.0.0.1")))
            for rank in (0, 1)
        )
        assert value(first, "--nnodes") == value(second, "--nnodes") == "2"
        assert (value(first, "--node-rank"), value(second, "--node-rank")) == ("0", "1")
        assert value(second, "--master-addr") == "10.0.0.1"
        assert "--headless" in second
        assert "--headless" not in first
        assert "--data-parallel-address" not in first

    def test_copies_on_several_machines_find_the_first(self) -> None:
        options = ServeOptions("w", data_parallel=16, expert_parallel=True, node=Node(1, 2, "10.0.0.1"))
        arguments = serve_arguments(find("kimi-k2"), options)
        assert value(arguments, "--data-parallel-address") == "10.0.0.1"
        assert "--enable-expert-parallel" in arguments


class TestEnvironment:
    def test_reports_nothing_to_anyone(self) -> None:
        found = serve_environment(ServeOptions("Qwen/Qwen3-8B"))
        assert found == {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}

    def test_fetches_nothing_where_the_weights_are_at_hand(self, tmp_path: Path) -> None:
        assert serve_environment(ServeOptions(str(tmp_path)))["HF_HUB_OFFLINE"] == "1"

    def test_adapters_are_loaded_at_run_time_only_where_asked_for(self) -> None:
        assert "VLLM_ALLOW_RUNTIME_LORA_UPDATING" in serve_environment(ServeOptions("w", loras=2))

    def test_a_tiny_model_uses_one_thread(self) -> None:
        found = serve_environment(ServeOptions("w", cpu=True, cpu_threads=1))
        assert found["OMP_NUM_THREADS"] == "1"
