from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serve.engine.adapters import choose
from serve.engine.adapters.choice import Candidate, pick, place_of
from tests.serve.gateway import Gateway
from vernacular.db.models import AdapterRow
from vernacular.tenancy import TenantScope

KEYS = [f"conversation-{number}" for number in range(20_000)]


def candidate(
    name: str, dialect: str = "", *, version: int = 1, share: float = 1.0, assistant: str = "default"
) -> Candidate:
    return Candidate(name, dialect, assistant, version, share)


def put(gateway: Gateway, slug: str, name: str, **columns: object) -> None:
    fields = {"base_model": "tiny", "version": 1, "path": "p", "digest": name, "rank": 8, "state": "active", **columns}
    with gateway.services.database.write() as session:
        TenantScope(session, gateway.tenants[slug]).add(AdapterRow(name=name, **fields))


def chosen(gateway: Gateway, slug: str, dialect: str | None = "yue-Hant-HK", key: str = "k", **more: str) -> str | None:
    told = {"assistant": "default", "base_model": "tiny", **more}
    with gateway.services.database.read() as session:
        return choose(TenantScope(session, gateway.tenants[slug]), dialect=dialect, key=key, **told)


class TestPick:
    def test_prefers_the_tag_itself_then_shorter_ones_then_any(self) -> None:
        every = [
            candidate("any"),
            candidate("yue", "yue"),
            candidate("hk", "yue-Hant-HK"),
            candidate("hant", "yue-Hant"),
        ]
        assert pick(every, "default", "yue-Hant-HK", 0.5) == "hk"
        assert pick(every, "default", "yue-Hant-MO", 0.5) == "hant"
        assert pick(every, "default", "yue-Hans", 0.5) == "yue"
        assert pick(every, "default", "es-MX", 0.5) == "any"
        assert pick(every, "default", None, 0.5) == "any"

    def test_never_takes_a_closer_dialect_than_was_asked(self) -> None:
        assert pick([candidate("hk", "yue-Hant-HK")], "default", "yue", 0.0) is None

    def test_takes_private_subtags_as_a_whole_and_minds_no_case(self) -> None:
        assert pick([candidate("x", "cmn-Hans")], "default", "cmn-Hans-x-sichuan", 0.5) == "x"
        assert pick([candidate("x", "YUE-hant-hk")], "default", "yue-Hant-HK", 0.5) == "x"

    def test_gives_what_the_newest_leaves_to_the_one_before(self) -> None:
        both = [candidate("old"), candidate("new", version=2, share=0.3)]
        assert [pick(both, "default", None, place) for place in (0.0, 0.29, 0.3, 0.99)] == ["new", "new", "old", "old"]

    def test_gives_what_no_adapter_takes_to_the_base_model(self) -> None:
        assert pick([candidate("a", share=0.3)], "default", None, 0.31) is None

    def test_keeps_to_the_assistant(self) -> None:
        every = [candidate("one", assistant="default"), candidate("all", assistant="")]
        assert pick(every, "default", None, 0.5) == "one"
        assert pick(every, "clerk", None, 0.5) == "all"

    @given(
        shares=st.lists(st.floats(0, 1), min_size=1, max_size=5),
        place=st.floats(0, 1, exclude_max=True),
        raised=st.floats(0, 1),
    )
    def test_moves_no_one_away_from_an_adapter_whose_share_is_raised(
        self, shares: list[float], place: float, raised: float
    ) -> None:
        last = len(shares)
        before = [candidate(str(number), version=number, share=share) for number, share in enumerate(shares, 1)]
        after = [*before[:-1], candidate(str(last), version=last, share=max(raised, shares[-1]))]
        if pick(before, "default", None, place) == str(last):
            assert pick(after, "default", None, place) == str(last)

    @given(shares=st.lists(st.floats(0, 1), max_size=5), place=st.floats(0, 1, exclude_max=True))
    def test_leaves_no_one_without_an_adapter_when_the_shares_fill_the_whole(
        self, shares: list[float], place: float
    ) -> None:
        every = [candidate(str(number), version=number, share=share) for number, share in enumerate([1.0, *shares])]
        assert pick(every, "default", None, place) is not None


class TestPlaceOf:
    @pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.5, 1.0])
    @pytest.mark.parametrize("assistant", ["default", "clerk"])
    def test_gives_each_adapter_its_share_of_the_conversations(self, assistant: str, share: float) -> None:
        both = [candidate("old", assistant=""), candidate("new", version=2, share=share, assistant="")]
        found = Counter(pick(both, assistant, None, place_of("tenant", assistant, key)) for key in KEYS)
        assert abs(found["new"] / len(KEYS) - share) < 0.01
        assert found["old"] == len(KEYS) - found["new"]

    def test_is_spread_evenly(self) -> None:
        tenths = Counter(int(place_of("tenant", "default", key) * 10) for key in KEYS)
        assert sorted(tenths) == list(range(10))
        assert all(abs(count / len(KEYS) - 0.1) < 0.01 for count in tenths.values())


class TestChoose:
    def test_gives_what_an_adapter_does_not_take_to_the_next(self, gateway: Gateway) -> None:
        put(gateway, "acme", "acme--any--v1")
        put(gateway, "acme", "acme--any--v2", version=2, share=0.5)
        found = Counter(chosen(gateway, "acme", key=key) for key in KEYS[:100])
        assert set(found) == {"acme--any--v1", "acme--any--v2"}

    def test_deals_the_same_key_the_same_adapter(self, gateway: Gateway) -> None:
        put(gateway, "acme", "acme--any--v1", share=0.5)
        assert all(chosen(gateway, "acme", key=key) == chosen(gateway, "acme", key=key) for key in KEYS[:20])

    def test_deals_assistants_anew(self, gateway: Gateway) -> None:
        put(gateway, "acme", "acme--any--v1", share=0.5, assistant="")
        pairs = {
            (chosen(gateway, "acme", key=key), chosen(gateway, "acme", key=key, assistant="clerk")) for key in KEYS[:60]
        }
        assert len(pairs) == 4

    def test_never_takes_another_tenants(self, gateway: Gateway) -> None:
        put(gateway, "acme", "acme--any--v1")
        assert chosen(gateway, "acme") == "acme--any--v1"
        assert {chosen(gateway, "other", dialect, key) for dialect in (None, "yue") for key in KEYS[:20]} == {None}

    @pytest.mark.parametrize(
        "columns",
        [{"state": "registered"}, {"state": "retired"}, {"note": "its files are gone"}, {"base_model": "another"}],
    )
    def test_takes_none_that_cannot_be_used(self, gateway: Gateway, columns: dict[str, str]) -> None:
        put(gateway, "acme", "acme--any--v1", **columns)
        assert chosen(gateway, "acme") is None

    def test_takes_any_text_for_a_key(self, gateway: Gateway) -> None:
        put(gateway, "acme", "acme--any--v1")
        assert {chosen(gateway, "acme", key=key) for key in ("", "\ud800", "字", "x" * 10_000)} == {"acme--any--v1"}

    def test_leaves_the_answer_to_the_base_model_while_the_chosen_one_is_not_loaded(self, gateway: Gateway) -> None:
        put(gateway, "acme", "acme--any--v1")
        put(gateway, "acme", "acme--any--v2", version=2)
        told = {"assistant": "default", "dialect": "yue", "base_model": "tiny", "key": "k"}
        with gateway.services.database.read() as session:
            scope = TenantScope(session, gateway.tenants["acme"])
            assert choose(scope, loaded={"acme--any--v1", "acme--any--v2"}, **told) == "acme--any--v2"
            assert choose(scope, loaded={"acme--any--v1"}, **told) is None
