"""A skyllm-nano that talks without end, for benchmarks: `python -m bench.nano.talker MODEL ADAPTER FOLDER`, by vLLM's Python.

The adapter is merged into the model. `--layers` and `--width` add layers, and width to their MLPs, that take the time that those
of a larger model take and change nothing in what is said: their last matrices are zero.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, Qwen2Config, Qwen2ForCausalLM


def enlarge(model: Qwen2ForCausalLM, layers: int, width: int) -> Qwen2ForCausalLM:
    settings = model.config.to_dict()
    depth, intermediate = settings["num_hidden_layers"], max(width, settings["intermediate_size"])
    settings.pop("layer_types", None)
    larger = Qwen2ForCausalLM(
        Qwen2Config(**{**settings, "num_hidden_layers": depth + layers, "intermediate_size": intermediate})
    )
    own = model.state_dict()
    with torch.no_grad():
        for name, weight in larger.state_dict().items():
            if name in own:
                weight.zero_()
                weight[tuple(slice(size) for size in own[name].shape)] = own[name]
            elif name.endswith(("o_proj.weight", "down_proj.weight")):
                weight.zero_()
    return larger


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("adapter", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--layers", type=int, default=0)
    parser.add_argument("--width", type=int, default=0)
    options = parser.parse_args()
    base = AutoModelForCausalLM.from_pretrained(options.model, dtype=torch.float32)
    merged = PeftModel.from_pretrained(base, options.adapter).merge_and_unload()
    enlarge(merged, options.layers, options.width).to(torch.bfloat16).save_pretrained(options.folder)
    AutoTokenizer.from_pretrained(options.model).save_pretrained(options.folder)


if __name__ == "__main__":
    main()
