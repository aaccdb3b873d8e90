"""The arguments and environment of `vllm serve` for a profile."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from serve.engine.profiles.profile import ModelProfile
from vernacular.errors import BadRequest

# measured on a CPU: without a size, vLLM asks for nearly all free memory; blocks of 128 tokens share few prefixes
CPU_KV_BYTES = 1 << 30
# left free, a small model may fill its JSON with spaces until its tokens run out
STRUCTURED_OUTPUTS = {"backend": "xgrammar", "disable_any_whitespace": True}
CPU_FLAGS = ("--enforce-eager", "--block-size", "32")


@dataclass(frozen=True, slots=True)
class Node:
    """Which of several machines a command is for. `head` is the address of the first, which the others reach."""

    rank: int
    count: int
    head: str
    port: int = 29500


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """How a model is served; what is 0, empty or None is left to vLLM.

    `weights`: a folder or a repository, as `serve.engine.profiles.weights.locate` gives it. `name`: what the model is
    called on the server; empty: the profile's name. `kv_cache_bytes`: memory of the KV cache of each rank, instead of
    `memory_share` (the share of a GPU's memory that vLLM may take in all). `queue`: requests in flight, waiting and
    running, beyond which vLLM answers 503. `stream_interval`: tokens that a streamed piece carries. `loras`: adapters
    active at once; 0: none can be loaded. `lora_modules`: `name=folder` pairs loaded at the start. `images`: as many may
    be in a request. `cpu`: a machine without a GPU, of which `cpu_threads` are used (one is best for a tiny model).
    `extra` goes last, so that it wins over all others.
    """

    weights: str
    name: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    context_tokens: int = 0
    sequences: int = 0
    batch_tokens: int = 0
    queue: int = 0
    stream_interval: int = 1
    memory_share: float = 0.0
    kv_cache_bytes: int = 0
    kv_dtype: str = "auto"
    quantization: str = ""
    load_format: str = ""
    tensor_parallel: int = 1
    pipeline_parallel: int = 1
    data_parallel: int = 1
    expert_parallel: bool = False
    loras: int = 0
    lora_rank: int = 16
    lora_modules: tuple[str, ...] = ()
    images: int = 4
    cpu: bool = False
    cpu_threads: int = 0
    node: Node | None = None
    extra: tuple[str, ...] = ()


def serve_arguments(profile: ModelProfile, options: ServeOptions) -> list[str]:
    """The words after `vllm serve`. No key is among them: vLLM reads it from the environment, VLLM_API_KEY.

    Raises:
        BadRequest: adapters are asked for, and vLLM takes none for the model.
    """
    return [
        options.weights,
        *_server(profile, options),
        *_sizes(options),
        *_parallelism(options),
        *_abilities(profile, options),
        *_adapters(profile, options),
        *profile.flags,
        *options.extra,
    ]


def serve_environment(options: ServeOptions) -> dict[str, str]:
    """What `vllm serve` needs in its environment besides the key: nothing is reported to anyone, nor fetched where the
    weights are at hand, and adapters are loaded at run time only where they were asked for."""
    found = {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}
    if Path(options.weights).is_dir():
        found["HF_HUB_OFFLINE"] = "1"
    if options.loras:
        found["VLLM_ALLOW_RUNTIME_LORA_UPDATING"] = "True"
    if options.cpu:
        found["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0"
        if options.cpu_threads:
            found["OMP_NUM_THREADS"] = str(options.cpu_threads)
    return found


def all_flags(profiles: Sequence[ModelProfile]) -> dict[str, list[str]]:
    """For each profile, arguments with every option in use that it can have: what a vLLM's own parser should take."""
    found = {}
    for profile in profiles:
        options = ServeOptions(
            weights=profile.repository or "weights",
            context_tokens=profile.context_tokens,
            sequences=64,
            batch_tokens=8192,
            queue=128,
            stream_interval=4,
            memory_share=0.9,
            kv_dtype="fp8",
            load_format="dummy",
            tensor_parallel=2,
            pipeline_parallel=2,
            data_parallel=2,
            expert_parallel=bool(profile.architecture.experts),
            loras=4 if profile.lora else 0,
            node=Node(rank=1, count=2, head="10.0.0.1"),
        )
        found[profile.name] = serve_arguments(profile, options)
        cpu = ServeOptions(weights="weights", cpu=True, kv_cache_bytes=1 << 28)
        found[f"{profile.name} on a CPU"] = serve_arguments(profile, cpu)
    return found


def _server(profile: ModelProfile, options: ServeOptions) -> list[str]:
    found = ["--served-model-name", options.name or profile.name, "--host", options.host, "--port", str(options.port)]
    # neither the schema nor a page that tries requests is for those who reach the port; probes are no news in a log
    found += ["--disable-fastapi-docs", "--disable-access-log-for-endpoints", "/health,/metrics"]
    return [*found, "--structured-outputs-config", json.dumps(STRUCTURED_OUTPUTS)]


def _sizes(options: ServeOptions) -> list[str]:
    kv_cache_bytes = options.kv_cache_bytes or (CPU_KV_BYTES if options.cpu else 0)
    valued: dict[str, str | float] = {
        "--max-model-len": options.context_tokens,
        "--max-num-seqs": options.sequences,
        "--max-num-batched-tokens": options.batch_tokens,
        "--max-num-queued-reqs": options.queue,
        "--stream-interval": options.stream_interval if options.stream_interval > 1 else 0,
        "--gpu-memory-utilization": 0.0 if kv_cache_bytes else options.memory_share,
        "--kv-cache-memory-bytes": kv_cache_bytes,
        "--kv-cache-dtype": "" if options.kv_dtype == "auto" else options.kv_dtype,
        "--load-format": options.load_format,
    }
    return [*_valued(valued), "--enable-prefix-caching", "--enable-chunked-prefill"]


def _parallelism(options: ServeOptions) -> list[str]:
    valued = {
        "--tensor-parallel-size": _beyond_one(options.tensor_parallel),
        "--pipeline-parallel-size": _beyond_one(options.pipeline_parallel),
        "--data-parallel-size": _beyond_one(options.data_parallel),
    }
    found = _valued(valued)
    if options.expert_parallel:
        found.append("--enable-expert-parallel")
    if options.node is not None:
        node = options.node
        found += ["--nnodes", str(node.count), "--node-rank", str(node.rank)]
        found += ["--master-addr", node.head, "--master-port", str(node.port)]
        found += _valued({"--data-parallel-address": node.head if options.data_parallel > 1 else ""})
        found += ["--headless"] if node.rank else []
    if options.cpu:
        found += CPU_FLAGS
        found += ["--distributed-executor-backend", "uni"] if options.tensor_parallel == 1 else []
    return found


def _abilities(profile: ModelProfile, options: ServeOptions) -> list[str]:
    valued = {
        "--dtype": "" if profile.dtype == "auto" else profile.dtype,
        "--quantization": options.quantization,
        "--tool-call-parser": profile.tool_parser,
        "--reasoning-parser": profile.reasoning_parser,
    }
    found = _valued(valued)
    if profile.tool_parser:
        found.append("--enable-auto-tool-choice")
    if profile.trust_remote_code:
        found.append("--trust-remote-code")
    if profile.vision:
        limits = {"image": options.images, **({"video": 0} if "video" in profile.modalities else {})}
        # no address is ever fetched: images come inside the request, and `.invalid` resolves nowhere (RFC 6761)
        found += ["--limit-mm-per-prompt", json.dumps(limits), "--allowed-media-domains", "none.invalid"]
    return found


def _adapters(profile: ModelProfile, options: ServeOptions) -> list[str]:
    if not options.loras:
        return []
    if not profile.lora:
        raise BadRequest(
            f"vLLM loads no adapters for {profile.title}.", "Serve it without, or tune a model that takes adapters."
        )
    found = ["--enable-lora", "--max-loras", str(options.loras), "--max-cpu-loras", str(2 * options.loras)]
    found += ["--max-lora-rank", str(options.lora_rank)]
    return [*found, "--lora-modules", *options.lora_modules] if options.lora_modules else found


def _valued(flags: Mapping[str, str | float]) -> list[str]:
    """Those that have a value: neither 0 nor empty."""
    return [word for flag, value in flags.items() if value for word in (flag, str(value))]


def _beyond_one(size: int) -> int:
    return size if size > 1 else 0
