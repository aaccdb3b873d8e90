"""Makes two tiny models without training: `python -m bench.nano.encoders FOLDER TEXTS`, run by the Python that vLLM has.

`FOLDER/embedder` takes the mean of random vectors of a text's words: texts of the same words are near each other.
`FOLDER/judge` is a cross-encoder whose scores mean nothing. Both read 128 tokens of the words of `TEXTS`, a file.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import Any, Final

import torch
from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import WordLevel
from transformers import BertConfig, BertForSequenceClassification, BertModel, PreTrainedTokenizerFast

SPECIAL: Final = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
READS: Final = 128
WIDTH: Final = 64


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("texts", type=Path)
    options = parser.parse_args()
    torch.manual_seed(5)
    tokenizer = make_tokenizer(options.texts.read_text(encoding="utf-8"))
    save_embedder(options.folder / "embedder", tokenizer)
    judge = BertForSequenceClassification(_config(tokenizer, layers=2, spread=0.3, num_labels=1))
    judge.save_pretrained(options.folder / "judge")
    tokenizer.save_pretrained(options.folder / "judge")


def make_tokenizer(texts: str) -> PreTrainedTokenizerFast:
    words = sorted(set(re.findall(r"\w+|[^\w\s]", texts.lower())))
    made = Tokenizer(WordLevel({word: at for at, word in enumerate((*SPECIAL, *words))}, unk_token="[UNK]"))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        model_max_length=READS,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
    )


def save_embedder(folder: Path, tokenizer: PreTrainedTokenizerFast) -> None:
    """With the files by which sentence-transformers, and vLLM after it, know that the mean is to be taken."""
    BertModel(_config(tokenizer, layers=1, spread=0.05)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    (folder / "1_Pooling").mkdir()
    pooling = {"word_embedding_dimension": WIDTH, "pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling), encoding="utf-8")
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    ]
    (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")


def _config(tokenizer: PreTrainedTokenizerFast, layers: int, spread: float, **more: Any) -> BertConfig:
    return BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        num_hidden_layers=layers,
        num_attention_heads=2,
        intermediate_size=2 * WIDTH,
        max_position_embeddings=READS,
        initializer_range=spread,
        pad_token_id=0,
        **more,
    )


if __name__ == "__main__":
    main()
