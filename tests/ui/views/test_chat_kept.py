"""A conversation that outlives its page: what the tab is told to keep, and what a page makes of what it kept."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.conftest import OpenPage, OpenView, text_of
from tests.ui.fake_chat import QUOTE, FakeChat
from tests.ui.fake_gateway import FakeGateway, Reply
from ui import bootstrap
from ui.client import TextDelta
from ui.views.chat_kept import FIELD, read_kept

_TOLD = re.compile(r'id="vn-conversation" data-tenant="(.*?)" data-who="(.*?)" data-kept="(.*?)" data-fresh="(.*?)"')
QUESTION = "What does the jar cost?"
KEPT = json.dumps({"conversation": "c-1", "asked": None})


@pytest.fixture
def chat(gateway: FakeGateway) -> FakeChat:
    found = FakeChat()
    gateway.topics.append(found)
    return found


def ask(page: AppTest, question: str = QUESTION) -> AppTest:
    return page.chat_input(key="question").set_value(question).run()


def hand_back(page: AppTest, kept: str = KEPT) -> AppTest:
    """What the page's script does on a page that knows of nothing."""
    return page.text_input(key=FIELD).set_value(kept).run()


def asked(question: str = QUESTION, **more: Any) -> str:
    told = {"key": "k-1", "question": question, "images": 0, "after": "", **more}
    return json.dumps({"conversation": told.pop("conversation", None), "asked": told})


def told(page: AppTest) -> tuple[str, str, Any, bool]:
    """The tenant, who, what the tab is to keep, and whether the page knows of nothing."""
    found = _TOLD.search(text_of(page))
    assert found
    tenant, who, kept, fresh = found.groups()
    return tenant, who, json.loads(html.unescape(kept)) if kept else None, fresh == "1"


class TestTelling:
    def test_a_fresh_page_tells_that_it_knows_of_nothing(self, open_page: OpenPage, chat: FakeChat) -> None:
        assert told(open_page(tenant="harbour", lang="en")) == ("harbour", "", None, True)

    def test_the_conversation_is_kept_and_not_in_the_address(self, open_page: OpenPage, chat: FakeChat) -> None:
        page = ask(open_page(tenant="harbour", lang="en"))
        assert told(page) == ("harbour", "", {"conversation": "c-1", "asked": None}, False)
        assert "c-1" not in str(dict(page.query_params))

    def test_a_new_one_has_the_old_one_forgotten(self, open_page: OpenPage, chat: FakeChat) -> None:
        page = ask(open_page(tenant="harbour", lang="en"))
        page.button(key="new").click().run()
        assert told(page) == ("harbour", "", None, False)

    def test_who_is_signed_in_is_told_apart_without_her_name(self, open_view: OpenView, chat: FakeChat) -> None:
        _tenant, who, _kept, _fresh = told(open_view("", tenant="harbour", lang="en"))
        assert len(who) == 16
        assert "ana" not in who

    def test_a_page_with_a_conversation_has_no_field_for_another(self, open_page: OpenPage, chat: FakeChat) -> None:
        assert not ask(open_page(tenant="harbour", lang="en")).text_input


class TestTakingUp:
    def test_brings_question_answer_sources_and_what_can_be_done(self, open_page: OpenPage, chat: FakeChat) -> None:
        chat.keep(QUESTION)
        page = hand_back(open_page(tenant="harbour", lang="en"))
        shown = text_of(page)
        assert QUESTION in shown
        assert QUOTE in shown
        assert 'data-act="copy"' in shown
        assert [button.key for button in page.button if (button.key or "").startswith("source-")] == ["source-0-1"]
        assert len(page.get("download_button")) == 2
        assert not page.text_input

    def test_asks_nothing_and_reads_it_once(self, open_page: OpenPage, chat: FakeChat) -> None:
        chat.keep(QUESTION)
        hand_back(open_page(tenant="harbour", lang="en")).run()
        assert chat.paths.count("GET /v1/conversations/c-1") == 1
        assert "POST /v1/chat/completions" not in chat.paths

    def test_a_citation_opens(self, open_page: OpenPage, chat: FakeChat) -> None:
        chat.keep(QUESTION)
        page = hand_back(open_page(tenant="harbour", lang="en"))
        page.button(key="source-0-1").click().run()
        assert f'<mark class="vn-quote">{QUOTE}</mark>' in text_of(page)

    def test_a_decline_is_one_again(self, open_page: OpenPage, chat: FakeChat) -> None:
        chat.about = {"answered": False, "reason": "no_match", "looked_for": ["jar"]}
        chat.source, chat.text = None, "I found nothing."
        chat.keep(QUESTION)
        shown = text_of(hand_back(open_page(tenant="harbour", lang="en")))
        assert "vn-decline" in shown
        assert '<li dir="auto">jar</li>' in shown
        assert "555 0100" in shown

    def test_is_not_read_out_again(self, open_page: OpenPage, chat: FakeChat) -> None:
        chat.keep(QUESTION)
        assert "data-announce" not in text_of(hand_back(open_page(tenant="harbour", lang="en")))

    def test_the_next_question_is_asked_in_it(
        self, open_page: OpenPage, gateway: FakeGateway, chat: FakeChat, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        chat.keep(QUESTION)
        page = hand_back(open_page(tenant="harbour", lang="en"))
        bodies: list[dict[str, Any]] = []
        answer = chat.handle

        def noted(method: str, path: str, query: Mapping[str, str], body: bytes) -> Reply | None:
            bodies.append(json.loads(body or b"{}"))
            return answer(method, path, query, body)

        monkeypatch.setattr(chat, "handle", noted)
        ask(page, "And two jars?")
        assert bodies[0]["vernacular"]["conversation_id"] == "c-1"
        assert [each["content"] for each in bodies[0]["messages"]] == [QUESTION, chat.text, "And two jars?"]

    def test_a_rating_stays_and_can_be_taken_back(self, open_page: OpenPage, chat: FakeChat) -> None:
        chat.keep(QUESTION, rating=-1)
        page = hand_back(open_page(tenant="harbour", lang="en"))
        assert "This did not help: chosen, take it back" in [button.label for button in page.button]
        assert not page.text_area
        assert "Thank you." not in text_of(page)

    def test_what_is_not_there_is_a_new_conversation_and_forgotten(self, open_page: OpenPage, chat: FakeChat) -> None:
        page = hand_back(open_page(tenant="harbour", lang="en"))
        assert told(page) == ("harbour", "", None, False)
        assert "vn-error" not in text_of(page)
        assert "vn-greeting" in text_of(page)

    @pytest.mark.parametrize(
        "kept", ["{", "[]", "7", '{"conversation": "../tenant"}', '{"conversation": 1, "asked": 7}']
    )
    def test_nonsense_is_a_new_conversation(self, open_page: OpenPage, chat: FakeChat, kept: str) -> None:
        page = hand_back(open_page(tenant="harbour", lang="en"), kept)
        assert not page.exception
        assert told(page)[2:] == (None, False)

    def test_what_cannot_be_read_now_is_not_forgotten(self, open_page: OpenPage, chat: FakeChat) -> None:
        chat.keep(QUESTION)
        chat.trouble = 503
        page = hand_back(open_page(tenant="harbour", lang="en"))
        assert "The assistant is busy or restarting." in text_of(page)
        assert told(page)[3]
        chat.trouble = 0
        page.button(key="retry-kept").click().run()
        assert QUOTE in text_of(page)


class TestUnderWay:
    def test_a_question_that_nothing_became_of_is_asked_again(self, open_page: OpenPage, chat: FakeChat) -> None:
        page = hand_back(open_page(tenant="harbour", lang="en"), asked())
        assert QUOTE in text_of(page)
        assert chat.paths.count("POST /v1/chat/completions") == 1

    def test_one_that_was_answered_meanwhile_is_not(self, open_page: OpenPage, chat: FakeChat) -> None:
        chat.keep("First?", "m-1")
        chat.keep(QUESTION, "m-2")
        page = hand_back(open_page(tenant="harbour", lang="en"), asked(conversation="c-1", after="m-1"))
        assert "POST /v1/chat/completions" not in chat.paths
        assert text_of(page).count('class="vn-question"') == 2

    def test_an_answer_that_still_comes_is_gone_on_with(self, open_page: OpenPage, chat: FakeChat) -> None:
        page = open_page(tenant="harbour", lang="en")
        coming = bootstrap.current().answers.of(
            ("harbour", "Bearer vn-harbour", "k-1"), lambda: (TextDelta(part) for part in ("All ", "of it"))
        )
        for _text in coming.follow(0):
            pass
        page = hand_back(page, asked())
        assert "POST /v1/chat/completions" not in chat.paths
        assert "The answer was cut off." in text_of(page)

    def test_one_whose_images_are_gone_is_not_asked_without_them(self, open_page: OpenPage, chat: FakeChat) -> None:
        page = hand_back(open_page(tenant="harbour", lang="en"), asked(images=1))
        assert "POST /v1/chat/completions" not in chat.paths
        assert "Image that was sent" in text_of(page)
        assert not [button for button in page.button if (button.key or "").startswith("retry")]

    def test_a_question_typed_on_an_older_page_waits_for_its_conversation(
        self, open_page: OpenPage, chat: FakeChat
    ) -> None:
        chat.keep(QUESTION)
        page = open_page(tenant="harbour", lang="en")
        del page.session_state["known:harbour"]  # the front end was started anew
        ask(page, "And two jars?")
        assert "POST /v1/chat/completions" not in chat.paths
        assert 'data-waits="1"' in text_of(page)
        hand_back(page)
        assert chat.paths.count("POST /v1/chat/completions") == 1
        assert re.findall(r'class="vn-bubble" dir="auto">(.*?)<', text_of(page)) == [QUESTION, "And two jars?"]


class TestReading:
    def test_takes_no_more_than_there_can_be(self) -> None:
        found = read_kept(asked(images=10**9, conversation="c" * 100))
        assert found is not None
        assert found.conversation == "c" * 36
        assert found.asked is not None
        assert found.asked.images == 20
