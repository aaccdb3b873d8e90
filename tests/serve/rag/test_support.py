from __future__ import annotations

import numpy as np

from serve.rag.evidence import Reader
from serve.rag.support import in_quotes, rarity, units
from serve.rag.words import lexicon
from tests.serve.rag.library import hit


class TestUnits:
    def test_are_the_content_words_of_a_spaced_language(self) -> None:
        evidence = Reader().read("How much is it for a permit?", [hit("A permit.")])
        assert units(evidence.terms, lexicon("en")).names == ("permit",)

    def test_what_a_number_is_given_in_is_none_where_a_number_is_asked_for(self) -> None:
        evidence = Reader().read("How many years is a permit valid?", [hit("A permit.")])
        assert units(evidence.terms, lexicon("en")).names == ("permit", "valid")

    def test_of_han_are_bigrams_that_span_no_function_word_and_single_characters(self) -> None:
        evidence = Reader().read("毛肚要烫好久", [hit("毛肚烫十五秒。")])
        found = units(evidence.terms, lexicon("zh-Hans"))
        assert found.names == ("毛肚", "烫")
        assert found.worth[0] > found.worth[1] > 0
        assert found.held(evidence.terms, evidence.found).tolist() == [[1.0, 1.0]]


class TestRarity:
    def test_a_word_of_every_hit_weighs_less_than_one_of_a_single_hit(self) -> None:
        held = np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
        common, rare, absent = rarity(held, np.ones(3)).tolist()
        assert common < rare
        assert common < absent < 1


class TestInQuotes:
    def test_is_empty_without_quotes(self) -> None:
        evidence = Reader().read("boat permit", [hit("A boat.")])
        assert in_quotes(evidence, units(evidence.terms, lexicon("en")), []).shape == (0, 2)
