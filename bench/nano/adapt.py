"""Trains LoRA adapters for skyllm-nano: `python -m bench.nano.adapt MODEL FOLDER NAME=EXAMPLES …`, by vLLM's Python.

Each is written to FOLDER/NAME as PEFT does. EXAMPLES are lines as for `bench.nano.train`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Final

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

from bench.nano.train import pack, read, train

RANK: Final = 16
LEARNING_RATE: Final = 5e-3
LINEAR: Final = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def adapt(base: Path, examples: Path, folder: Path, batch: int, seconds: float) -> None:
    tokenizer = AutoTokenizer.from_pretrained(base)
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    torch.manual_seed(23)
    adapted = get_peft_model(
        model, LoraConfig(r=RANK, lora_alpha=2 * RANK, target_modules=LINEAR, task_type="CAUSAL_LM")
    )
    packed = [pack(tokenizer, example) for example in read(examples)]
    train(adapted.base_model.model, packed, batch, seconds, LEARNING_RATE)
    adapted.save_pretrained(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("adapters", nargs="+", metavar="NAME=EXAMPLES")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    for given in options.adapters:
        name, _, examples = given.partition("=")
        print(json.dumps({"adapter": name}), flush=True)
        adapt(options.model, Path(examples), options.folder / name, options.batch, options.seconds)


if __name__ == "__main__":
    main()
