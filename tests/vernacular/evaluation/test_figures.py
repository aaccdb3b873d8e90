from __future__ import annotations

from typing import Any

import pytest

from vernacular.dialects.pack import Manifest, Pack
from vernacular.dialects.registry import Registry
from vernacular.evaluation.figures import compare, figures_of, is_told, moved
from vernacular.evaluation.outcomes import Outcome, is_right, rank_of
from vernacular.evaluation.questions import Question


def pack(tag: str, family: str, standard: str = "", *aliases: str) -> Pack:
    made = Manifest(
        tag=tag,
        version="1.0.0",
        name=tag,
        native=tag,
        family=family,
        standard=standard,
        scripts=["Latn"],
        aliases=list(aliases),
    )
    return Pack(made)


REGISTRY = Registry(
    [
        pack("es", "es"),
        pack("es-ES", "es", "es"),
        pack("es-MX", "es", "es", "es-x-mex"),
        pack("zh", "zh"),
        pack("zh-Hant-HK", "zh"),
        pack("yue-Hant-HK", "zh", "zh-Hant-HK", "yue"),
    ]
)


def outcome(qid: str, lang: str, rank: int | None = None, answerable: bool = True, **more: Any) -> Outcome:
    return Outcome(qid, lang, "", answerable, rank, **more)


class TestOutcomes:
    def test_ranks_documents_and_not_their_passages(self) -> None:
        assert rank_of("b", ["a", "a", "a", "b"]) == 2
        assert rank_of("c", ["a"]) is None
        assert rank_of(None, ["a"]) is None

    @pytest.mark.parametrize(
        ("said", "cited", "answers", "right"),
        [
            ("It costs 1,200 crowns.", set(), ("1200",), True),
            ("IT COSTS TWELVE", set(), ("twelve",), True),
            ("It is free.", {"fees"}, ("12",), False),
            ("It is free.", {"fees"}, (), True),
            ("It is free.", {"other"}, (), False),
        ],
    )
    def test_an_answer_is_right_when_it_holds_one_of_the_answers_or_cites_the_document(
        self, said: str, cited: set[str], answers: tuple[str, ...], right: bool
    ) -> None:
        assert is_right(Question("1", "es", "?", "fees", answers), True, said, cited) is right

    def test_a_decline_is_never_right(self) -> None:
        assert not is_right(Question("1", "es", "?", "fees"), False, "", {"fees"})

    def test_are_read_back_from_json(self) -> None:
        made = outcome("1", "es", 3, told=True, answered=False)
        assert Outcome.of(made.as_json()) == made


class TestTold:
    @pytest.mark.parametrize(
        ("lang", "detected", "told"),
        [
            ("es-MX", "es-MX", True),
            ("es-x-mex", "es-MX", True),
            ("es-MX", None, False),
            ("es", None, True),
            ("es", "es-MX", False),
            ("zh", "zh-Hant-HK", True),
            ("zh", "es", False),
            ("tlh", None, None),
        ],
    )
    def test_holds_the_variety_against_the_pack_it_means(
        self, lang: str, detected: str | None, told: bool | None
    ) -> None:
        assert is_told(lang, detected, REGISTRY) is told


class TestFigures:
    def test_are_counted_by_variety_and_in_all(self) -> None:
        found = figures_of([outcome("1", "es", 1), outcome("2", "es", 4), outcome("1", "es-MX")], REGISTRY)
        spanish = found["varieties"]["es"]
        assert (spanish["recall@1"], spanish["recall@5"], spanish["mrr@10"]) == (0.5, 1.0, 0.625)
        assert found["all"]["recall@5"] == pytest.approx(2 / 3, abs=1e-4)

    def test_count_answers_only_where_they_were_asked_for(self) -> None:
        found = figures_of([outcome("1", "es", 1)], REGISTRY)["all"]
        assert (found["answered"], found["right"], found["false_answers"]) == (None, None, None)

    def test_tell_declines_from_false_answers(self) -> None:
        outcomes = [
            outcome("1", "es", 1, answered=True, right=True),
            outcome("2", "es", 1, answered=True, right=False),
            outcome("3", "es", 1, answered=False, right=False),
            outcome("4", "es", answerable=False, answered=True, right=False),
            outcome("5", "es", answerable=False, answered=False, right=False),
        ]
        found = figures_of(outcomes, REGISTRY)["all"]
        assert (found["answered"], found["declined"], found["right"]) == (0.6667, 0.3333, 0.3333)
        assert (found["false_answers"], found["recall@1"]) == (0.5, 1.0)


class TestGaps:
    def test_are_over_questions_asked_in_both_wordings(self) -> None:
        outcomes = [outcome("1", "es", 1), outcome("1", "es-MX", 3), outcome("2", "es", 1), outcome("3", "es-MX", None)]
        assert figures_of(outcomes, REGISTRY)["gaps"] == {
            "es-MX": {
                "standard": "es",
                "questions": 1,
                "recall@1": 1.0,
                "recall@5": 0.0,
                "recall@10": 0.0,
                "mrr@10": 0.6667,
            }
        }

    def test_hold_a_variety_against_its_own_standard_first(self) -> None:
        outcomes = [outcome("1", "yue", 1), outcome("1", "zh", 1), outcome("1", "zh-Hant-HK", 1)]
        assert figures_of(outcomes, REGISTRY)["gaps"]["yue"]["standard"] == "zh-Hant-HK"
        assert figures_of(outcomes[:2], REGISTRY)["gaps"]["yue"]["standard"] == "zh"

    def test_know_a_language_that_has_no_pack_of_its_own(self) -> None:
        registry = Registry([pack("es-MX", "es", "es")])
        outcomes = [outcome("1", "es-MX", 2), outcome("1", "es", 1)]
        assert figures_of(outcomes, registry)["gaps"]["es-MX"]["standard"] == "es"

    def test_hold_it_against_the_wording_that_is_named(self) -> None:
        outcomes = [outcome("1", "es-MX", 2), outcome("1", "es", 1), outcome("1", "plain", 2)]
        gaps = figures_of(outcomes, REGISTRY, "plain")["gaps"]
        assert (gaps["es-MX"]["standard"], gaps["es-MX"]["recall@1"]) == ("plain", 0.0)

    def test_are_not_told_where_there_is_no_standard_wording(self) -> None:
        assert figures_of([outcome("1", "es-MX", 1), outcome("2", "es", 1)], REGISTRY)["gaps"] == {}


class TestCompare:
    def test_tells_what_changed_by_variety_and_in_the_gaps(self) -> None:
        before = figures_of([outcome("1", "es", 1), outcome("1", "es-MX", None)], REGISTRY)
        now = figures_of([outcome("1", "es", 1), outcome("1", "es-MX", 1)], REGISTRY)
        found = compare(now, before)
        assert found["varieties"]["es-MX"]["recall@5"] == 1.0
        assert found["gaps"]["es-MX"]["recall@5"] == -1.0
        assert found["all"]["recall@5"] == 0.5

    def test_names_the_questions_that_got_better_and_worse(self) -> None:
        before = [outcome("1", "es", 1), outcome("2", "es", None), outcome("3", "es", 2)]
        now = [outcome("1", "es", 7), outcome("2", "es", 5), outcome("3", "es", 1), outcome("4", "es", 1)]
        assert moved(now, before) == {
            "worse": [{"qid": "1", "lang": "es", "rank": 7, "before": 1}],
            "better": [{"qid": "2", "lang": "es", "rank": 5, "before": None}],
        }
