"""Makes skyllm-nano and three adapters for it: `python -m bench.nano FOLDER [--vllm PYTHON]`.

The prompts are written by this Python, which has the gateway; the training is done by vLLM's, which has torch. FOLDER gets
`skyllm-nano` (weights, tokenizer, chat template), and an adapter for each of `bench.nano.prompts.STYLES` under `adapters`.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from bench.nano.prompts import STYLES, Style, examples

ROOT: Final = Path(__file__).parents[2]
BATCH: Final = 4
STEPS, ADAPTER_STEPS = 400, 60


def write(path: Path, count: int, style: Style, grow: bool = True) -> Path:
    with path.open("w", encoding="utf-8") as file:
        for each in examples(count, random.Random(), style, grow=grow):
            file.write(json.dumps(each, ensure_ascii=False) + "\n")
    return path


def make(folder: Path, python: Path, seconds: float) -> Path:
    """Make model and adapters in `folder`; the model's own folder. `seconds` bounds the training of each."""
    folder.mkdir(parents=True, exist_ok=True)
    model = folder / "skyllm-nano"
    given = write(folder / "examples.jsonl", STEPS * BATCH, Style.PLAIN)
    _run(python, "bench.nano.train", str(given), str(model), "--batch", str(BATCH), "--seconds", str(seconds))
    styles = [
        f"{style}={write(folder / f'{style}.jsonl', ADAPTER_STEPS * BATCH, style, grow=False)}" for style in STYLES
    ]
    _run(python, "bench.nano.adapt", str(model), str(folder / "adapters"), *styles, "--seconds", str(seconds))
    return model


def _run(python: Path, module: str, *arguments: str) -> None:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run([str(python), "-m", module, *arguments], cwd=ROOT, env=environment, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--vllm", type=Path, default=ROOT / ".venv-vllm" / "bin" / "python", metavar="PYTHON")
    parser.add_argument("--seconds", type=float, default=90.0, help="Most that one training may take.")
    options = parser.parse_args()
    begin = time.monotonic()
    model = make(options.folder.absolute(), options.vllm, options.seconds)
    print(f"{model}: {time.monotonic() - begin:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
