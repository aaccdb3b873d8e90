"""Speed of a model of 7B size on a GPU machine, weights random: `python -m bench.gpu [--vllm vllm] [--store FILE]`.

Needs vLLM's CUDA build and nothing else: the weights are made up by vLLM (`--load-format dummy`), the tokenizer here. Starts vLLM with
the flags that `vernacular model serve` gives a GPU, keeps 1 to 256 streamed answers going at once, and prints and stores
tokens/s, time to the first token, time a token, and the KV cache that vLLM counted beside the planner's count.

`--cpu --tiny` runs all of it on a CPU with a tiny model, to see that it works; its figures mean nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import secrets
import socket
import string
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from bench.chat_load import Target, p50, run
from serve.engine.planner.command import ServeOptions, serve_arguments, serve_environment
from serve.engine.planner.config import with_own_figures
from serve.engine.planner.kv import kv_bytes_per_token
from serve.engine.profiles.profile import ModelProfile
from serve.engine.profiles.registry import find

STORED: Final = Path(__file__).parent.parent / ".bench" / "gpu.json"
CONTEXT: Final = 8192
READY_S: Final = 900.0
SWEEP: Final = (1, 8, 32, 64, 128, 256)
SMALL_SWEEP: Final = (1, 8)
SEVEN_B: Final = {"hidden_size": 3584, "layers": 28, "heads": 28, "kv_heads": 4, "intermediate": 18944, "vocab": 152064}
TINY: Final = {"hidden_size": 128, "layers": 2, "heads": 4, "kv_heads": 2, "intermediate": 256, "vocab": 512}
_LOGGED: Final = re.compile(r"KV cache size: ([\d,]+) tokens")


@dataclass(frozen=True, slots=True)
class Load:
    """Tokens of each prompt and answer: a question with eight passages, and an answer of some length."""

    prompt: int
    answer: int


def write_model(folder: Path, sizes: dict[str, int]) -> None:
    """A configuration, and a tokenizer in which each letter is a token; the other tokens are words that nobody writes."""
    config = {
        "architectures": ["Qwen2ForCausalLM"],
        "model_type": "qwen2",
        "hidden_size": sizes["hidden_size"],
        "num_hidden_layers": sizes["layers"],
        "num_attention_heads": sizes["heads"],
        "num_key_value_heads": sizes["kv_heads"],
        "intermediate_size": sizes["intermediate"],
        "vocab_size": sizes["vocab"],
        "max_position_embeddings": 32768,
        "rope_theta": 1e6,
        "rms_norm_eps": 1e-6,
        "hidden_act": "silu",
        "tie_word_embeddings": False,
        "torch_dtype": "bfloat16",
        "eos_token_id": 0,
    }
    letters = ["<end>", *string.ascii_letters]
    words = {word: number for number, word in enumerate([*letters, *map(str, range(len(letters), sizes["vocab"]))])}
    tokenizer = {
        "version": "1.0",
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
        "decoder": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
        "model": {"type": "BPE", "vocab": words, "merges": []},
        "added_tokens": [],
    }
    about = {
        "tokenizer_class": "Qwen2Tokenizer",
        "eos_token": "<end>",
        "chat_template": "{% for message in messages %}{{ message['content'] }}{% endfor %}",
    }
    for name, content in (("config", config), ("tokenizer", tokenizer), ("tokenizer_config", about)):
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")


@contextmanager
def serving(vllm: str, folder: Path, profile: ModelProfile, cpu: bool) -> Iterator[tuple[Target, Path, float]]:
    """The server, its log, and the seconds until it answered."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = int(listening.getsockname()[1])
    key, log = secrets.token_urlsafe(16), folder / "vllm.log"
    options = ServeOptions(
        weights=str(folder),
        name="bench",
        port=port,
        context_tokens=2048 if cpu else CONTEXT,
        sequences=max(SWEEP),
        memory_share=0.0 if cpu else 0.9,
        kv_cache_bytes=256 << 20 if cpu else 0,
        load_format="dummy",
        cpu=cpu,
        cpu_threads=1 if cpu else 0,
        extra=("--generation-config", "vllm"),
    )
    command = [vllm, "serve", *serve_arguments(profile, options)]
    environment = {**os.environ, **serve_environment(options), "VLLM_API_KEY": key}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    begin = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
        try:
            _wait(process, port, log)
            yield Target(f"http://127.0.0.1:{port}/v1", key), log, time.monotonic() - begin
        finally:
            process.terminate()
            process.wait(60)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    give_up = time.monotonic() + READY_S
    while time.monotonic() < give_up:
        if process.poll() is not None:
            break
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health", timeout=5.0).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.5)
    raise SystemExit(f"vLLM did not start:\n{log.read_text(encoding='utf-8', errors='replace')[-3000:]}")


def sweep(target: Target, load: Load, concurrencies: tuple[int, ...]) -> list[dict[str, Any]]:
    """Each concurrency for four answers a place, after one that is not counted; no two prompts begin alike."""
    chance, found = random.Random(5), []
    for concurrency in concurrencies:
        for measured in (False, True):
            count = 4 * concurrency if measured else concurrency
            done = asyncio.run(run(target, [_body(load, chance) for _ in range(count)], concurrency))
        firsts = [one.first_s for one in done.seen]
        rest = [(one.total_s - one.first_s) / max(one.tokens - 1, 1) for one in done.seen]
        found.append(
            {
                "concurrency": concurrency,
                "output_tokens_per_s": done.tokens_per_s,
                "prompt_tokens_per_s": load.prompt * len(done.seen) / done.wall_s,
                "ttft_p50_ms": 1000 * p50(firsts),
                "ttft_p99_ms": 1000 * sorted(firsts)[int(0.99 * (len(firsts) - 1))],
                "token_p50_ms": 1000 * p50(rest),
            }
        )
    return found


def _body(load: Load, chance: random.Random) -> dict[str, Any]:
    words = "".join(chance.choices(string.ascii_letters, k=load.prompt))
    return {
        "model": "bench",
        "messages": [{"role": "user", "content": words}],
        "max_tokens": load.answer,
        "ignore_eos": True,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def table(rows: list[dict[str, Any]]) -> str:
    heads = ("concurrency", "output_tokens_per_s", "prompt_tokens_per_s", "ttft_p50_ms", "ttft_p99_ms", "token_p50_ms")
    lines = ["| " + " | ".join(head.replace("_", " ") for head in heads) + " |", "|" + "---|" * len(heads)]
    lines += ["| " + " | ".join(f"{row[head]:,.1f}" for head in heads) + " |" for row in rows]
    return "\n".join(lines)


def machine(cpu: bool) -> str:
    if cpu:
        return f"{os.cpu_count()} CPU cores"
    query = ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    return subprocess.run(query, capture_output=True, text=True, check=True).stdout.strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vllm", default="vllm", help="The `vllm` program.")
    parser.add_argument("--store", type=Path, default=STORED, help="File that the figures are added to.")
    parser.add_argument("--cpu", action="store_true")
    parser.add_argument("--tiny", action="store_true")
    given = parser.parse_args()
    sizes, load = (TINY, Load(128, 32)) if given.tiny else (SEVEN_B, Load(1024, 256))
    with tempfile.TemporaryDirectory(prefix="bench-gpu-") as name:
        folder = Path(name)
        write_model(folder, sizes)
        profile = with_own_figures(find("qwen2.5-7b-instruct"), folder)
        with serving(given.vllm, folder, profile, given.cpu) as (target, log, ready_s):
            rows = sweep(target, load, SMALL_SWEEP if given.tiny else SWEEP)
            logged = _LOGGED.findall(log.read_text(encoding="utf-8", errors="replace"))
    kv_tokens = int(logged[-1].replace(",", "")) if logged else None
    figures = {
        "machine": machine(given.cpu),
        "parameters": profile.architecture.parameters,
        "prompt_tokens": load.prompt,
        "answer_tokens": load.answer,
        "ready_s": ready_s,
        "kv_tokens_logged": kv_tokens,
        "kv_bytes_per_token_planned": kv_bytes_per_token(profile.architecture),
        "rows": rows,
    }
    given.store.parent.mkdir(parents=True, exist_ok=True)
    with given.store.open("a", encoding="utf-8") as file:
        file.write(json.dumps(figures) + "\n")
    print(f"{figures['machine']}; {profile.architecture.parameters / 1e9:.2f}B parameters; ready in {ready_s:.0f} s")
    cache = f"{kv_tokens:,} tokens" if kv_tokens else "not told in the log"
    print(f"KV cache: {cache}; prompts of {load.prompt}, answers of {load.answer} tokens")
    print(f"\n{table(rows)}\n")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
