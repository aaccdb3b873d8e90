from __future__ import annotations

from pathlib import Path

import pytest

from serve.engine.rerankers import CrossEncoderScorer, open_scorer
from vernacular.errors import WeightsMissing
from vernacular.settings import RerankSettings

PASSAGES = ["The pool opens at seven.", "Dogs are registered at the town office. " * 200, "x"]


@pytest.fixture(scope="module")
def judge(minilm: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cross-encoder of two layers with random weights: what it says means nothing, but it says it as real ones do."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    torch.manual_seed(3)
    folder = tmp_path_factory.mktemp("judge")
    tokenizer = AutoTokenizer.from_pretrained(minilm)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        num_labels=1,
        initializer_range=0.5,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


class TestCrossEncoder:
    def test_scores_each_passage_for_itself(self, judge: Path) -> None:
        scorer = open_scorer(RerankSettings(backend="sentence_transformers", model=str(judge), device="cpu"))
        assert scorer is not None
        together = scorer.score("When does the pool open?", PASSAGES)
        alone = [scorer.score("When does the pool open?", [passage])[0] for passage in PASSAGES]
        assert together == pytest.approx(alone, abs=1e-3)
        assert len(set(together)) == 3
        assert scorer.score("Where are dogs registered?", PASSAGES) != pytest.approx(together, abs=1e-4)
        scorer.close()

    def test_weights_that_are_not_there_are_not_fetched(self) -> None:
        with pytest.raises(WeightsMissing) as caught:
            CrossEncoderScorer("some-maker/some-judge").score("?", PASSAGES)
        assert "VERNACULAR_RERANK__" in caught.value.hint
