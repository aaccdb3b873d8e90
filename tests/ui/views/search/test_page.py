from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.conftest import OpenView, text_of
from tests.ui.fake_gateway import DOCUMENTS, FakeGateway
from tests.ui.fake_search import EVIL, FakeSearch, hit, values
from ui.views.search import page as search_page

TEXT = "The parking permit costs 450 dollars."


@pytest.fixture
def search(gateway: FakeGateway) -> FakeSearch:
    fake = FakeSearch(hits=[hit("id-card", "Parking", TEXT, highlights=[[0, 37]], marks=[[4, 18]])])
    gateway.topics.append(fake)
    return fake


def type_in(page: AppTest, text: str) -> AppTest:
    return page.text_input(key="search-query").input(text).run()


def _noting(told: list[str], name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*given: Any) -> Any:
        told.append(name)
        return function(*given)

    return call


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def queries(search: FakeSearch) -> list[str]:
    return [body["query"] for body in search.searched]


class TestTyping:
    def test_finds_and_marks(self, open_view: OpenView, search: FakeSearch) -> None:
        page = type_in(open_view("search", "member"), "parking permit")
        shown = text_of(page)
        assert "The <mark>parking permit</mark> costs 450 dollars." in shown
        assert "1 passage in 1 document, found in 12" in shown
        assert not page.exception

    def test_what_was_found_does_not_wait_for_the_filters(
        self, open_view: OpenView, search: FakeSearch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sent: list[str] = []
        for name in ("show_filters", "results_html"):
            monkeypatch.setattr(search_page, name, _noting(sent, name, getattr(search_page, name)))
        page = type_in(open_view("search", "member"), "parking permit")
        assert sent == ["results_html", "show_filters"]
        assert not page.exception

    def test_asks_the_gateway_once_for_what_is_typed(self, open_view: OpenView, search: FakeSearch) -> None:
        page = type_in(open_view("search", "member"), "parking")
        page.run()
        type_in(page, "parking ")
        assert queries(search) == ["parking"]

    def test_takes_no_letters_back_when_the_address_lags_behind(self, open_view: OpenView, search: FakeSearch) -> None:
        page = type_in(open_view("search", "member"), "parking")
        page.query_params["q"] = "parki"
        type_in(page, "parking perm")
        assert page.text_input(key="search-query").value == "parking perm"
        assert page.query_params["q"] == "parking perm"

    def test_puts_what_the_address_went_back_to_into_the_field(self, open_view: OpenView, search: FakeSearch) -> None:
        page = type_in(type_in(open_view("search", "member"), "parking"), "dogs")
        page.query_params["q"] = "parking"
        page.run()
        assert page.text_input(key="search-query").value == "parking"
        assert page.query_params["q"] == "parking"

    def test_keeps_what_is_searched_for_in_the_address(self, open_view: OpenView, search: FakeSearch) -> None:
        page = type_in(open_view("search", "member"), "parking")
        assert page.query_params["q"] == "parking"
        assert page.query_params["lang"] == "en"

    def test_begins_with_what_the_address_says(self, open_view: OpenView, search: FakeSearch) -> None:
        page = open_view("search", "member", q="dogs", source="laws", sort="oldest", expand="0")
        assert page.text_input(key="search-query").value == "dogs"
        asked = search.searched[0]
        assert (asked["query"], asked["sources"], asked["sort"], asked["expand"]) == ("dogs", ["laws"], "oldest", False)
        assert page.selectbox(key="search-sort").value == "oldest"

    def test_is_for_members(self, open_view: OpenView, search: FakeSearch) -> None:
        assert "This page is not for your role." in text_of(open_view("search", "public"))

    def test_says_what_went_wrong(self, open_view: OpenView, search: FakeSearch) -> None:
        search.refusal = (503, "unavailable")
        page = type_in(open_view("search", "member"), "parking")
        assert "vn-error" in text_of(page)
        assert not page.exception


class TestFilters:
    @pytest.fixture(autouse=True)
    def facets(self, search: FakeSearch) -> None:
        search.facets = [
            values("source", laws=3, news=1),
            values("language", en=2, es=1),
            values("metadata.tags", **{EVIL: 2}),
            {"field": "metadata.price", "kind": "range", "values": [], "min": 5, "max": 90},
            {"field": "updated", "kind": "range", "values": [], "min": "2026-01-01", "max": "2026-03-01"},
        ]

    def test_offer_what_there_is_with_its_number(self, open_view: OpenView, search: FakeSearch) -> None:
        page = open_view("search", "member", q="parking")
        shown = [box.label for box in page.checkbox]
        assert shown[:4] == ["laws (3)", "news (1)", "English (2)", "Spanish (1)"]
        assert "![" not in "".join(shown)

    def test_narrow_the_search(self, open_view: OpenView, search: FakeSearch) -> None:
        page = open_view("search", "member", q="parking")
        page.checkbox[0].check().run()
        assert search.searched[-1]["sources"] == ["laws"]
        assert page.query_params["source"] == "laws"
        page.checkbox[1].check().run()
        assert search.searched[-1]["sources"] == ["laws", "news"]

    def test_show_what_is_chosen_to_be_taken_away_one_by_one(self, open_view: OpenView, search: FakeSearch) -> None:
        page = open_view("search", "member", q="parking", source="laws", language="es", updated="2026-01-01..")
        chosen = [button for button in page.button if (button.key or "").startswith("chosen-")]
        assert [button.label for button in chosen] == [
            "Source\\: laws",
            "Language\\: Spanish",
            "Date\\: from Jan 1\\, 2026",
        ]
        chosen[1].click().run()
        assert "languages" not in search.searched[-1]
        assert search.searched[-1]["sources"] == ["laws"]
        page.button(key="search-clear").click().run()
        assert not {"sources", "updated_from"} & search.searched[-1].keys()

    def test_offer_a_value_that_is_chosen_though_nothing_has_it(self, open_view: OpenView, search: FakeSearch) -> None:
        page = open_view("search", "member", q="parking", type="text/html")
        box = next(box for box in page.checkbox if box.label == "Web page (0)")
        assert box.value
        box.uncheck().run()
        assert "types" not in search.searched[-1]

    def test_take_a_range_of_numbers(self, open_view: OpenView, search: FakeSearch) -> None:
        page = open_view("search", "member", q="parking")
        page.number_input[1].set_value(20.0).run()
        assert search.searched[-1]["filters"] == {"price": {"lte": 20}}
        page.number_input[0].set_value(2.5).run()
        assert search.searched[-1]["filters"] == {"price": {"gte": 2.5, "lte": 20}}
        assert page.query_params["r.price"] == "2.5..20"

    def test_name_the_currency_that_all_prices_are_in(self, open_view: OpenView, search: FakeSearch) -> None:
        search.hits = [hit(name, name, TEXT, metadata={"price": 5, "currency": "HKD"}) for name in ("a", "b")]
        labels = [field.label for field in open_view("search", "member", q="parking").number_input]
        assert labels == ["At least (HKD)", "At most (HKD)"]
        search.hits.append(hit("c", "c", TEXT, metadata={"price": 5, "currency": "USD"}))
        labels = [field.label for field in open_view("search", "member", q="parking").number_input]
        assert labels == ["At least", "At most"]

    def test_take_days(self, open_view: OpenView, search: FakeSearch) -> None:
        page = open_view("search", "member", q="parking")
        page.date_input[0].set_value(date(2026, 2, 1)).run()
        assert search.searched[-1]["updated_from"] == "2026-02-01"
        page.button(key="days-7").click().run()
        assert "updated_until" not in search.searched[-1]

    def test_order_by_date(self, open_view: OpenView, search: FakeSearch) -> None:
        page = open_view("search", "member", q="parking")
        page.selectbox(key="search-sort").select("newest").run()
        assert search.searched[-1]["sort"] == "newest"


class TestExpansions:
    @pytest.fixture(autouse=True)
    def understood(self, search: FakeSearch) -> None:
        search.understood = [{"text": "parking", "terms": ["garage", "lot"], "kind": "lexicon"}]

    def test_are_shown_and_undone_one_by_one_and_put_back(self, open_view: OpenView, search: FakeSearch) -> None:
        page = open_view("search", "member", q="parking")
        assert "Searched also for" in text_of(page)
        next(button for button in page.button if button.label == "lot").click().run()
        assert search.searched[-1]["without"] == ["lot"]
        next(button for button in page.button if button.label == "~~lot~~").click().run()
        assert "without" not in search.searched[-1]

    def test_are_undone_as_a_whole_and_put_back(self, open_view: OpenView, search: FakeSearch) -> None:
        page = open_view("search", "member", q="parking")
        page.button(key="search-own").click().run()
        assert search.searched[-1]["expand"] is False
        assert "Only your own words were searched for." in text_of(page)
        page.button(key="search-wider").click().run()
        assert "expand" not in search.searched[-1]

    def test_that_are_many_are_put_away(self, open_view: OpenView, search: FakeSearch) -> None:
        search.understood = [{"text": "", "terms": [f"word{n}" for n in range(12)], "kind": "lexicon"}]
        page = open_view("search", "member", q="parking")
        assert [label for label in labels(page) if label.startswith("word")] == [f"word{n}" for n in range(12)]

    def test_make_no_markup(self, open_view: OpenView, search: FakeSearch) -> None:
        search.understood = [{"text": EVIL, "terms": [EVIL], "kind": "lexicon"}]
        page = open_view("search", "member", q="parking")
        assert not any("](http" in label for label in labels(page))


class TestPreview:
    def test_shows_the_passage_in_its_document(self, open_view: OpenView, search: FakeSearch) -> None:
        quote = "補領身份證的費用為港幣 425 元。"
        search.hits = [
            hit("id-card", "補領身份證", quote, start=DOCUMENTS["id-card"]["text"].index(quote), marks=[[0, 5]])
        ]
        page = open_view("search", "member", q="身份證")
        page.button(key="open-0").click().run()
        shown = text_of(page)
        assert "遺失身份證的市民須親身辦理補領。" in shown
        assert '<span class="vn-passage-mark"><mark>補領身份證</mark>的費用為港幣 425 元。</span>' in shown
        assert search.searched[-1]["documents"] == ["id-card"]

    def test_says_when_the_document_has_gone(self, open_view: OpenView, search: FakeSearch) -> None:
        search.hits = [hit("gone", "Gone", TEXT)]
        page = open_view("search", "member", q="parking")
        page.button(key="open-0").click().run()
        assert "vn-error" in text_of(page)
        assert not page.exception


class TestAsking:
    def test_answers_from_what_was_found_and_cites_it(self, open_view: OpenView, search: FakeSearch) -> None:
        search.hits = [hit("id-card", "補領身份證", "…"), hit("id-card", "補領身份證", "…"), hit("licence", "L", "…")]
        page = open_view("search", "member", q="身份證")
        page.button(key="search-ask").click().run()
        assert page.text_input(key="search-question").value == "身份證"
        assert "An AI assistant answers from the 2 documents found." in text_of(page)
        next(button for button in page.button if button.label == "Ask").click().run()
        assert search.asked[-1]["vernacular"]["documents"] == ["id-card", "licence"]
        shown = text_of(page)
        assert "補領身份證的費用為港幣 425 元。" in shown
        assert 'data-source="source-0-1"' in shown
        page.button(key="source-0-1").click().run()
        assert "遺失身份證的市民須親身辦理補領。" in text_of(page)

    def test_asks_once(self, open_view: OpenView, search: FakeSearch) -> None:
        page = open_view("search", "member", q="身份證")
        page.button(key="search-ask").click().run()
        next(button for button in page.button if button.label == "Ask").click().run()
        page.run()
        assert len(search.asked) == 1

    def test_says_that_they_do_not_tell(self, open_view: OpenView, search: FakeSearch) -> None:
        page = open_view("search", "member", q="parking")
        page.button(key="search-ask").click().run()
        next(button for button in page.button if button.label == "Ask").click().run()
        assert "vn-decline" in text_of(page)

    def test_goes_with_the_query(self, open_view: OpenView, search: FakeSearch) -> None:
        page = open_view("search", "member", q="身份證")
        page.button(key="search-ask").click().run()
        type_in(page, "dogs")
        assert "search-question" not in [field.key for field in page.text_input]


class TestNothing:
    def test_found_says_how_to_go_on(self, open_view: OpenView, search: FakeSearch) -> None:
        search.hits = []
        page = open_view("search", "member", q="helicopter", source="laws", expand="0")
        assert "Nothing was found for “helicopter”." in text_of(page)
        page.button(key="nothing-anywhere").click().run()
        assert "sources" not in search.searched[-1]
        page.button(key="nothing-wider").click().run()
        assert "expand" not in search.searched[-1]

    def test_searched_for_says_why(self, open_view: OpenView, search: FakeSearch) -> None:
        search.hits, search.action = [], "decline"
        page = open_view("search", "member", q="a pipe bomb")
        assert "safety policy does not search for this" in text_of(page)

    def test_more_is_shown_if_asked_for(self, open_view: OpenView, search: FakeSearch) -> None:
        search.hits = [hit(f"d{n}", f"Document {n}", TEXT) for n in range(60)]
        page = open_view("search", "member", q="parking")
        page.button(key="search-more").click().run()
        assert search.searched[-1]["top_k"] == 50
        page.button(key="search-more").click().run()
        assert search.searched[-1]["top_k"] == 100
        assert len(text_of(page).split('<li class="vn-hit">')) == 61
        assert "search-more" not in [button.key for button in page.button]

    def test_more_is_not_offered_where_all_is_shown(self, open_view: OpenView, search: FakeSearch) -> None:
        search.hits = [hit(f"d{n}", f"Document {n}", TEXT) for n in range(30)]
        page = open_view("search", "member", q="parking")
        page.button(key="search-more").click().run()
        assert "search-more" not in [button.key for button in page.button]


class TestBeforeTheFirstQuery:
    def test_tells_what_changed_lately(self, open_view: OpenView, search: FakeSearch) -> None:
        change = {"document_id": "id-card", "title": EVIL, "source": "laws", "language": "zh-Hant"}
        search.changes = [{**change, "change": "in_force", "at": "2026-03-01T00:00:00+00:00"}]
        page = open_view("search", "member")
        shown = text_of(page)
        assert "What changed lately" in shown
        assert "Now in force" in shown
        assert "<img" not in shown
        assert search.searched == []
        page.button(key="open-0").click().run()
        assert "遺失身份證的市民須親身辦理補領。" in text_of(page)

    def test_says_that_nothing_did(self, open_view: OpenView, search: FakeSearch) -> None:
        assert "Nothing changed in the last 30 days." in text_of(open_view("search", "member"))

    def test_asks_for_it_once(self, open_view: OpenView, search: FakeSearch) -> None:
        open_view("search", "member").run()
        assert [path for _, path, _ in search.told].count("/v1/documents/changes") == 1


class TestSavedSearches:
    @pytest.fixture(autouse=True)
    def saved(self, search: FakeSearch) -> None:
        query = {"query": "dogs", "languages": ["es"]}
        search.saved["s1"] = {"id": "s1", "name": f"Dogs {EVIL}", "query": query, "new": 3}

    def test_are_listed_with_what_is_new(self, open_view: OpenView, search: FakeSearch) -> None:
        (label,) = [label for label in labels(open_view("search", "member")) if label.startswith("Dogs")]
        assert label.endswith(":green-badge[3 new]")
        assert "](" not in label.removesuffix(":green-badge[3 new]").replace("\\]\\(", "")

    def test_are_gone_back_to_and_then_seen(self, open_view: OpenView, search: FakeSearch) -> None:
        page = open_view("search", "member")
        page.button(key="go-s1").click().run()
        assert page.text_input(key="search-query").value == "dogs"
        assert search.searched[-1]["languages"] == ["es"]
        assert ("PATCH", "/v1/saved-searches/s1", {"seen": True}) in search.told

    def test_are_saved_with_their_filters(self, open_view: OpenView, search: FakeSearch) -> None:
        page = open_view("search", "member", q="parking", source="laws")
        page.text_input(key="search-save-name").input("Parking laws")
        next(button for button in page.button if button.label == "Save").click().run()
        assert search.saved["s2"]["query"] == {"query": "parking", "sources": ["laws"]}
        assert "Saved as “Parking laws”." in text_of(page)

    def test_are_saved_under_their_query_if_no_name_is_given(self, open_view: OpenView, search: FakeSearch) -> None:
        page = open_view("search", "member", q="parking")
        next(button for button in page.button if button.label == "Save").click().run()
        assert search.saved["s2"]["name"] == "parking"

    def test_say_when_the_name_is_taken(self, open_view: OpenView, search: FakeSearch) -> None:
        search.saved["s1"]["name"] = "Parking"
        page = open_view("search", "member", q="parking")
        page.text_input(key="search-save-name").input("Parking")
        next(button for button in page.button if button.label == "Save").click().run()
        assert "vn-error" in text_of(page)

    def test_are_renamed(self, open_view: OpenView, search: FakeSearch) -> None:
        page = open_view("search", "member")
        page.button(key="search-saved").click().run()
        page.text_input(key="name-s1").input("Dogs only")
        page.button(key="rename-s1").click().run()
        assert search.saved["s1"]["name"] == "Dogs only"

    def test_say_when_that_cannot_be(self, open_view: OpenView, search: FakeSearch) -> None:
        page = open_view("search", "member")
        page.button(key="search-saved").click().run()
        page.text_input(key="name-s1").input("Taken")
        search.refusal = (409, "conflict")
        page.button(key="rename-s1").click().run()
        assert "vn-error" in text_of(page)
        assert not page.exception

    def test_are_deleted_only_when_one_is_sure(self, open_view: OpenView, search: FakeSearch) -> None:
        page = open_view("search", "member")
        page.button(key="search-saved").click().run()
        page.button(key="delete-s1").click().run()
        assert "s1" in search.saved
        page.button(key="sure-s1").click().run()
        assert search.saved == {}

    def test_say_how_to_save_one_where_there_is_none(self, open_view: OpenView, search: FakeSearch) -> None:
        search.saved.clear()
        page = open_view("search", "member")
        page.button(key="search-saved").click().run()
        assert "You have saved no search yet." in text_of(page)
