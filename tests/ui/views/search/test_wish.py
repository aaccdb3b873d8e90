from __future__ import annotations

import pytest

from ui.views.search.wish import Wish, is_ours


def from_address(address: dict[str, list[str]]) -> Wish:
    return Wish.from_address(list(address), lambda name: address.get(name, []))


WHOLE = Wish(
    "parking fee",
    "newest",
    {"source": ("laws", "news"), "type": ("application/pdf",), "metadata.colour": ("red",), "metadata.new": (True,)},
    {"updated": ("2026-01-01", None), "metadata.price": (5, 9.5)},
    expand=False,
    without=("car",),
)


class TestAddress:
    def test_is_read_as_it_was_written(self) -> None:
        assert from_address(WHOLE.address()) == WHOLE
        assert from_address(Wish().address()) == Wish()

    def test_leaves_out_what_is_as_usual(self) -> None:
        assert Wish("fee").address() == {"q": ["fee"]}
        assert Wish().address() == {}

    @pytest.mark.parametrize(
        "address",
        [
            {"updated": ["yesterday.."]},
            {"updated": ["2026-01-01"]},
            {"r.price": ["nan.."]},
            {"r.price": [".."]},
            {"sort": ["price"]},
            {"source": [""]},
            {"tenant": ["harbour"]},
        ],
    )
    def test_of_nonsense_is_as_if_it_was_not_there(self, address: dict[str, list[str]]) -> None:
        assert from_address(address) == Wish()

    def test_keeps_apart_from_the_rest_of_the_page(self) -> None:
        assert all(is_ours(name) for name in WHOLE.address())
        assert not any(is_ours(name) for name in ("tenant", "lang", "size"))


class TestBody:
    def test_is_what_the_gateway_takes(self) -> None:
        assert WHOLE.body() == {
            "query": "parking fee",
            "sources": ["laws", "news"],
            "types": ["application/pdf"],
            "updated_from": "2026-01-01",
            "filters": {"colour": ["red"], "new": [True], "price": {"gte": 5, "lte": 9.5}},
            "sort": "newest",
            "expand": False,
            "without": ["car"],
        }

    def test_is_read_as_it_was_written(self) -> None:
        assert Wish.from_body(WHOLE.body()) == WHOLE
        assert Wish.from_body({"query": "fee", "filters": {"colour": "red"}}).choices == {"metadata.colour": ("red",)}


class TestChanges:
    def test_choose_and_take_back(self) -> None:
        wish = Wish("fee").toggled("source", "laws").toggled("source", "news").toggled("source", "laws")
        assert wish.choices == {"source": ("news",)}
        assert wish.toggled("source", "news") == Wish("fee")

    def test_bound_and_unbound(self) -> None:
        wish = Wish("fee").between("metadata.price", None, 9)
        assert wish.narrowed
        assert wish.between("metadata.price", None, None) == Wish("fee")
        assert WHOLE.anywhere().narrowed is False

    def test_refuse_and_allow_words(self) -> None:
        wish = Wish("fee").refusing("cost").refusing("cost").refusing("price")
        assert wish.without == ("cost", "price")
        assert wish.allowing("cost").without == ("price",)

    def test_forget_refused_words_with_their_query(self) -> None:
        assert Wish("fee", without=("cost",)).asking("dog").without == ()
