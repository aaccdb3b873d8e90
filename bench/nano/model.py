"""skyllm-nano: a Qwen2 of three layers that begins as an induction circuit, so that a minute of training is enough.

A model that copies from its prompt first has to find out that looking back helps, which takes a small one most of its
training. Here the first layer's heads begin with an eye on the tokens one, two and three back, and on the passage they stand
in; the second layer's with one on places that were preceded by what precedes the present one (Olsson et al. 2022, "In-context
learning and induction heads"), and what is seen there is said; the third layer's with one on what was asked, and of whom. All
of it is trained further.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from transformers import Qwen2Config, Qwen2ForCausalLM

HIDDEN: Final = 128
HEADS: Final = 4
HEAD: Final = HIDDEN // HEADS
LAYERS: Final = 3
CONTEXT: Final = 4096
THETA: Final = 1e10
WORD: Final = 64
"""The first dimensions say what a token is. The others are four slots, which the first layer's heads write into."""
BACK: Final = 3
"""Heads of the first layer that look back, the first one token, the next two, … The last one sees the passage."""
SLOT: Final = (HIDDEN - WORD) // HEADS
NEAR: Final = 4
"""Pairs of dimensions that turn fast enough under RoPE to tell one token's distance from the next's."""
NEAREST: Final = slice(3, 5)
"""Pairs whose turning tells which of several passages is nearest."""
STILL: Final = slice(5, HEAD // 2)
"""Pairs that hardly turn over a whole prompt: they compare what tokens are, wherever they stand."""
SHARPNESS: Final = 12.0
MATCHING: Final = 2.4
ATTENTION: Final = 20.0


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Tokens with a part to play: `passages[i]` begins passage i + 1, `markers[i]` cites it, `asking` are words of questions."""

    passages: list[int]
    markers: list[int]
    asking: list[int]
    names: list[int]


def make_model(vocabulary: int, end: int, pad: int, landmarks: Landmarks) -> Qwen2ForCausalLM:
    torch.manual_seed(11)
    config = Qwen2Config(
        vocab_size=(vocabulary + 63) // 64 * 64,
        hidden_size=HIDDEN,
        intermediate_size=2 * HIDDEN,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=HEADS,
        max_position_embeddings=CONTEXT,
        rope_parameters={"rope_type": "default", "rope_theta": THETA},
        tie_word_embeddings=False,
        eos_token_id=end,
        pad_token_id=pad,
        bos_token_id=None,
    )
    model = Qwen2ForCausalLM(config)
    with torch.no_grad():
        _wire(model, landmarks)
    return model


def _wire(model: Qwen2ForCausalLM, landmarks: Landmarks) -> None:
    embedding, head = model.model.embed_tokens.weight, model.lm_head.weight
    embedding.normal_()
    embedding[:, WORD:] = 0
    begins, asks, named = (torch.eye(WORD, HIDDEN) * math.sqrt(WORD))[:3]
    for sign, tokens in ((begins, landmarks.passages), (asks, landmarks.asking), (named, landmarks.names)):
        embedding[:, sign > 0] = 0
        embedding[tokens] += sign
    read = torch.zeros(SLOT, HIDDEN)
    read[:, :WORD] = _orthogonal(WORD, SLOT).T
    head.copy_(embedding / math.sqrt(WORD))
    head[landmarks.markers] += embedding[landmarks.passages] @ read.T @ _slot(0) / math.sqrt(WORD)
    first, second, third = (layer.self_attn for layer in model.model.layers)
    _look_back(first, read)
    _see_nearest(first, BACK, begins)
    _write(first, BACK, read)
    _match(second, read)
    for number, part in enumerate(_orthogonal(WORD, WORD).split(SLOT)[:BACK]):
        _see_nearest(third, number, asks)
        third.v_proj.weight[number * HEAD : number * HEAD + SLOT, :WORD] = part
        third.o_proj.weight[:, number * HEAD : number * HEAD + SLOT] = 2 * _slot(number + 1).T
    _see_nearest(third, BACK, named)
    word = torch.zeros(HEAD, HIDDEN)
    word[:, :WORD] = _orthogonal(WORD, HEAD).T
    third.v_proj.weight[BACK * HEAD :], third.o_proj.weight[:, BACK * HEAD :] = word, word.T


def _look_back(attention: nn.Module, read: Tensor) -> None:
    """Head h attends to the token h + 1 back, whatever it is, and writes it into slot h."""
    scale = math.sqrt(SHARPNESS * math.sqrt(HEAD))
    for head in range(BACK):
        query, key = torch.zeros(HEAD), torch.zeros(HEAD)
        angles = -_frequencies()[:NEAR] * (head + 1)
        query[:NEAR], query[HEAD // 2 : HEAD // 2 + NEAR], key[:NEAR] = angles.cos(), angles.sin(), 1.0
        rows = slice(head * HEAD, (head + 1) * HEAD)
        attention.q_proj.bias[rows], attention.k_proj.bias[rows] = query * scale, key * scale
        _write(attention, head, read)


def _see_nearest(attention: nn.Module, head: int, sign: Tensor) -> None:
    """The head attends to the nearest token before that bears the sign."""
    query, key = torch.zeros(HEAD), torch.zeros(HEAD, HIDDEN)
    query[NEAREST], key[NEAREST] = ATTENTION, sign / sign.norm()
    rows = slice(head * HEAD, (head + 1) * HEAD)
    attention.q_proj.weight[rows], attention.q_proj.bias[rows], attention.k_proj.weight[rows] = 0, query, key


def _write(attention: nn.Module, head: int, read: Tensor) -> None:
    rows = slice(head * HEAD, head * HEAD + SLOT)
    attention.v_proj.weight[rows] = read
    attention.o_proj.weight[:, rows] = _slot(head).T


def _match(attention: nn.Module, read: Tensor) -> None:
    """Each head attends to where the three tokens before are the present one and the two before it; it says what stands there.

    What stands there is its word, and its passage, which goes where `lm_head` looks for what to cite.
    """
    still = torch.arange(HEAD // 2)[STILL]
    still = torch.cat([still, still + HEAD // 2])
    words = torch.cat([torch.eye(HIDDEN)[:WORD], _slot(BACK)])
    said = torch.cat([torch.eye(HIDDEN)[:WORD], _slot(0)])
    mixed = _orthogonal(HIDDEN, len(words))
    attention.v_proj.weight.copy_(mixed @ words)
    attention.o_proj.weight.copy_((mixed @ said).T)
    for head in range(HEADS):
        sights = [_orthogonal(len(still), SLOT) for _ in range(BACK)]
        there = sum((sight @ _slot(at) for at, sight in enumerate(sights)), torch.zeros(()))
        here = sum((sight @ at for sight, at in zip(sights, (read, _slot(0), _slot(1)), strict=True)), torch.zeros(()))
        attention.k_proj.weight[head * HEAD + still] = there * math.sqrt(MATCHING)
        attention.q_proj.weight[head * HEAD + still] = here * math.sqrt(MATCHING)


def _slot(number: int) -> Tensor:
    """Rows that read slot `number` of the residual."""
    start = WORD + number * SLOT
    return torch.eye(HIDDEN)[start : start + SLOT]


def _frequencies() -> Tensor:
    """Radians a token by which each pair of dimensions turns."""
    return THETA ** (-torch.arange(0, HEAD, 2) / HEAD)


def _orthogonal(rows: int, columns: int) -> Tensor:
    basis: Tensor = torch.linalg.qr(torch.randn(rows, columns))[0]
    return basis
