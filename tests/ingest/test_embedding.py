"""Dense vectors on their way into the index, and what happens when the model is changed."""

from __future__ import annotations

import pytest

from ingest.repair import damage, follow_model, look_over
from tests.contracts.fakes import FakeEmbedder
from tests.ingest.conftest import Home, record
from vernacular.errors import ModelUnavailable
from vernacular.vectors.protocol import Query


def follow(home: Home) -> None:
    """Do what the worker does until it has nothing more to do about the model."""
    [job_id] = follow_model(home.parts)
    assert follow_model(home.parts) == []
    assert home.run(job_id)["state"] == "succeeded"
    assert follow_model(home.parts) == []


class TestIngest:
    def test_every_chunk_gets_a_vector_of_the_model(self, home: Home) -> None:
        model = FakeEmbedder()
        with home.configured(model) as dense:
            dense.ingest([record(number) for number in range(7)])
            active = dense.active()
        assert (active.embedding, active.dense_size) == (model.fingerprint, model.dimension)
        assert home.dense(active) == home.points() == 7
        vector = model.encode_query("Notice number 3 about the swimming pool.").tolist()
        hits = home.vectors.search(active, Query(dense=vector, groups=None, limit=1))
        assert hits[0].dense == pytest.approx(1)

    def test_without_a_model_there_are_none(self, home: Home) -> None:
        home.ingest([record(1)])
        assert (home.active().embedding, home.active().dense_size, home.dense(home.active())) == ("", 0, 0)

    def test_a_model_that_fails_ends_no_document(self, home: Home) -> None:
        model = FakeEmbedder()
        with home.configured(model) as dense:
            dense.ingest([record(1)])
            model.error = ModelUnavailable("The embedding server is away.")
            job_id = dense.accept([record(2), record(3)])
            with pytest.raises(ModelUnavailable):
                dense.run(job_id)
            model.error = None
            assert dense.run(job_id)["state"] == "succeeded"
            assert dense.dense(dense.active()) == dense.points() == 3

    def test_an_index_of_its_own_needs_no_model_that_is_away(self, home: Home) -> None:
        home.ingest([record(1)])
        model = FakeEmbedder()
        model.error = ModelUnavailable("The embedding server is away.")
        with home.configured(model) as dense:
            assert dense.ingest([record(2)])["state"] == "succeeded"
        assert set(home.found("swimming pool")) == {"r1", "r2"}


class TestChangeOfModel:
    def test_a_first_model_gets_an_index_of_its_own_and_the_old_is_dropped(self, home: Home) -> None:
        home.ingest([record(number) for number in range(5)])
        model = FakeEmbedder()
        with home.configured(model) as dense:
            assert look_over(dense.parts) == []
            follow(dense)
            assert damage(dense.parts, dense.tenant) is None
        active = home.active()
        assert (active.embedding, active.dense_size) == (model.fingerprint, model.dimension)
        assert home.vectors.partitions() == [active]
        assert home.dense(active) == 5

    def test_another_model_may_have_another_dimension(self, home: Home) -> None:
        with home.configured(FakeEmbedder("one", dimension=8)) as first:
            first.ingest([record(1), record(2)])
        with home.configured(FakeEmbedder("two", dimension=12)) as second:
            follow(second)
        assert home.active().dense_size == 12
        assert home.dense(home.active()) == 2

    def test_taking_the_model_away_leads_back_to_a_lexical_index(self, home: Home) -> None:
        with home.configured(FakeEmbedder()) as dense:
            dense.ingest([record(1)])
        follow(home)
        assert (home.active().embedding, home.dense(home.active())) == ("", 0)

    def test_until_it_is_whole_the_old_index_is_searched_and_written(self, home: Home) -> None:
        with home.configured(FakeEmbedder("one")) as first:
            first.ingest([record(1)])
        with home.configured(FakeEmbedder("two")) as second:
            generation, _total = second.parts.reindexer.begin(second.tenant)
            second.ingest([record(2)])
            old, new = second.active(), second.parts.reindexer._partition(second.tenant, generation)
            assert (old.embedding, new.embedding) == (FakeEmbedder("one").fingerprint, FakeEmbedder("two").fingerprint)
            assert (home.dense(old), home.vectors.count(old)) == (1, 2)
            assert (home.dense(new), home.vectors.count(new)) == (1, 1)
            assert set(second.found("swimming pool")) == {"r1", "r2"}

    def test_a_model_that_does_not_answer_is_waited_for(self, home: Home) -> None:
        home.ingest([record(1)])
        model = FakeEmbedder()
        model.error = ModelUnavailable("The embedding server is away.")
        with home.configured(model) as dense:
            assert follow_model(dense.parts) == []
            model.error = None
            follow(dense)
        assert home.dense(home.active()) == 1

    def test_generations_of_two_models_never_share_a_name(self, home: Home) -> None:
        names = set()
        for model in (FakeEmbedder("one"), FakeEmbedder("two"), FakeEmbedder("one")):
            with home.configured(model) as dense:
                dense.ingest([record(1)])
                for job_id in follow_model(dense.parts):
                    dense.run(job_id)
                names.add(dense.active().generation)
        assert len(names) == 3
        assert len({name.rpartition("-")[0] for name in names}) == 2
