"""Searching by meaning, and going on without it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from threading import Timer

import pytest

from serve.rag import semantics as module
from serve.rag.pipeline import RagPipeline
from serve.rag.retrieve import retrieve
from serve.rag.semantics import Scorer, Semantics
from serve.rag.understand import understand
from tests.contracts.fakes import FakeEmbedder, FakeScorer, InMemoryVectorStore
from tests.serve.rag.library import TODAY, document, library
from vernacular.db.models import IndexGenerationRow
from vernacular.errors import ModelUnavailable
from vernacular.settings import AnswerSettings
from vernacular.tenancy import TenantScope
from vernacular.vectors.protocol import Partition, Query, ScoredPoint

SAME = {"puppy": "dog", "puppies": "dog", "dogs": "dog", "license": "registration", "licence": "registration"}
DOCUMENTS = [
    document("dogs", "Dog registration is free of charge at the town office."),
    document("tax", "The property tax is due at the end of March in every year."),
    document("pool", "The swimming pool opens at seven in the morning from May on."),
    document("waste", "Garden waste is collected on the first Monday of the month."),
]


def warm(
    embedder: FakeEmbedder | None = None, scorer: Scorer | None = None, failures: list[str] | None = None
) -> Semantics:
    made = Semantics(embedder, scorer, on_failure=([] if failures is None else failures).append)
    made.warm_up()
    return made


@pytest.fixture
def embedder() -> FakeEmbedder:
    return FakeEmbedder(same=SAME, dimension=256, languages="en")


@pytest.fixture
def scope(embedder: FakeEmbedder) -> Iterator[TenantScope]:
    with library(DOCUMENTS, embedder=embedder) as opened:
        yield opened


def found(scope: TenantScope, question: str, semantics: Semantics | None) -> list[str]:
    result = RagPipeline(AnswerSettings(), semantics).search(scope, question, on=TODAY)
    return [hit.source_id for hit in result.hits]


class TestSearch:
    def test_finds_what_is_said_in_other_words(self, scope: TenantScope, embedder: FakeEmbedder) -> None:
        assert found(scope, "puppy licence", None) == []
        assert found(scope, "puppy licence", warm(embedder))[0] == "dogs"

    def test_passages_that_share_no_word_are_not_ranked_by_their_words(self, embedder: FakeEmbedder) -> None:
        with library([*DOCUMENTS, document("short", "Closed.")], embedder=embedder) as scope:
            assert found(scope, "puppy licence", warm(embedder))[0] == "dogs"

    def test_says_how_near_and_keeps_the_lexical_score(self, scope: TenantScope, embedder: FakeEmbedder) -> None:
        question = understand("Where is dog registration?", served=("en",))
        [lexical] = [hit for hit in retrieve(scope, question, limit=5) if hit.source_id == "dogs"]
        hits = {hit.source_id: hit for hit in retrieve(scope, question, limit=5, semantics=warm(embedder))}
        assert lexical.dense is None
        assert hits["dogs"].score == pytest.approx(lexical.score)
        assert hits["dogs"].dense is not None
        assert hits["dogs"].dense > (hits["tax"].dense or 0)

    def test_shows_nobody_what_is_not_theirs(self, embedder: FakeEmbedder) -> None:
        secret = replace(DOCUMENTS[0], groups=("board",))
        with library([secret, *DOCUMENTS[1:]], groups=("staff",), embedder=embedder) as scope:
            assert "dogs" not in found(scope, "puppy licence", warm(embedder))

    def test_a_language_the_model_does_not_know_is_searched_without(
        self, scope: TenantScope, embedder: FakeEmbedder
    ) -> None:
        semantics = warm(embedder)
        before = embedder.encoded
        assert found(scope, "¿Dónde se registra mi perro en esta ciudad?", semantics) == found(
            scope, "¿Dónde se registra mi perro en esta ciudad?", None
        )
        assert embedder.encoded == before

    def test_an_index_of_another_model_is_searched_without(self, scope: TenantScope, embedder: FakeEmbedder) -> None:
        other = FakeEmbedder("other", same=SAME, dimension=256)
        assert found(scope, "puppy licence", warm(other)) == []
        scope.execute(scope.update(IndexGenerationRow).values(embedding=other.fingerprint))
        assert found(scope, "puppy licence", warm(embedder)) == []

    def test_a_model_that_makes_other_vectors_than_it_did_is_searched_without(self, scope: TenantScope) -> None:
        failures: list[str] = []
        changed = FakeEmbedder(same=SAME, dimension=128, languages="en")
        assert found(scope, "dog registration", warm(changed, failures=failures)) == found(
            scope, "dog registration", None
        )
        assert failures == ["embedding"]

    def test_a_question_asked_again_is_encoded_once(self, scope: TenantScope, embedder: FakeEmbedder) -> None:
        semantics = warm(embedder)
        before = embedder.encoded
        for _ in range(3):
            found(scope, "puppy licence", semantics)
        assert embedder.encoded == before + 1

    def test_without_models_the_index_is_asked_as_ever(
        self, scope: TenantScope, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[object] = []
        search = InMemoryVectorStore.search

        def recorded(store: InMemoryVectorStore, partition: Partition, query: Query) -> list[ScoredPoint]:
            asked.append(query.dense)
            return search(store, partition, query)

        monkeypatch.setattr(InMemoryVectorStore, "search", recorded)
        found(scope, "dog registration", Semantics())
        assert asked == [None]


class TestAnswers:
    def test_a_passage_found_by_meaning_alone_is_not_quoted_as_a_sure_answer(
        self, scope: TenantScope, embedder: FakeEmbedder
    ) -> None:
        answer = RagPipeline(AnswerSettings(), warm(embedder)).answer(scope, "Which puppy licence?", on=TODAY)
        assert not answer.answered

    @pytest.mark.parametrize("question", ["Is dog registration free of charge?", "When is the property tax due?"])
    def test_confidence_is_judged_by_the_same_lexical_score(
        self, scope: TenantScope, embedder: FakeEmbedder, question: str
    ) -> None:
        lexical = RagPipeline(AnswerSettings()).answer(scope, question, on=TODAY)
        hybrid = RagPipeline(AnswerSettings(), warm(embedder)).answer(scope, question, on=TODAY)
        assert lexical.answered
        assert hybrid.answered
        assert hybrid.citations[0].quote == lexical.citations[0].quote

    def test_what_nothing_answers_is_declined_as_before(self, scope: TenantScope, embedder: FakeEmbedder) -> None:
        question = "How much does a fishing permit for the harbour cost?"
        assert not RagPipeline(AnswerSettings(), warm(embedder)).answer(scope, question, on=TODAY).answered


class TestOutage:
    def test_a_model_that_is_not_loaded_yet_is_not_waited_for(self, scope: TenantScope, embedder: FakeEmbedder) -> None:
        before = embedder.encoded
        assert found(scope, "dog registration", Semantics(embedder))[0] == "dogs"
        assert embedder.encoded == before

    def test_one_who_has_a_single_question_waits_for_it(self, scope: TenantScope, embedder: FakeEmbedder) -> None:
        semantics = Semantics(embedder)
        Timer(0.05, semantics.warm_up).start()
        semantics.wait(30)
        assert found(scope, "puppy licence", semantics)[0] == "dogs"
        Semantics().wait(30)

    def test_search_goes_on_and_the_failure_is_counted(self, scope: TenantScope, embedder: FakeEmbedder) -> None:
        failures: list[str] = []
        semantics = warm(embedder, failures=failures)
        embedder.error = ModelUnavailable("The embedding server is away.")
        assert found(scope, "dog registration", semantics)[0] == "dogs"
        assert failures == ["embedding"]

    def test_a_model_that_failed_is_left_alone_for_a_while(
        self, scope: TenantScope, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = [100.0]
        monkeypatch.setattr(module, "monotonic", lambda: now[0])
        failures: list[str] = []
        semantics = warm(embedder, failures=failures)
        embedder.error = ModelUnavailable("The embedding server is away.")
        found(scope, "dog registration", semantics)
        found(scope, "dog registration", semantics)
        assert failures == ["embedding"]
        embedder.error = None
        assert found(scope, "puppy licence", semantics) == []
        now[0] += module.REST_S
        assert found(scope, "puppy licence", semantics)[0] == "dogs"

    def test_a_model_that_fails_at_the_start_is_tried_again_later(
        self, scope: TenantScope, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = [100.0]
        monkeypatch.setattr(module, "monotonic", lambda: now[0])
        embedder.error = ModelUnavailable("The embedding server is away.")
        semantics = warm(embedder)
        embedder.error = None
        now[0] += module.REST_S
        assert found(scope, "puppy licence", semantics)[0] == "dogs"


class TestScorer:
    def test_orders_the_first_passages(self, scope: TenantScope) -> None:
        question = "When is the swimming pool open, or the property tax due?"
        for word, first in (("march", "tax"), ("seven", "pool")):
            assert found(scope, question, warm(scorer=FakeScorer(word)))[0] == first

    def test_reads_no_more_passages_than_it_should(self, scope: TenantScope) -> None:
        scorer = FakeScorer("month")
        semantics = Semantics(None, scorer, scored=2)
        semantics.warm_up()
        question = "When is the swimming pool open, the property tax due, the waste collected?"
        found(scope, question, semantics)
        assert scorer.asked[-1][1] == 2

    def test_that_fails_leaves_the_order_as_it_was(self, scope: TenantScope) -> None:
        failures: list[str] = []
        scorer = FakeScorer("march")
        semantics = warm(scorer=scorer, failures=failures)
        scorer.error = ModelUnavailable("The reranking server is away.")
        question = "When is the swimming pool open, or the property tax due?"
        assert found(scope, question, semantics) == found(scope, question, None)
        assert failures == ["rerank"]
