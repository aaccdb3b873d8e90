from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.conftest import OpenView, text_of
from tests.ui.fake_gateway import FakeGateway
from tests.ui.fake_settings import FakeSettings
from ui.views.admin.dialects import read_synonyms, write_synonyms

QUESTION = "我唔見咗張身份證"


def hit(rank: int, other: int | None, title: str) -> dict[str, Any]:
    return {"rank": rank, "other_rank": other, "chunk_id": title, "title": title, "text": f"Text of {title}"}


TRIAL = {
    "language": "zh-Hant",
    "script": "Hant",
    "dialect": "yue-Hant-HK",
    "detection": {
        "tag": "yue-Hant-HK",
        "confidence": 0.987,
        "candidates": [["yue-Hant-HK", 0.987], ["nan-Hant-TW", 0.01]],
        "decided_by": "text",
        "signs": [
            {"text": "唔見咗", "start": 1, "end": 4, "tag": "yue-Hant-HK", "weight": 3.1},
            {"text": "唔", "start": 1, "end": 2, "tag": "yue-Hant-HK", "weight": 2.0},
            {"text": "身份證", "start": 5, "end": 8, "tag": "yue-Hant-HK", "weight": -0.4},
            {"text": "我", "start": 0, "end": 1, "tag": "nan-Hant-TW", "weight": 1.0},
        ],
    },
    "expansions": [
        {"text": "唔見咗", "terms": ["遺失", "<b>"], "weight": 0.8, "kind": "lexicon", "source": "yue-Hant-HK"},
        {"text": "", "terms": ["補領"], "weight": 0.5, "kind": "unheard-of", "source": ""},
    ],
    "hits_with": [hit(1, None, "New"), hit(2, 5, "Up"), hit(3, 1, "Down"), hit(4, 4, "Same")],
    "hits_without": [hit(1, 3, "Down"), hit(2, None, "Gone")],
    "took_ms": 12.3,
}


@pytest.fixture
def kept(gateway: FakeGateway) -> FakeSettings:
    topic = FakeSettings(trial=TRIAL)
    gateway.topics.append(topic)
    return topic


@pytest.fixture
def page(open_view: OpenView, kept: FakeSettings) -> AppTest:
    return open_view("dialects", role="admin")


def field(page: AppTest, label: str) -> Any:
    kinds = (page.text_area, page.selectbox, page.multiselect, page.checkbox)
    return next(each for kind in kinds for each in kind if each.label.startswith(label))


def press(page: AppTest, label: str) -> AppTest:
    next(each for each in page.button if each.label == label).click()
    return page.run()


def tried(page: AppTest, question: str = QUESTION) -> str:
    field(page, "Question").set_value(question)
    return text_of(press(page, "Try it"))


class TestTrying:
    def test_says_how_to_begin(self, page: AppTest) -> None:
        assert not page.exception
        assert "Nothing tried yet." in text_of(page)
        assert "Nothing tried yet." in tried(page, " ")

    def test_marks_what_spoke_for_the_variety_and_against_it(self, page: AppTest, kept: FakeSettings) -> None:
        shown = tried(page)
        assert kept.changes[-1] == ("POST", "/v1/admin/dialects/test", {"question": QUESTION, "top_k": 10})
        assert '<mark>唔見咗<span class="vn-hidden"> (speaks for it)</span></mark>' in shown
        assert '<mark class="vn-against">身份證<span class="vn-hidden"> (speaks against it)</span></mark>' in shown
        assert "我<mark" in shown
        assert "粵語, with a confidence of 99%" in shown
        assert "Traditional" in shown

    def test_lists_what_is_searched_for_term_by_term(self, page: AppTest) -> None:
        shown = tried(page)
        assert "遺失" in shown
        assert "&lt;b&gt;" in shown
        assert "Dialect dictionary" in shown
        assert "all of it" in shown
        assert "unheard-of" in shown

    def test_shows_hits_with_and_without_and_how_they_moved(self, page: AppTest) -> None:
        shown = tried(page)
        for title, said in {"New": "new", "Up": "▲ from 5", "Down": "▼ from 1", "Same": "same place"}.items():
            assert f'{title}</b><span class="vn-badge' in shown
            assert f">{said}</span>" in shown
        assert ">only without</span>" in shown

    def test_takes_a_variety_that_is_chosen(self, page: AppTest, kept: FakeSettings) -> None:
        field(page, "Variety").set_value("nan-Hant-TW")
        tried(page)
        assert kept.changes[-1][2]["dialect"] == "nan-Hant-TW"

    def test_does_not_ask_again_for_what_it_knows(self, page: AppTest, kept: FakeSettings) -> None:
        tried(page)
        page.run()
        assert len(kept.changes) == 1

    def test_says_so_where_there_is_no_dialect_and_nothing_is_found(self, page: AppTest, kept: FakeSettings) -> None:
        kept.trial = {"language": "en", "script": "Latn", "detection": None, "expansions": []}
        shown = tried(page, "What does it cost?")
        assert "No dialect" in shown
        assert "Nothing is added to this question." in shown
        assert "No passage is found, with or without." in shown


class TestDeclared:
    def test_are_saved(self, page: AppTest, kept: FakeSettings) -> None:
        field(page, "Dialects and varieties").set_value(["nan-Hant-TW"])
        press(page, "Save varieties")
        assert kept.changes == [("PUT", "/v1/admin/dialects/settings", {"dialects": ["nan-Hant-TW"]})]
        assert "Saved." in text_of(page)

    def test_say_of_which_nothing_is_known(self, page: AppTest, kept: FakeSettings) -> None:
        kept.varieties["without_pack"] = ["tlh-Latn"]
        page.session_state["recent"] = {}
        page.session_state["opened"] = {}
        assert "Nothing is known yet of: tlh-Latn." in text_of(page.run())


class TestPreferences:
    def test_are_saved_with_what_this_page_does_not_show(self, page: AppTest, kept: FakeSettings) -> None:
        field(page, "Answers come").set_value("yue-Hant-HK")
        field(page, "Chinese answers").set_value("Hant")
        field(page, "Tell the variety").set_value(False)
        field(page, "Your people's words").set_value("blue form = application P-12, form 12")
        field(page, "Everyday words").set_value(["tax"])
        press(page, "Save preferences")
        asked = {
            "register": "plain",
            "answer_in": "yue-Hant-HK",
            "script": "Hant",
            "detect": False,
            "synonyms": {"blue form": ["application P-12", "form 12"]},
            "domains": ["tax"],
        }
        assert kept.changes == [("PUT", "/v1/admin/dialects/settings", {"preferences": asked})]

    def test_at_their_defaults_are_not_kept(self, page: AppTest, kept: FakeSettings) -> None:
        field(page, "Answers come").set_value("question")
        press(page, "Save preferences")
        assert kept.changes[-1][2] == {"preferences": {"register": "plain"}}

    def test_name_the_line_that_cannot_be_read(self, page: AppTest, kept: FakeSettings) -> None:
        field(page, "Your people's words").set_value("blue form")
        press(page, "Save preferences")
        assert "“blue form” says nothing of the documents' words." in text_of(page).replace("&#x27;", "'")
        assert kept.changes == []


class TestSynonyms:
    def test_are_read_as_they_are_written(self) -> None:
        synonyms = {"blue form": ["application P-12", "form 12"], "سي": ["a"]}
        assert read_synonyms(write_synonyms(synonyms)) == (synonyms, "")

    def test_may_be_parted_as_chinese_and_arabic_do(self) -> None:
        assert read_synonyms("屋企 = 家，住所、宅\nx = أ، ب") == ({"屋企": ["家", "住所", "宅"], "x": ["أ", "ب"]}, "")
