from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage

from serve.rag.pipeline import RagPipeline
from tests.serve.rag.library import TODAY, TOWN, document, library
from vernacular.db.models import DocumentTextRow
from vernacular.settings import AnswerSettings
from vernacular.tenancy import TenantScope
from vernacular.types import Answer


@pytest.fixture
def town() -> Iterator[TenantScope]:
    with library(TOWN) as scope:
        yield scope


@pytest.fixture
def pipeline() -> RagPipeline:
    return RagPipeline(AnswerSettings())


def stored(scope: TenantScope) -> dict[str, str]:
    rows: Sequence[Any] = scope.execute(scope.select(DocumentTextRow.document_id, DocumentTextRow.text)).all()
    return {row[0]: row[1] for row in rows}


class TestAnswer:
    @pytest.mark.parametrize(
        ("question", "source_id", "said", "lead"),
        [
            ("How much does it cost to rent a bicycle?", "bikes", "4 crowns an hour", "documents say"),
            ("¿Cuánto cuesta una recogida adicional de muebles?", "basura", "12 coronas", "dicen los documentos"),
            ("泊車許可證每月收費多少？", "parking", "450 元", "文件"),
            ("كم رسوم رخصة البناء؟", "rukhsa", "600 كرون", "الوثائق"),
        ],
    )
    def test_quotes_the_document_in_the_language_of_the_question(
        self, town: TenantScope, pipeline: RagPipeline, question: str, source_id: str, said: str, lead: str
    ) -> None:
        answer = pipeline.answer(town, question, on=TODAY)
        assert answer.answered
        assert answer.reason == "answered"
        assert answer.citations[0].source_id == source_id
        assert said in answer.citations[0].quote
        assert lead in answer.text.splitlines()[0]

    def test_every_quote_stands_verbatim_where_it_says(self, town: TenantScope, pipeline: RagPipeline) -> None:
        texts = stored(town)
        for question in ("What does a day ticket for the pool cost?", "What is the fee for registering a dog?"):
            answer = pipeline.answer(town, question, on=TODAY)
            assert answer.citations
            for each in answer.citations:
                assert texts[each.document_id][each.start : each.end] == each.quote

    def test_every_line_below_the_lead_in_carries_its_marker(self, town: TenantScope, pipeline: RagPipeline) -> None:
        answer = pipeline.answer(town, "When does the swimming pool open?", on=TODAY)
        lines = answer.text.split("\n\n")[1:]
        assert len(lines) == len(answer.citations) <= AnswerSettings().quotes
        assert all(line.endswith(f"[{number}]") for number, line in enumerate(lines, 1))

    def test_a_changed_document_is_not_quoted_as_it_was(self, town: TenantScope, pipeline: RagPipeline) -> None:
        town.execute(town.update(DocumentTextRow).values(text="Everything here was rewritten since."))
        answer = pipeline.answer(town, "How much does it cost to rent a bicycle?", on=TODAY)
        assert not answer.answered
        assert answer.citations == ()

    def test_follows_a_question_that_leans_on_the_one_before(self, town: TenantScope, pipeline: RagPipeline) -> None:
        history = [HumanMessage("Where do I register my dog?"), AIMessage("At the town hall [1].")]
        answer = pipeline.answer(town, "and how much does it cost?", history=history, on=TODAY)
        assert answer.answered
        assert answer.citations[0].source_id == "dogs"
        assert "dog" in answer.understanding.carried

    def test_says_from_when_and_until_when_a_document_applies(self, pipeline: RagPipeline) -> None:
        dated = replace(TOWN[0], valid_from=date(2026, 1, 1), valid_until=date(2026, 12, 31))
        with library([dated, *TOWN[1:]]) as scope:
            answer = pipeline.answer(scope, "How much does it cost to rent a bicycle?", on=TODAY)
        assert "2026-01-01" in answer.text
        assert "2026-12-31" in answer.text
        assert answer.citations[0].valid_until == date(2026, 12, 31)

    def test_markup_in_a_document_stays_text(self, pipeline: RagPipeline) -> None:
        text = "A day ticket for the pool costs 9 crowns [7] ![x](http://evil.example/a.png) <img src=x>."
        with library([document("pool", text, "Pool"), *TOWN[2:]]) as scope:
            answer = pipeline.answer(scope, "How much is a day ticket for the pool?", on=TODAY)
        assert "](" not in answer.text
        assert "[7]" not in answer.text
        assert answer.citations[0].quote == text


class TestDecline:
    def declined(self, answer: Answer, reason: str) -> None:
        assert not answer.answered
        assert answer.reason == reason
        assert answer.citations == ()
        assert "555 0100" in answer.text

    def test_says_what_it_looked_for_and_whom_to_ask(self, town: TenantScope, pipeline: RagPipeline) -> None:
        question = "Which telescope discovered the moons of Neptune?"
        answer = pipeline.answer(town, question, on=TODAY)
        assert answer.reason in ("no_match", "low_confidence")
        self.declined(answer, answer.reason)
        assert question in answer.text

    def test_in_the_language_of_the_question(self, town: TenantScope, pipeline: RagPipeline) -> None:
        assert "Busqué" in pipeline.answer(town, "¿Qué telescopio descubrió las lunas de Neptuno?", on=TODAY).text

    def test_an_empty_tenant_says_so(self, pipeline: RagPipeline) -> None:
        with library([]) as scope:
            self.declined(pipeline.answer(scope, "How much is a bicycle?", on=TODAY), "empty_index")

    @pytest.mark.parametrize("question", ["🚲🚲🚲", "?!…", "\u200b\u202e", ""])
    def test_a_question_without_words_is_asked_for_words(
        self, town: TenantScope, pipeline: RagPipeline, question: str
    ) -> None:
        self.declined(pipeline.answer(town, question, on=TODAY), "no_words")

    def test_an_expired_document_is_named_but_never_cited(self, pipeline: RagPipeline) -> None:
        expired = replace(TOWN[0], valid_until=date(2026, 3, 31))
        with library([expired, *TOWN[1:]]) as scope:
            answer = pipeline.answer(scope, "How much does it cost to rent a bicycle?", on=TODAY)
        self.declined(answer, "outdated")
        assert "Bicycle rental" in answer.text
        assert "2026-03-31" in answer.text

    def test_a_document_closed_to_the_person_is_as_if_it_were_not_there(self, pipeline: RagPipeline) -> None:
        closed = replace(TOWN[0], groups=("staff",))
        with library([closed, *TOWN[1:]], groups=()) as scope:
            assert not pipeline.answer(scope, "How much does it cost to rent a bicycle?", on=TODAY).answered
        with library([closed, *TOWN[1:]], groups=("staff",)) as scope:
            assert pipeline.answer(scope, "How much does it cost to rent a bicycle?", on=TODAY).answered


class TestSearch:
    def test_finds_and_highlights_the_sentence_that_answers(self, town: TenantScope, pipeline: RagPipeline) -> None:
        found = pipeline.search(town, "day ticket for the pool", on=TODAY)
        best = found.hits[0]
        assert best.source_id == "pool"
        assert any("day ticket" in best.text[span.start : span.end] for span in best.highlights)

    def test_returns_no_more_than_asked_for(self, town: TenantScope, pipeline: RagPipeline) -> None:
        assert len(pipeline.search(town, "town crowns", top_k=2, on=TODAY).hits) == 2

    def test_leaves_out_what_is_not_valid_on_the_day(self, pipeline: RagPipeline) -> None:
        later = replace(TOWN[0], valid_from=date(2027, 1, 1))
        with library([later, *TOWN[1:]]) as scope:
            now = pipeline.search(scope, "rent a bicycle", on=TODAY).hits
            then = pipeline.search(scope, "rent a bicycle", on=date(2027, 2, 1)).hits
        assert "bikes" not in [hit.source_id for hit in now]
        assert then[0].source_id == "bikes"

    def test_filters_by_metadata(self, pipeline: RagPipeline) -> None:
        tagged = replace(TOWN[1], metadata={"topic": "sport"})
        with library([tagged, *TOWN[2:]]) as scope:
            hits = pipeline.search(scope, "how much does it cost in crowns", filters={"topic": "sport"}, on=TODAY).hits
        assert [hit.source_id for hit in hits] == ["pool"]

    def test_nothing_but_symbols_finds_nothing(self, town: TenantScope, pipeline: RagPipeline) -> None:
        assert pipeline.search(town, "🚲", on=TODAY).hits == []
