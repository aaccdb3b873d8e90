from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage

from serve.rag.pipeline import RagPipeline
from tests.serve.rag.approved_cases import CASES, Case
from tests.serve.rag.library import TODAY, TOWN, document, library
from tests.serve.rag.test_answering import generation, model, run
from vernacular.approved import SOURCE, layout
from vernacular.db.models import ApprovedAnswerRow, DocumentRow, DocumentTextRow
from vernacular.settings import AnswerSettings
from vernacular.tenancy import TenantScope
from vernacular.types import Document

ANSWER = "Go to the desk on the second floor.\n\nBring:\n- the old card\n- 12 crowns\n\n| day | hours |\n|---|---|\n| Monday | 9 to 5 |"


@pytest.fixture(scope="module")
def pipeline() -> RagPipeline:
    return RagPipeline(AnswerSettings())


@contextmanager
def town(*answers: ApprovedAnswerRow, others: Sequence[Document] = TOWN) -> Iterator[TenantScope]:
    documents = [
        document(row.id, layout(row.question, row.variants, row.answer), row.question, **_days(row)) for row in answers
    ]
    with library([*others, *documents]) as scope:
        for row in answers:
            scope.add(row)
            scope.execute(scope.update(DocumentRow).where(DocumentRow.source_id == row.id).values(source=SOURCE))
        scope.session.flush()
        yield scope


def _days(row: ApprovedAnswerRow) -> dict[str, date | None]:
    return {"valid_from": row.valid_from, "valid_until": row.valid_until}


def answer(identifier: str, question: str, text: str = ANSWER, **fields: Any) -> ApprovedAnswerRow:
    return ApprovedAnswerRow(
        id=identifier, question=question, answer=text, **{"variants": [], "active": True, **fields}
    )


CARD = "How do I replace a lost library card?"


class TestTheAnswer:
    def test_comes_whole_and_word_for_word(self, pipeline: RagPipeline) -> None:
        with town(answer("a", CARD)) as scope:
            found = pipeline.answer(scope, "how can I replace my lost library card", on=TODAY)
        assert found.approved_id == "a"
        assert found.answered
        assert found.text == (
            "Go to the desk on the second floor. [1]\n\nBring:\n- the old card\n- 12 crowns [2]\n\n"
            "| day | hours |\n|---|---|\n| Monday | 9 to 5 |\n\n[3]"
        )

    def test_cites_each_part_where_it_stands_in_its_document(self, pipeline: RagPipeline) -> None:
        with town(answer("a", CARD)) as scope:
            found = pipeline.answer(scope, CARD, on=TODAY)
            kept = scope.get(DocumentTextRow, found.citations[0].document_id)
            assert kept is not None
            text = kept.text
        assert [text[each.start : each.end] for each in found.citations] == [each.quote for each in found.citations]
        assert "\n\n".join(each.quote for each in found.citations) == ANSWER
        assert found.citations[0].title == CARD

    def test_is_prepared_for_no_model(self, pipeline: RagPipeline) -> None:
        with town(answer("a", CARD)) as scope:
            prepared = pipeline.prepare(scope, pipeline.understand(scope, CARD), on=TODAY)
        assert prepared.passages == ()
        assert prepared.extractive.approved_id == "a"

    def test_is_given_without_asking_a_model_that_is_there(self, pipeline: RagPipeline) -> None:
        with town(answer("a", CARD)) as scope:
            prepared = pipeline.prepare(scope, pipeline.understand(scope, CARD), on=TODAY)
        given = generation()
        text, last = run(prepared, given)
        assert (last.mode, last.model, last.fallback) == ("approved", None, None)
        assert text.startswith("Go to the desk on the second floor. [1]")
        assert model(given).asked == []

    def test_is_left_out_where_images_ask_the_question(self, pipeline: RagPipeline) -> None:
        with town(answer("a", CARD)) as scope:
            prepared = pipeline.prepare(scope, pipeline.understand(scope, CARD), on=TODAY, with_images=True)
        assert prepared.extractive.approved_id is None
        assert prepared.passages

    def test_comes_for_a_variant(self, pipeline: RagPipeline) -> None:
        with town(answer("a", CARD, variants=["My borrower's ticket is gone, what now?"])) as scope:
            found = pipeline.answer(scope, "my borrowers ticket is gone what now", on=TODAY)
        assert found.approved_id == "a"


class TestNoAnswer:
    @pytest.mark.parametrize(
        "changed",
        [
            {"active": False},
            {"valid_from": TODAY + timedelta(days=1)},
            {"valid_until": TODAY - timedelta(days=1)},
        ],
    )
    def test_while_it_is_off_or_not_of_the_day(self, pipeline: RagPipeline, changed: dict[str, Any]) -> None:
        with town(answer("a", CARD, **changed)) as scope:
            assert pipeline.answer(scope, CARD, on=TODAY).approved_id is None

    def test_while_its_document_says_something_else(self, pipeline: RagPipeline) -> None:
        with town(row := answer("a", CARD)) as scope:
            row.answer = "Something newer."
            scope.session.flush()
            assert pipeline.answer(scope, CARD, on=TODAY).approved_id is None

    def test_for_a_question_that_leans_on_the_one_before(self, pipeline: RagPipeline) -> None:
        history = [HumanMessage("How do I replace a lost library card?"), AIMessage("At the desk [1].")]
        with town(answer("a", CARD)) as scope:
            assert pipeline.answer(scope, "and where?", history=history, on=TODAY).approved_id is None

    def test_in_documents_that_it_is_none_of(self, pipeline: RagPipeline) -> None:
        with town(answer("a", CARD)) as scope:
            assert pipeline.answer(scope, CARD, on=TODAY, documents=["another"]).approved_id is None

    def test_quotes_a_question_as_an_answer(self, pipeline: RagPipeline) -> None:
        row = answer("a", CARD, variants=["Where do I get another library card if I lost mine?"])
        with town(row, others=[]) as scope:
            found = pipeline.answer(scope, "lost library card floor", on=TODAY)
        assert not any("?" in each.quote for each in found.citations)


class TestOtherQuestions:
    def test_are_answered_as_without_approved_answers(self, pipeline: RagPipeline) -> None:
        asked = "How much does it cost to rent a bicycle?"
        with town() as scope:
            before = pipeline.answer(scope, asked, on=TODAY)
        with town(answer("a", CARD)) as scope:
            after = pipeline.answer(scope, asked, on=TODAY)
        assert after.text == before.text

    def test_cost_a_tenant_without_approved_answers_no_further_look(
        self, pipeline: RagPipeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unwanted(*_: object) -> None:
            raise AssertionError("questions are compared though there is nothing to compare them with")

        monkeypatch.setattr("serve.rag.approved.phrasing", unwanted)
        monkeypatch.setattr("serve.rag.approved.pad", unwanted)
        with town() as scope:
            assert pipeline.answer(scope, "How much does it cost to rent a bicycle?", on=TODAY).answered


class TestWhoGetsIt:
    """Asked of a tenant that has all approved answers of a language at once."""

    @pytest.mark.parametrize("language", list(CASES))
    def test_all_who_mean_the_question_and_nobody_else(self, pipeline: RagPipeline, language: str) -> None:
        cases: tuple[Case, ...] = CASES[language]
        rows = [answer(str(at), case.question, variants=list(case.variants)) for at, case in enumerate(cases)]
        missed, wrong = list[str](), list[str]()
        with town(*rows) as scope:
            for at, case in enumerate(cases):
                for text in case.same:
                    if pipeline.answer(scope, text, on=TODAY).approved_id != str(at):
                        missed.append(text)
                wrong += [text for text in case.other if pipeline.answer(scope, text, on=TODAY).approved_id]
        asked = sum(len(case.same) for case in cases)
        assert wrong == []
        assert len(missed) <= 0.05 * asked, missed
