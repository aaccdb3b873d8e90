from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import yaml

from serve.engine.planner import render
from serve.engine.planner.plan import Plan, make_plan
from serve.engine.profiles.registry import find


def qwen() -> Plan:
    return make_plan(find("qwen3-32b"), "h200:2", context_tokens=32_768, users=100)


def kimi() -> Plan:
    return make_plan(find("kimi-k2"), "h200:8x2", context_tokens=131_072, users=100)


def service(plan: Plan, weights: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(render.compose_service(plan, render.options_of(plan, weights)))
    return found


class TestCommands:
    def test_one_machine_gets_one(self) -> None:
        plan = qwen()
        (command,) = render.commands(plan, render.options_of(plan, "Qwen/Qwen3-32B"))
        words = shlex.split(command)
        assert words[words.index("vllm") : words.index("vllm") + 3] == ["vllm", "serve", "Qwen/Qwen3-32B"]
        assert "VLLM_NO_USAGE_STATS=1" in words

    def test_each_of_two_machines_gets_its_own(self) -> None:
        plan = kimi()
        first, second = render.commands(plan, render.options_of(plan, "moonshotai/Kimi-K2-Instruct"))
        assert "--tensor-parallel-size 8 --pipeline-parallel-size 2" in first
        assert "--node-rank 0" in first
        assert "--node-rank 1" in second
        assert "--headless" in second

    def test_ray_is_another_way(self) -> None:
        plan = kimi()
        head, others, serve = render.ray_commands(plan, render.options_of(plan, "w"))
        assert head.startswith("ray start --head")
        assert render.HEAD in others
        assert serve.endswith("--distributed-executor-backend ray")
        assert "--nnodes" not in serve

    def test_the_queue_is_bounded_over_all_copies(self) -> None:
        plan = make_plan(find("qwen3-8b"), "l40s:8", context_tokens=8192, users=100)
        assert plan.chosen is not None
        options = render.options_of(plan, "w")
        assert options.queue == 2 * options.sequences * plan.chosen.layout.data
        assert options.sequences * plan.chosen.layout.data >= 100

    def test_a_cpu_gets_a_cache_for_its_users_and_no_more(self) -> None:
        plan = make_plan(find("skyllm-nano"), "cpu", users=8)
        assert render.options_of(plan, "w").kv_cache_bytes == (8 * 2048 + 32) * 1536

    def test_llama_cpp_is_named_where_the_profile_has_it(self) -> None:
        command = render.llama_server_command(find("edge-qwen2.5-1.5b"))
        assert command is not None
        assert "--host 127.0.0.1" in command
        assert render.llama_server_command(find("qwen3-8b")) is None


class TestCompose:
    def test_weights_from_the_network_are_kept_in_a_volume(self) -> None:
        document = service(qwen(), "Qwen/Qwen3-32B")
        assert document["services"]["vllm"]["volumes"] == ["hub:/root/.cache/huggingface"]
        assert "hub" in document["volumes"]

    def test_a_folder_is_mounted_read_only_and_nothing_is_fetched(self, tmp_path: Path) -> None:
        found = service(qwen(), str(tmp_path))["services"]["vllm"]
        assert found["volumes"] == [f"{tmp_path}:/weights:ro"]
        assert found["command"][0] == "/weights"
        assert found["environment"]["HF_HUB_OFFLINE"] == "1"

    def test_publishes_no_port_and_asks_for_a_key(self) -> None:
        found = service(qwen(), "w")["services"]["vllm"]
        assert "ports" not in found
        assert found["environment"]["VLLM_API_KEY"].startswith("${VERNACULAR_MODEL_KEY:?")
        assert found["image"].count(":") == 1

    def test_reserves_as_many_gpus_as_are_used(self) -> None:
        plan = make_plan(find("qwen3-32b"), "l40s:8", context_tokens=8192, users=10)
        assert plan.chosen is not None
        (device,) = service(plan, "w")["services"]["vllm"]["deploy"]["resources"]["reservations"]["devices"]
        assert device["count"] == plan.chosen.layout.gpus

    def test_a_cpu_reserves_none(self) -> None:
        found = service(make_plan(find("skyllm-nano"), "cpu"), "w")["services"]["vllm"]
        assert "deploy" not in found
        assert found["image"].startswith("vllm/vllm-openai-cpu:")

    def test_gpus_of_amd_get_their_own_image_and_devices(self) -> None:
        plan = make_plan(find("qwen3-32b"), "mi300x:1", context_tokens=8192, users=10)
        found = service(plan, "w")["services"]["vllm"]
        assert found["image"].startswith("vllm/vllm-openai-rocm:")
        assert "/dev/kfd" in found["devices"]
        assert "deploy" not in found
        engine = yaml.safe_load(render.helm_values(plan, render.options_of(plan, "w")))["servingEngineSpec"]
        assert engine["modelSpec"][0]["requestGPUType"] == "amd.com/gpu"


class TestHelm:
    def test_the_charts_fields_and_extra_arguments_make_up_the_whole_command(self) -> None:
        plan = qwen()
        options = render.options_of(plan, "Qwen/Qwen3-32B")
        engine = yaml.safe_load(render.helm_values(plan, options))["servingEngineSpec"]
        (spec,) = engine["modelSpec"]
        assert spec["modelURL"] == "Qwen/Qwen3-32B"
        assert spec["vllmConfig"]["maxModelLen"] == 32_768
        assert spec["requestGPU"] == options.tensor_parallel * options.data_parallel
        extra = spec["vllmConfig"]["extraArgs"]
        assert "--host" not in extra
        assert "127.0.0.1" not in extra
        assert "--reasoning-parser" in extra
        assert all(isinstance(word, str) for word in extra)

    def test_the_key_is_a_secret_of_the_cluster(self) -> None:
        plan = qwen()
        engine = yaml.safe_load(render.helm_values(plan, render.options_of(plan, "w")))["servingEngineSpec"]
        assert set(engine["vllmApiKey"]) == {"secretName", "secretKey"}
