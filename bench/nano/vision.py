"""Makes and trains a tiny model that sees: `python -m bench.nano.vision FOLDER`, run by the Python that vLLM has.

A Qwen2.5-VL of a few hundred thousand weights, with its image processor, tokenizer and chat template, that tells of which
colour a picture is, whatever it is asked. Every picture that it is trained on is drawn anew. Text goes by bytes.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path
from typing import Any, Final

import torch
from PIL import Image, ImageDraw
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    PreTrainedTokenizerFast,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2_5_VLProcessor,
    Qwen2VLImageProcessor,
    Qwen2VLVideoProcessor,
)

COLOURS: Final = {"red": (1, 0, 0), "green": (0, 1, 0), "blue": (0, 0, 1)}
BEGINS: Final = "The picture is"
WORDS: Final = (BEGINS, *(f" {colour}." for colour in COLOURS))
"""Tokens of their own."""
SPECIAL: Final = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>",
)  # fmt: skip
CHAT: Final = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n"
    "{% if message.content is string %}{{ message.content }}{% else %}{% for part in message.content %}"
    "{% if part.type in ('image', 'image_url') %}<|vision_start|><|image_pad|><|vision_end|>"
    "{% elif part.type == 'text' %}{{ part.text }}{% endif %}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
PATCH, MERGE = 14, 2
CONTEXT: Final = 16_384
STEPS, BATCH, RATE = 110, 12, 3e-3
TEXTS: Final = Path(__file__).resolve().parents[2] / "docs"


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("folder", type=Path)
    folder: Path = options.parse_args().folder
    torch.manual_seed(7)
    torch.set_num_threads(1)
    begin, chance = time.monotonic(), random.Random()
    processor = make_processor()
    model = make_model(processor.tokenizer)
    train(model, processor, chance)
    print(f"trained: {time.monotonic() - begin:.0f} s, right {accuracy(model, processor, chance):.0%}", flush=True)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)


def make_processor() -> Qwen2_5_VLProcessor:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    inner = Tokenizer(models.BPE({letter: number for number, letter in enumerate(alphabet)}, []))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    inner.decoder = decoders.ByteLevel()
    inner.add_special_tokens([AddedToken(mark, special=True) for mark in SPECIAL])
    inner.add_tokens([AddedToken(word, normalized=False) for word in WORDS])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner, eos_token="<|im_end|>", pad_token="<|endoftext|>", model_max_length=CONTEXT
    )
    tokenizer.image_token, tokenizer.video_token = "<|image_pad|>", "<|video_pad|>"
    size: dict[str, Any] = {"min_pixels": (2 * PATCH * MERGE) ** 2, "max_pixels": (8 * PATCH * MERGE) ** 2}
    images = Qwen2VLImageProcessor(patch_size=PATCH, merge_size=MERGE, **size)
    videos = Qwen2VLVideoProcessor(patch_size=PATCH, merge_size=MERGE)
    return Qwen2_5_VLProcessor(images, tokenizer, videos, chat_template=CHAT)


def make_model(tokenizer: PreTrainedTokenizerFast) -> Qwen2_5_VLForConditionalGeneration:
    def number(token: str) -> int:
        return int(tokenizer.convert_tokens_to_ids(token))

    text = {
        "vocab_size": (len(tokenizer) + 63) // 64 * 64,
        "hidden_size": 128,
        "intermediate_size": 256,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 4,
        "max_position_embeddings": CONTEXT,
        "rope_parameters": {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [4, 6, 6]},
        "bos_token_id": None,
        "eos_token_id": number("<|im_end|>"),
        "pad_token_id": number("<|endoftext|>"),
    }
    vision = {
        "depth": 2,
        "hidden_size": 128,
        "intermediate_size": 256,
        "num_heads": 4,
        "out_hidden_size": 128,
        "patch_size": PATCH,
        "spatial_merge_size": MERGE,
        "temporal_patch_size": 2,
        "window_size": 112,
        "fullatt_block_indexes": [1],
    }
    config = Qwen2_5_VLConfig(
        text_config=text,
        vision_config=vision,
        image_token_id=number("<|image_pad|>"),
        video_token_id=number("<|video_pad|>"),
        vision_start_token_id=number("<|vision_start|>"),
        vision_end_token_id=number("<|vision_end|>"),
        eos_token_id=number("<|im_end|>"),
        pad_token_id=number("<|endoftext|>"),
        bos_token_id=None,
    )
    return Qwen2_5_VLForConditionalGeneration(config)


def draw(colour: str, side: int, chance: random.Random) -> Image.Image:
    """A picture of mostly one colour, of any shade, with a few boxes in it and some noise."""
    strength = chance.randint(150, 255)
    shade = tuple(strength if channel else chance.randint(0, 70) for channel in COLOURS[colour])
    image = Image.new("RGB", (side, side), shade)
    for _ in range(chance.randint(0, 3)):
        x, y = chance.randrange(side), chance.randrange(side)
        box = (x, y, x + side // 5, y + side // 5)
        ImageDraw.Draw(image).rectangle(box, fill=tuple(chance.randint(0, 255) for _ in range(3)))
    noise = Image.effect_noise((side, side), 60).convert("RGB")
    return Image.blend(image, noise, 0.2)


def train(model: Qwen2_5_VLForConditionalGeneration, processor: Qwen2_5_VLProcessor, chance: random.Random) -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(TEXTS.glob("*.md")))
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01)
    plan = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=STEPS)
    for step in range(STEPS):
        length = chance.choice((40, 200, 400)) if step < STEPS * 3 // 4 else chance.choice((400, 1500))
        batch, answers = make_batch(processor, text, length, BATCH if length < 1000 else 3, chance)
        logits = model(**batch).logits[:, -answers.shape[1] - 1 : -1]
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), answers.flatten())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        plan.step()
        if step % 20 == 0:
            print(f"step {step}: {loss.item():.3f}", flush=True)


def make_batch(
    processor: Qwen2_5_VLProcessor, text: str, length: int, size: int, chance: random.Random
) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """Chats of one length about pictures of one size, and the tokens that each ends with, as (size, tokens)."""
    side = chance.choice((56, 84, 112, 168))
    prompts, images, answers = [], [], []
    for _ in range(size):
        colour = chance.choice(tuple(COLOURS))
        at = chance.randrange(len(text) - length)
        parts = [{"type": "text", "text": _of_bytes(text[at : at + length], length)}, {"type": "image"}]
        messages = [{"role": "user", "content": parts if chance.random() < 0.8 else parts[::-1]}]
        said = f"{BEGINS} {colour}.<|im_end|>"
        prompts.append(processor.apply_chat_template(messages, add_generation_prompt=True) + said)
        answers.append(processor.tokenizer(said)["input_ids"])
        images.append(draw(colour, side, chance))
    batch = processor(text=prompts, images=images, return_tensors="pt")
    return dict(batch), torch.tensor(answers)


def _of_bytes(text: str, length: int) -> str:
    """Plain text of exactly so many tokens, which are bytes, so that a batch needs no padding."""
    for word in (*WORDS, "<|"):
        text = text.replace(word, "~" * len(word))
    return text.encode("ascii", "replace")[:length].decode().ljust(length)


def accuracy(model: Qwen2_5_VLForConditionalGeneration, processor: Qwen2_5_VLProcessor, chance: random.Random) -> float:
    """Share of new pictures, asked about in ways never seen, whose answer is right to the letter."""
    model.eval()
    text = "".join(chr(chance.randint(32, 126)) for _ in range(9000)).replace("<|", "  ")
    right = total = 0
    for length in (30, 300, 900, 2500):
        batch, answers = make_batch(processor, text, length, 6, chance)
        with torch.no_grad():
            said = model(**batch).logits[:, -answers.shape[1] - 1 : -1].argmax(-1)
        right += int((said == answers).all(1).sum())
        total += len(answers)
    return right / total


if __name__ == "__main__":
    main()
