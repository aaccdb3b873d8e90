from __future__ import annotations

import pytest

from serve.rag.looked_for import LONGEST, MOST, looked_for
from serve.rag.understand import understand
from vernacular.types import Expansion, Understanding


def expanded(question: str, *terms: str, kind: str = "lexicon") -> Understanding:
    found = understand(question)
    expansion = Expansion(0, len(question), terms, 1.0, kind)
    return Understanding(question, question, found.language, found.script, expansions=(expansion,))


class TestLookedFor:
    @pytest.mark.parametrize(
        ("question", "words"),
        [
            ("What does the Ferry to the quay cost?", ["Ferry", "quay", "cost"]),
            ("¿Cuánto cuesta la matrícula del ciclomotor?", ["cuesta", "matrícula", "ciclomotor"]),
            ("遺失身份證怎麼補領？", ["遺失身份證", "補領"]),
            ("كم رسوم تجديد الرخصة؟", ["رسوم", "تجديد", "الرخصة"]),
        ],
    )
    def test_are_the_words_that_carry_meaning_as_they_were_written(self, question: str, words: list[str]) -> None:
        assert looked_for(understand(question)) == words

    def test_are_also_what_documents_may_call_it(self) -> None:
        assert looked_for(expanded("flat rent?", "apartment", "dwelling")) == ["flat", "rent", "apartment", "dwelling"]

    def test_are_told_once_whatever_their_script_and_spelling(self) -> None:
        assert looked_for(expanded("身份證", "身份证", "身分證")) == ["身份證", "身分證"]
        assert looked_for(expanded("Ferry", "ferry")) == ["Ferry"]

    def test_are_no_passages_that_a_model_supposed(self) -> None:
        assert looked_for(expanded("Ferry", "The ferry costs nine dollars.", kind="model")) == ["Ferry"]

    def test_are_few_and_short(self) -> None:
        many = " ".join(f"harbour{number}" for number in range(40))
        assert len(looked_for(understand(many))) == MOST
        assert looked_for(understand(f"ferry {'x' * (LONGEST + 1)}")) == ["ferry"]

    def test_are_none_of_a_greeting(self) -> None:
        assert looked_for(understand("?")) == []
