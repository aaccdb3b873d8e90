from __future__ import annotations

from dataclasses import replace

import pytest

from serve.rag.feedback import KIN, lift
from serve.rag.pipeline import RagPipeline
from tests.serve.rag.library import document, library
from vernacular.settings import AnswerSettings, DialectSettings
from vernacular.types import Hit


def hit(number: int, score: float, title: str, document: str = "") -> Hit:
    return Hit(f"c{number}", document or f"d{number}", f"s{number}", title, "text", score)


class TestLift:
    def test_brings_a_passage_up_whose_series_matches_well(self) -> None:
        hits = [
            hit(1, 10.0, "Water Act, section 3"),
            hit(2, 9.0, "Water Act, section 12"),
            hit(3, 7.1, "Zoo rules"),
            hit(4, 7.0, "Water Act, section 40"),
        ]
        assert [each.chunk_id for each in lift(hits)] == ["c1", "c2", "c4", "c3"]

    def test_and_one_whose_own_document_does(self) -> None:
        hits = [hit(1, 10.0, "", "long"), hit(2, 9.0, "", "long"), hit(3, 7.1, "", "other"), hit(4, 7.0, "", "long")]
        assert [each.chunk_id for each in lift(hits)] == ["c1", "c2", "c4", "c3"]

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ("護照條例 第11條", "護照條例 第 3 條"),
            ("消費者保護法 第11-1條", "消費者保護法 第十九條"),
            ("Ley de Aguas, artículo 3", "Ley de Aguas, artículo 12.4"),
            ("Circular 2024/17", "Circular 2023/4"),
            ("Chapter IV", "chapter ix"),
        ],
    )
    def test_takes_titles_for_a_series_that_differ_in_numbers_only(self, first: str, second: str) -> None:
        hits = [hit(1, 10.0, first), hit(2, 9.9, "Zoo"), hit(3, 9.5, second)]
        assert [each.chunk_id for each in lift(hits)] == ["c1", "c3", "c2"]

    def test_keeps_documents_apart_whose_titles_are_numbers(self) -> None:
        hits = [hit(1, 10.0, "12"), hit(2, 9.9, "Zoo"), hit(3, 9.5, "13")]
        assert [each.chunk_id for each in lift(hits)] == ["c1", "c2", "c3"]

    def test_keeps_the_order_of_documents_that_stand_alone(self) -> None:
        hits = [hit(1, 3.0, "Pool"), hit(2, 2.0, "Zoo"), hit(3, 1.0, "Park")]
        assert [each.chunk_id for each in lift(hits)] == ["c1", "c2", "c3"]

    def test_keeps_the_highest_score(self) -> None:
        hits = [hit(1, 3.0, "Act 1"), hit(2, 2.0, "Act 2")]
        assert max(each.score for each in lift(hits)) == pytest.approx(3.0)

    def test_does_not_let_kinship_outweigh_a_passages_own_match(self) -> None:
        hits = [hit(1, 10.0, "Zoo"), *(hit(2 + number, 10.0 * (1 - KIN), f"Act {number}") for number in range(3))]
        assert lift(hits)[0].chunk_id == "c1"

    def test_takes_passages_that_were_found_by_meaning_alone(self) -> None:
        hits = [hit(1, 0.0, "Act 1"), hit(2, 0.0, "Act 2")]
        assert [each.score for each in lift(hits)] == [0.0, 0.0]

    def test_leaves_the_places_of_a_search_by_words_and_meaning(self) -> None:
        hits = [hit(1, 3.0, "Zoo"), replace(hit(2, 0.0, "Pool"), dense=0.8), hit(3, 2.9, "Act 1"), hit(4, 2.8, "Act 2")]
        assert [each.chunk_id for each in lift(hits)] == ["c1", "c2", "c3", "c4"]

    def test_has_nothing_to_do_without_hits(self) -> None:
        assert lift([]) == []


class TestSearch:
    DOCUMENTS = (
        document("water-1", "Water meters belong to the water company.", "Water Act, section 1"),
        document("water-2", "Water meters are read by the water company twice a year.", "Water Act, section 2"),
        document("water-3", "Whoever damages one pays for a new one.", "Water Act, section 3"),
        document("zoo", "Whoever damages a cage pays for a new one, also for water.", "Zoo rules"),
    )

    @pytest.mark.parametrize(("feedback", "first"), [(True, "water-3"), (False, "zoo")])
    def test_ranks_by_series_where_that_is_switched_on(self, feedback: bool, first: str) -> None:
        pipeline = RagPipeline(AnswerSettings(), dialects=DialectSettings(feedback=feedback))
        with library(self.DOCUMENTS) as scope:
            hits = pipeline.search(scope, "who pays a damaged water meter").hits
        assert hits[0].source_id == first
