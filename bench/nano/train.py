"""Makes and trains skyllm-nano: `python -m bench.nano.train EXAMPLES FOLDER`, run by the Python that vLLM has.

The tokenizer is made from the examples: every line that prompts share is one token, every name and every digit too, and any
other text goes by bytes, so that whatever is asked survives the way there and back. Each line of EXAMPLES holds one context
and several questions on it; they are trained in one pass, each seeing the context and itself alone.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast, Qwen2ForCausalLM

from bench.nano.facts import IN_VARIETIES, WORDINGS, names
from bench.nano.model import Landmarks, make_model

START: Final = "<|start|>"
END: Final = "<|end|>"
PAD: Final = "<|pad|>"
TEMPLATE: Final = (
    "{% for message in messages %}<|start|>{{ message['role'] }}\n{{ message['content'] }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|start|>assistant\n{% endif %}"
)
LEARNING_RATE: Final = 3e-3
WARM_UP: Final = 40
IGNORED: Final = -100
_FIELD: Final = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True)
class Packed:
    """A context and its questions as one row: `visible[i, j]` says whether token i sees token j."""

    tokens: Tensor
    positions: Tensor
    labels: Tensor
    visible: Tensor


def read(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def make_tokenizer(examples: Sequence[dict[str, Any]]) -> PreTrainedTokenizerFast:
    """Bytes, digits singly, pairs learnt from the examples; shared lines and names whole."""
    texts = [message["content"] for example in examples for message in example["branches"][0]["messages"]]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    learner = trainers.BpeTrainer(
        vocab_size=900, initial_alphabet=alphabet, special_tokens=[PAD, START, END], show_progress=False
    )
    tokenizer.train_from_iterator(texts, learner)
    whole = dict.fromkeys([*_shared(examples), *_marks(), *_asking(), *_sentences(), *_named()])
    tokenizer.add_tokens([AddedToken(text, normalized=False) for text in whole])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=PAD, eos_token=END, clean_up_tokenization_spaces=False
    )
    fast.chat_template = TEMPLATE
    return fast


def _shared(examples: Sequence[dict[str, Any]]) -> list[str]:
    """The lines that many prompts have word for word, longest first."""
    count: dict[str, int] = {}
    for example in examples:
        lines = {line for message in example["branches"][0]["messages"] for line in message["content"].splitlines()}
        for line in lines:
            count[line] = count.get(line, 0) + 1
    return sorted(
        (line for line, times in count.items() if times > len(examples) / 16 and len(line) > 12), key=len, reverse=True
    )


def _marks() -> list[str]:
    """Passages' first words and citations' markers: that `<<passage 3` asks for `[3]` is then one token to one token."""
    return [mark for number in range(1, 10) for mark in (f"<<passage {number} ", f" [{number}]")]


def _asking() -> list[str]:
    usual = (text for wording in WORDINGS for text in wording.questions.values())
    return _parts(chain(usual, *(texts for asked in IN_VARIETIES.values() for texts in asked.values())))


def _sentences() -> list[str]:
    return _parts(text for wording in WORDINGS for text in wording.sentences.values())


def _named() -> list[str]:
    return [name for wording in WORDINGS for name in names(wording.language)]


def _parts(texts: Iterable[str]) -> list[str]:
    """What of sentences and questions stands around the names and figures."""
    return [part for text in texts for part in _FIELD.split(text) if part]


def landmarks(tokenizer: PreTrainedTokenizerFast) -> Landmarks:
    marks = tokenizer.convert_tokens_to_ids(_marks())
    asking = [part for part in _asking() if len(part) > 2]
    return Landmarks(marks[::2], marks[1::2], *(tokenizer.convert_tokens_to_ids(words) for words in (asking, _named())))


def render(tokenizer: PreTrainedTokenizerFast, messages: Sequence[dict[str, str]]) -> list[int]:
    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    return list(tokenizer.encode(str(text), add_special_tokens=False))


def pack(tokenizer: PreTrainedTokenizerFast, example: dict[str, Any]) -> Packed:
    prompts = [render(tokenizer, branch["messages"]) for branch in example["branches"]]
    answers = [tokenizer.encode(_said(branch), add_special_tokens=False) for branch in example["branches"]]
    shared = _common(prompts)
    tokens, positions, labels, owner = list(prompts[0][:shared]), list(range(shared)), [IGNORED] * shared, [0] * shared
    for number, (prompt, answer) in enumerate(zip(prompts, answers, strict=True), 1):
        rest = prompt[shared:]
        tokens += rest + answer
        positions += range(shared, shared + len(rest) + len(answer))
        labels += [IGNORED] * len(rest) + answer
        owner += [number] * (len(rest) + len(answer))
    owners = torch.tensor(owner)
    own = (owners[:, None] == owners[None, :]) | (owners[None, :] == 0)
    return Packed(torch.tensor(tokens), torch.tensor(positions), torch.tensor(labels), own.tril())


def _said(branch: dict[str, Any]) -> str:
    return str(branch["answer"]) + ("" if branch.get("unfinished") else END)


def _common(prompts: Sequence[list[int]]) -> int:
    shortest = min(map(len, prompts)) - 1
    return next((at for at in range(shortest) if len({prompt[at] for prompt in prompts}) > 1), shortest)


def batches(packed: Sequence[Packed], size: int) -> Iterator[list[Packed]]:
    """Rows in their order, but of a stretch those of like lengths together, so that little is padding."""
    stretch = 8 * size
    for start in range(0, len(packed), stretch):
        rows = sorted(packed[start : start + stretch], key=lambda row: len(row.tokens))
        groups = [rows[at : at + size] for at in range(0, len(rows), size)]
        random.Random(start).shuffle(groups)
        yield from groups


def collate(rows: Sequence[Packed]) -> dict[str, Tensor]:
    longest = max(len(row.tokens) for row in rows)
    tokens = torch.zeros(len(rows), longest, dtype=torch.long)
    positions = torch.zeros(len(rows), longest, dtype=torch.long)
    labels = torch.full((len(rows), longest), IGNORED)
    visible = torch.eye(longest, dtype=torch.bool).repeat(len(rows), 1, 1)
    for at, row in enumerate(rows):
        length = len(row.tokens)
        tokens[at, :length], positions[at, :length], labels[at, :length] = row.tokens, row.positions, row.labels
        visible[at, :length, :length] = row.visible
    mask = torch.zeros(visible.shape).masked_fill_(~visible, torch.finfo(torch.float32).min)
    return {"input_ids": tokens, "position_ids": positions, "labels": labels, "attention_mask": mask[:, None]}


def loss_of(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
    """Cross entropy over the answers; only their positions go through the large output matrix."""
    labels = batch["labels"]
    hidden = model.model(
        input_ids=batch["input_ids"], position_ids=batch["position_ids"], attention_mask=batch["attention_mask"]
    ).last_hidden_state
    wanted = labels[:, 1:] != IGNORED
    logits = model.lm_head(hidden[:, :-1][wanted])
    return nn.functional.cross_entropy(logits, labels[:, 1:][wanted])


def train(
    model: Qwen2ForCausalLM, packed: Sequence[Packed], size: int, seconds: float, rate: float = LEARNING_RATE
) -> None:
    """One pass over the rows, or as much of it as `seconds` allow."""
    begin = time.monotonic()
    optimiser = torch.optim.AdamW(
        [each for each in model.parameters() if each.requires_grad], lr=rate, weight_decay=0.01, betas=(0.9, 0.98)
    )
    steps = math.ceil(len(packed) / size)
    model.train()
    for step, rows in enumerate(batches(packed, size)):
        done = max(step / steps, (time.monotonic() - begin) / seconds)
        if done >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / WARM_UP) * min(1.0, 1.25 * (1 - done) + 0.02)
        loss = loss_of(model, collate(rows))
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        if step % 25 == 0:
            print(f"step {step} of {steps}: loss {loss.item():.3f}, {time.monotonic() - begin:.1f} s", flush=True)
    model.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    torch.set_num_threads(1)  # more are ten times slower where the cores are busy
    examples = read(options.examples)
    tokenizer = make_tokenizer(examples)
    model = make_model(len(tokenizer), tokenizer.eos_token_id, tokenizer.pad_token_id, landmarks(tokenizer))
    packed = [pack(tokenizer, example) for example in examples]
    lengths = sorted(len(row.tokens) for row in packed)
    print(f"{len(tokenizer)} tokens; rows of {lengths[0]} to {lengths[-1]}, median {lengths[len(lengths) // 2]}")
    train(model, packed, options.batch, options.seconds)
    model.to(torch.bfloat16).save_pretrained(options.folder)
    tokenizer.save_pretrained(options.folder)


if __name__ == "__main__":
    main()
