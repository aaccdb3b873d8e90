"""Starts vLLM once for each configuration and lets it log the size of its KV cache; run by the Python that vLLM has.

Standard input: a JSON list of `{"config": …, "engine": …}`, the contents of `config.json` and the arguments of vLLM's engine.
A line `case N` goes before what vLLM logs of case N. Weights are random, and there is no tokenizer.
"""

from __future__ import annotations

import gc
import json
import sys
import tempfile
from pathlib import Path
from typing import Any


def start(config: dict[str, Any], engine: dict[str, Any]) -> None:
    from vllm import LLM
    from vllm.distributed import cleanup_dist_env_and_memory

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "config.json").write_text(json.dumps(config), encoding="utf-8")
        model = LLM(folder, load_format="dummy", skip_tokenizer_init=True, enforce_eager=True, **engine)
        del model
        gc.collect()
        cleanup_dist_env_and_memory()


def main() -> None:
    for number, case in enumerate(json.load(sys.stdin)):
        sys.stdout.write(f"case {number}\n")
        sys.stdout.flush()
        start(case["config"], case["engine"])


if __name__ == "__main__":  # workers of tensor parallelism import this file again
    main()
