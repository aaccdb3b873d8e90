"""A plan as what an operator runs: the command of each machine, a service for Docker Compose, and Helm values."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from serve.engine.planner.command import Node, ServeOptions, serve_arguments, serve_environment
from serve.engine.planner.plan import Plan
from serve.engine.planner.sizing import Sizing
from serve.engine.profiles.profile import ModelProfile

IMAGE, AMD_IMAGE, CPU_IMAGE, TAG = "vllm/vllm-openai", "vllm/vllm-openai-rocm", "vllm/vllm-openai-cpu", "v0.32.0"
HEAD = "HEAD_ADDRESS"
WEIGHTS_IN_CONTAINER = "/weights"
# four tokens a piece: the gateway sends sentences, so readers see no difference, and a quarter of the events are made
STREAM_INTERVAL = 4
QUEUE_BEYOND = 2


def options_of(plan: Plan, weights: str, *, host: str = "127.0.0.1", port: int = 8000) -> ServeOptions:
    """How to serve what was chosen. The plan must have chosen something."""
    sizing = _chosen(plan)
    layout, cpu = sizing.layout, sizing.gpu.cpu
    return ServeOptions(
        weights=weights,
        name=plan.profile.name,
        host=host,
        port=port,
        context_tokens=plan.demand.context_tokens,
        sequences=sizing.sequences_per_copy,
        batch_tokens=plan.demand.batch_tokens,
        queue=QUEUE_BEYOND * sizing.sequences_per_copy * layout.data,
        stream_interval=STREAM_INTERVAL,
        memory_share=plan.demand.memory_share,
        kv_cache_bytes=_cpu_cache(plan, sizing) if cpu else 0,
        kv_dtype=sizing.kv_dtype,
        quantization=sizing.form.quantization,
        tensor_parallel=layout.tensor,
        pipeline_parallel=layout.pipeline,
        data_parallel=layout.data,
        expert_parallel=layout.expert,
        cpu=cpu,
    )


def commands(plan: Plan, options: ServeOptions) -> list[str]:
    """A shell command for each machine, the first machine's first; the key is read from the environment."""
    nodes = _chosen(plan).nodes
    environment = shlex.join(f"{name}={value}" for name, value in serve_environment(options).items())
    found = []
    for rank in range(nodes):
        node = Node(rank, nodes, HEAD) if nodes > 1 else None
        arguments = serve_arguments(plan.profile, replace(options, node=node))
        found.append(f"{environment} vllm serve {shlex.join(arguments)}")
    return found


def ray_commands(plan: Plan, options: ServeOptions) -> list[str]:
    """The same by way of Ray: what starts it on the first machine, on the others, and the model on the first."""
    arguments = serve_arguments(plan.profile, options)
    return [
        "ray start --head --port=6379",
        f"ray start --address={HEAD}:6379",
        f"vllm serve {shlex.join([*arguments, '--distributed-executor-backend', 'ray'])}",
    ]


def compose_service(plan: Plan, options: ServeOptions) -> str:
    """A `services:` fragment. The port is not published: the gateway reaches it on the network of the project."""
    sizing = _chosen(plan)
    local = Path(options.weights).is_dir()
    inside = _inside(options, WEIGHTS_IN_CONTAINER if local else options.weights)
    service: dict[str, Any] = {
        "image": f"{_image(sizing)}:{TAG}",
        "entrypoint": ["vllm", "serve"],
        "command": serve_arguments(plan.profile, inside),
        "environment": {
            **serve_environment(inside),
            **({"HF_HUB_OFFLINE": "1"} if local else {}),
            "VLLM_API_KEY": "${VERNACULAR_MODEL_KEY:?set VERNACULAR_MODEL_KEY in .env}",
        },
        "volumes": [f"{options.weights}:{WEIGHTS_IN_CONTAINER}:ro" if local else "hub:/root/.cache/huggingface"],
        "shm_size": "16gb" if sizing.layout.gpus > 1 else "2gb",
        "restart": "unless-stopped",
    }
    if sizing.gpu.vendor == "amd":
        service |= {"devices": ["/dev/kfd", "/dev/dri"], "group_add": ["video"]}
    elif not options.cpu:
        devices = [{"driver": "nvidia", "count": sizing.layout.gpus // sizing.nodes, "capabilities": ["gpu"]}]
        service["deploy"] = {"resources": {"reservations": {"devices": devices}}}
    document: dict[str, Any] = {"services": {"vllm": service}}
    if not local:
        document["volumes"] = {"hub": {}}
    return _yaml(document)


def helm_values(plan: Plan, options: ServeOptions) -> str:
    """Values for the chart `vllm-stack` of vLLM's production stack (`servingEngineSpec.modelSpec`). Its own fields are
    used where it has them, the rest goes to `extraArgs`; it serves from one machine a replica."""
    sizing, profile = _chosen(plan), plan.profile
    arguments = serve_arguments(profile, options)
    dtype = {} if profile.dtype == "auto" else {"dtype": profile.dtype}
    spec: dict[str, Any] = {
        "name": profile.name.replace(".", "-"),
        "repository": _image(sizing),
        "tag": TAG,
        "modelURL": options.weights,
        "replicaCount": 1,
        "requestCPU": 8 * sizing.layout.gpus,
        "requestMemory": "64Gi",
        "requestGPU": sizing.layout.gpus,
        "requestGPUType": f"{sizing.gpu.vendor}.com/gpu",
        "vllmConfig": {
            "enablePrefixCaching": True,
            "enableChunkedPrefill": True,
            "maxModelLen": options.context_tokens,
            "maxNumSeqs": options.sequences,
            "gpuMemoryUtilization": options.memory_share,
            "tensorParallelSize": options.tensor_parallel,
            **dtype,
            "extraArgs": _without(arguments[1:], OF_THE_CHART),
        },
        "env": [{"name": name, "value": value} for name, value in serve_environment(options).items()],
    }
    engine = {"vllmApiKey": {"secretName": "vernacular-model-key", "secretKey": "key"}, "modelSpec": [spec]}
    return _yaml({"servingEngineSpec": engine, "routerSpec": {"enableRouter": False}})


OF_THE_CHART: Mapping[str, int] = {
    "--host": 1,
    "--port": 1,
    "--enable-prefix-caching": 0,
    "--enable-chunked-prefill": 0,
    "--max-model-len": 1,
    "--max-num-seqs": 1,
    "--gpu-memory-utilization": 1,
    "--tensor-parallel-size": 1,
    "--dtype": 1,
}


def llama_server_command(profile: ModelProfile) -> str | None:
    """llama.cpp's own command, for a profile that has one."""
    return f"llama-server {shlex.join(list(profile.llama_cpp))}" if profile.llama_cpp else None


def _without(arguments: list[str], flags: Mapping[str, int]) -> list[str]:
    """Less the `flags`, each with as many values as it is given."""
    found, skip = [], 0
    for word in arguments:
        if skip:
            skip -= 1
        elif word in flags:
            skip = flags[word]
        else:
            found.append(word)
    return found


def _chosen(plan: Plan) -> Sizing:
    if plan.chosen is None:
        raise ValueError("nothing fits, so there is nothing to serve")
    return plan.chosen


def _image(sizing: Sizing) -> str:
    if sizing.gpu.cpu:
        return CPU_IMAGE
    return AMD_IMAGE if sizing.gpu.vendor == "amd" else IMAGE


def _cpu_cache(plan: Plan, sizing: Sizing) -> int:
    """What the users need, and at least one whole context: a CPU's cache is taken from the machine's memory at once."""
    tokens = max(plan.demand.users * plan.demand.typical_tokens, plan.demand.context_tokens)
    return min(sizing.kv_bytes, (tokens + 32) * sizing.kv_bytes_per_token)


def _inside(options: ServeOptions, weights: str) -> ServeOptions:
    return replace(options, weights=weights, host="0.0.0.0")  # noqa: S104 - of the container, whose port is not published


def _yaml(document: Mapping[str, Any]) -> str:
    text: str = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)
    return text
