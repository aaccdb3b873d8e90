from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from serve.engine.pool.members import Members, reconcile
from serve.engine.pool.replica import Replica, State
from vernacular.endpoints import EMBEDDING, ModelEndpoint, announce, withdraw
from vernacular.errors import UnknownProfile
from vernacular.settings import EndpointSettings, GenerationSettings, Settings

A, B = "http://127.0.0.1:1/v1", "http://127.0.0.1:2/v1"


def settings_with(home: Path, *endpoints: EndpointSettings) -> Settings:
    return Settings(home=home, generation=GenerationSettings(endpoints=list(endpoints)))


class TestMembers:
    def test_are_those_of_the_settings_and_then_those_announced(self, tmp_path: Path) -> None:
        settings = settings_with(tmp_path, EndpointSettings(url=B, api_key=SecretStr("key-of-b-7f3a")))
        announce(settings, ModelEndpoint("here", A, "m"))
        assert [(one.url, one.api_key) for one in Members(settings).endpoints()] == [(B, "key-of-b-7f3a"), (A, "")]

    def test_come_and_go_as_they_are_announced(self, tmp_path: Path) -> None:
        settings = settings_with(tmp_path)
        members = Members(settings)
        assert members.endpoints() == []
        announce(settings, ModelEndpoint("here", A, "m"))
        assert [one.url for one in members.endpoints()] == [A]
        withdraw(settings, "here")
        assert members.endpoints() == []

    def test_do_not_count_embedding_servers(self, tmp_path: Path) -> None:
        settings = settings_with(tmp_path)
        announce(settings, ModelEndpoint("here", A, "m", kind=EMBEDDING))
        assert Members(settings).endpoints() == []

    def test_count_a_server_once_that_is_both(self, tmp_path: Path) -> None:
        settings = settings_with(tmp_path, EndpointSettings(url=A))
        announced_one = ModelEndpoint("here", A, "m", api_key="its own", vision=True)
        announce(settings, announced_one)
        assert Members(settings).endpoints() == [announced_one]

    def test_keep_two_models_of_one_server_apart(self, tmp_path: Path) -> None:
        settings = settings_with(tmp_path, EndpointSettings(url=A, model="x"), EndpointSettings(url=A, model="y"))
        assert [one.model for one in Members(settings).endpoints()] == ["x", "y"]

    def test_learn_from_the_profile_what_the_model_can_do(self, tmp_path: Path) -> None:
        settings = settings_with(tmp_path, EndpointSettings(url=A, profile="qwen2.5-vl-7b"), EndpointSettings(url=B))
        seeing, plain = Members(settings).endpoints()
        assert (seeing.vision, seeing.context_tokens > 0) == (True, True)
        assert (plain.vision, plain.context_tokens) == (False, 0)

    def test_see_where_the_settings_say_so_whatever_the_profile(self, tmp_path: Path) -> None:
        settings = settings_with(tmp_path, EndpointSettings(url=A, profile="qwen3-8b", vision=True))
        assert Members(settings).endpoints()[0].vision

    def test_refuse_a_profile_that_there_is_not(self, tmp_path: Path) -> None:
        with pytest.raises(UnknownProfile):
            Members(settings_with(tmp_path, EndpointSettings(url=A, profile="gpt-9"))).endpoints()


class TestReconcile:
    def test_keeps_what_is_known(self) -> None:
        replica = Replica(ModelEndpoint("a", A), State.UP)
        assert reconcile((replica,), [ModelEndpoint("a", A)]) == (replica,)
        assert replica.state is State.UP

    def test_starts_anew_with_one_that_has_another_key(self) -> None:
        replica = Replica(ModelEndpoint("a", A, api_key="old"), State.UP)
        (found,) = reconcile((replica,), [ModelEndpoint("a", A, api_key="new")])
        assert (found.endpoint.api_key, found.state) == ("new", State.DOWN)

    def test_keeps_the_new_one_while_the_old_one_ends_what_it_does(self) -> None:
        old, wanted = (
            Replica(ModelEndpoint("a", A, api_key="old"), State.UP, in_flight=1),
            ModelEndpoint("a", A, api_key="new"),
        )
        first = reconcile((old,), [wanted])
        assert reconcile(first, [wanted]) == first
        assert [one.state for one in first] == [State.DOWN, State.DRAINING]

    def test_lets_one_that_is_withdrawn_end_what_it_does(self) -> None:
        replica = Replica(ModelEndpoint("a", A), State.UP, in_flight=1)
        assert reconcile((replica,), []) == (replica,)
        assert replica.state is State.DRAINING
        replica.in_flight = 0
        assert reconcile((replica,), []) == ()

    def test_takes_one_back_that_was_withdrawn(self) -> None:
        replica = Replica(ModelEndpoint("a", A), State.DRAINING, in_flight=1)
        assert reconcile((replica,), [ModelEndpoint("a", A)]) == (replica,)
        assert replica.state is State.DOWN


class TestLabel:
    def test_holds_no_credentials(self) -> None:
        assert Replica(ModelEndpoint("https://me:secret@host:8000/v1", "x")).label == "host:8000"
        assert Replica(ModelEndpoint("skyllm-7b", A)).label == "skyllm-7b"
