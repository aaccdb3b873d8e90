"""What visitors can do with an answer, and what a tenant's page looks like."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.conftest import OpenPage, OpenView, text_of
from tests.ui.fake_chat import FakeChat
from tests.ui.fake_gateway import TENANTS, FakeGateway
from ui.client import Gateway
from ui.gateway.conversations import exported


@pytest.fixture
def chat(gateway: FakeGateway) -> FakeChat:
    found = FakeChat()
    gateway.topics.append(found)
    return found


def ask(page: AppTest, question: str = "What does the jar cost?") -> AppTest:
    return page.chat_input(key="question").set_value(question).run()


def keyed(page: AppTest, start: str) -> Any:
    """The one button whose key begins so."""
    (found,) = [button for button in page.button if (button.key or "").startswith(start)]
    return found


class TestLook:
    @pytest.fixture
    def branded(self, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
        branding: dict[str, Any] = {"color": "#b3261e", "logo": "/v1/tenant/logo?v=1"}
        monkeypatch.setitem(TENANTS["vn-harbour"], "branding", branding)
        return branding

    def test_is_the_tenants_colour_and_logo(self, open_page: OpenPage, chat: FakeChat, branded: dict[str, Any]) -> None:
        page = open_page(tenant="harbour", lang="en")
        assert any("--vn-tenant: #b3261e" in block.value for block in page.html)
        assert '<img class="vn-logo" src="data:image/png;base64,' in text_of(page)
        assert "vn-monogram" not in text_of(page)

    def test_asks_for_the_logo_once_a_visit(self, open_page: OpenPage, chat: FakeChat, branded: dict[str, Any]) -> None:
        ask(open_page(tenant="harbour", lang="en")).run()
        assert chat.paths.count("GET /v1/tenant/logo") == 1

    def test_takes_nothing_but_a_colour_for_one(
        self, open_page: OpenPage, chat: FakeChat, branded: dict[str, Any]
    ) -> None:
        branded["color"] = "red; } body { background: url(http://evil.example)"
        assert not any("evil" in block.value for block in open_page(tenant="harbour").html)

    def test_without_a_logo_is_a_letter(self, open_page: OpenPage) -> None:
        assert '<span class="vn-monogram"' in text_of(open_page(tenant="harbour"))

    def test_begins_with_a_way_to_the_question_field(self, open_page: OpenPage) -> None:
        assert 'class="vn-skip" href="#" data-act="write"' in text_of(open_page(tenant="harbour", lang="en"))

    def test_is_larger_for_those_who_want_it_and_the_address_keeps_that(self, open_page: OpenPage) -> None:
        page = open_page(tenant="harbour", lang="en")
        assert not any("font-size: 125%" in block.value for block in page.html)
        page.toggle(key="large-text").set_value(True).run()
        assert page.query_params["size"] == "large"
        assert any("font-size: 125%" in block.value for block in page.html)
        page.toggle(key="large-text").set_value(False).run()
        assert "size" not in page.query_params


class TestFeedback:
    def test_is_given_with_one_click_and_taken_back_with_another(self, open_page: OpenPage, chat: FakeChat) -> None:
        page = ask(open_page(tenant="harbour", lang="en"))
        keyed(page, "rate-up-").click().run()
        assert "Thank you." in text_of(page)
        keyed(page, "rate-up-").click().run()
        assert "Thank you." not in text_of(page)
        assert [(each["message_id"], each["rating"]) for each in chat.given] == [("m-1", 1), ("m-1", 0)]

    def test_that_it_did_not_help_is_told_at_once_and_why_after(self, open_page: OpenPage, chat: FakeChat) -> None:
        page = ask(open_page(tenant="harbour", lang="en"))
        keyed(page, "rate-down-").click().run()
        assert [each["rating"] for each in chat.given] == [-1]
        page.button_group[0].set_value("outdated")
        page.text_area[0].set_value("The price went up.")
        keyed(page, "send-").click().run()
        told = chat.given[-1]
        assert (told["rating"], told["reason"], told["comment"]) == (-1, "outdated", "The price went up.")
        assert "Thank you." in text_of(page)

    def test_need_not_say_why(self, open_page: OpenPage, chat: FakeChat) -> None:
        page = ask(open_page(tenant="harbour", lang="en"))
        keyed(page, "rate-down-").click().run()
        keyed(page, "skip-").click().run()
        assert len(chat.given) == 1
        assert "Thank you." in text_of(page)

    def test_that_is_refused_is_one_sentence(self, open_page: OpenPage, chat: FakeChat) -> None:
        chat.refuses = True
        page = ask(open_page(tenant="harbour", lang="en"))
        keyed(page, "rate-up-").click().run()
        assert "Too many requests came at once." in text_of(page)
        assert not page.exception

    def test_is_not_asked_for_where_the_answer_cannot_be_named(self, open_page: OpenPage, chat: FakeChat) -> None:
        chat.about["message_id"] = None
        page = ask(open_page(tenant="harbour", lang="en"))
        assert not [button for button in page.button if (button.key or "").startswith("rate-")]


class TestKeeping:
    def test_an_answer_is_copied_with_its_sources_and_its_label(self, open_page: OpenPage, chat: FakeChat) -> None:
        chat.source = {"page": 3, "uri": "https://shop.example/jar"}
        shown = text_of(ask(open_page(tenant="harbour", lang="en")))
        copied = shown.split('data-act="copy" data-text="')[1].split('" data-done')[0]
        assert "The documents say: The jar costs 18.80. [1]" in copied
        assert "[1] Chilli bean paste, page 3, https://shop.example/jar" in copied
        assert "AI-generated for 海港市政府服務" in copied

    def test_on_paper_stand_the_sources_with_their_quotes(self, open_page: OpenPage, chat: FakeChat) -> None:
        shown = text_of(ask(open_page(tenant="harbour", lang="en")))
        assert '<ol class="vn-paper"><li value="1">' in shown
        assert '<q dir="auto">The jar costs 18.80.</q>' in shown

    def test_files_are_offered_once_there_is_something_to_keep(self, open_page: OpenPage, chat: FakeChat) -> None:
        page = open_page(tenant="harbour", lang="en")
        assert "Once you have asked" in text_of(page)
        assert not page.get("download_button")
        ask(page)
        assert [each.proto.label for each in page.get("download_button")] == [
            "Keep it as a text file",
            "Keep it as data (JSON)",
        ]
        assert 'data-act="print"' in text_of(page)

    def test_a_file_is_the_gateways_export(self, gateway: FakeGateway, chat: FakeChat) -> None:
        door = Gateway(httpx.Client(transport=gateway.transport()), "http://gateway.test", "vn-harbour")
        assert b"ai_generated: true" in exported(door.api, "c-1", "markdown")
        assert chat.paths == ["GET /v1/conversations/c-1/export?format=markdown"]


class TestWaysElsewhere:
    @pytest.mark.parametrize(
        ("role", "labels"),
        [
            ("public", []),
            ("member", ["Search the documents"]),
            ("editor", ["Search the documents", "Dashboard"]),
        ],
    )
    def test_are_shown_to_those_who_have_them(self, open_view: OpenView, role: str, labels: list[str]) -> None:
        page = open_view("", role=role, tenant="harbour", lang="en")
        assert [link.proto.label for link in page.get("page_link")] == labels

    def test_are_not_shown_to_visitors(self, open_page: OpenPage) -> None:
        assert not open_page(tenant="harbour", lang="en").get("page_link")


class TestAnswers:
    def test_are_read_out_once_by_a_name_of_their_own(self, open_page: OpenPage, chat: FakeChat) -> None:
        page = ask(ask(open_page(tenant="harbour", lang="en")))
        names = [part.split('"')[0] for part in text_of(page).split('data-announce="')[1:]]
        assert len(set(names)) == len(names) == 2
        before = names
        names = [part.split('"')[0] for part in text_of(page.run()).split('data-announce="')[1:]]
        assert names == before

    def test_that_people_approved_are_labelled_as_such(self, open_page: OpenPage, chat: FakeChat) -> None:
        chat.about["mode"] = "approved"
        shown = text_of(ask(open_page(tenant="harbour", lang="en")))
        assert '<span class="vn-ai">Approved answer</span>' in shown
        assert "people wrote and checked it" in shown
        assert "AI-generated" not in shown

    def test_that_are_declines_say_what_was_looked_for(self, open_page: OpenPage, chat: FakeChat) -> None:
        chat.about = {"answered": False, "reason": "no_match", "looked_for": ["jar", "<b>price</b>"]}
        chat.source, chat.text = None, "I found nothing."
        shown = text_of(ask(open_page(tenant="harbour", lang="en")))
        assert '<li dir="auto">jar</li><li dir="auto">&lt;b&gt;price&lt;/b&gt;</li>' in shown
        assert "AI-generated" in shown


class TestOffers:
    def test_a_page_in_the_language_of_the_question(self, open_page: OpenPage, chat: FakeChat) -> None:
        chat.about["language"] = "es"
        page = ask(open_page(tenant="harbour", lang="en"))
        page.button(key="offer-lang-0").click().run()
        assert page.query_params["lang"] == "es"

    def test_answers_in_the_variety_of_the_question(self, open_page: OpenPage, chat: FakeChat) -> None:
        chat.about["understood"] = {"tag": "yue-Hant-HK", "native": "廣東話（香港）"}
        page = ask(open_page(tenant="harbour", lang="yue", answer_in="standard"))
        page.button(key="offer-answer_in-0").click().run()
        assert page.query_params["answer_in"] == "yue-Hant-HK"

    @pytest.mark.parametrize("about", [{"language": "en"}, {"language": "xx"}, {"language": ""}])
    def test_nothing_where_the_page_speaks_it_or_cannot(
        self, open_page: OpenPage, chat: FakeChat, about: dict[str, Any]
    ) -> None:
        chat.about.update(about)
        page = ask(open_page(tenant="harbour", lang="en"))
        assert not [button for button in page.button if (button.key or "").startswith("offer-")]

    def test_nothing_for_chinese_on_a_page_in_the_other_script(self, open_page: OpenPage, chat: FakeChat) -> None:
        chat.about["language"] = "zh"
        page = ask(open_page(tenant="harbour", lang="zh-Hant"))
        assert not [button for button in page.button if (button.key or "").startswith("offer-")]

    def test_are_made_once(self, open_page: OpenPage, chat: FakeChat) -> None:
        chat.about["language"] = "es"
        page = ask(ask(open_page(tenant="harbour", lang="en")))
        assert not [button for button in page.button if (button.key or "").startswith("offer-")]
