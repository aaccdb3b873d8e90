from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.conftest import OpenPage, text_of
from tests.ui.fake_gateway import DECLINE, TENANTS, FakeGateway, Reply
from tests.vernacular.hostile_images import picture
from ui import bootstrap
from ui.i18n import load


def ask(page: AppTest, question: str) -> AppTest:
    return page.chat_input(key="question").set_value(question).run()


class TestTenantList:
    def test_shows_a_card_for_every_tenant_that_has_a_key(self, open_page: OpenPage) -> None:
        shown = text_of(open_page())
        assert 'href="?tenant=harbour"' in shown
        assert 'href="?tenant=delta"' in shown
        assert "محافظة الدلتا" in shown

    def test_without_keys_it_says_what_to_run(self, open_page: OpenPage, home: Path) -> None:
        (home / bootstrap.KEYS_FILE).unlink()
        assert "vernacular demo" in text_of(open_page())

    def test_an_unknown_tenant_is_one_clear_sentence(self, open_page: OpenPage) -> None:
        shown = text_of(open_page(tenant="<b>nobody</b>", lang="en"))
        assert "There is no assistant called “&lt;b&gt;nobody&lt;/b&gt;” here." in shown

    def test_a_gateway_that_is_down_is_one_clear_sentence(self, open_page: OpenPage, gateway: FakeGateway) -> None:
        gateway.trouble = "down"
        page = open_page(lang="en")
        assert "The assistant cannot be reached right now." in text_of(page)
        assert not page.exception


class TestWelcome:
    def test_the_notice_of_an_ai_stands_before_the_first_input(self, open_page: OpenPage) -> None:
        shown = text_of(open_page(tenant="harbour"))
        assert "人工智能系統" in shown
        assert "海港市政府服務" in shown

    @pytest.mark.parametrize("lang", ["en", "zh-Hans", "zh-Hant", "yue", "ar", "es"])
    def test_the_notice_is_in_the_language_that_was_picked(self, open_page: OpenPage, lang: str) -> None:
        page = open_page(tenant="harbour", lang=lang)
        assert load(lang).text(
            "You are talking to an AI system. It answers only from the documents of {tenant} and shows where every answer comes from. Check the source before you rely on it.",
            tenant="海港市政府服務",
        ) in text_of(page)

    def test_without_a_choice_the_page_speaks_the_tenants_first_language(self, open_page: OpenPage) -> None:
        page = open_page(tenant="delta")
        assert any('data-lang="ar" data-dir="rtl"' in block.value for block in page.html)

    def test_picking_a_language_changes_the_page_and_its_address(self, open_page: OpenPage) -> None:
        page = open_page(tenant="delta")
        page.selectbox(key="language").select("es").run()
        assert page.query_params["lang"] == "es"
        assert "sistema de IA" in text_of(page)

    def test_a_suggested_question_is_asked_at_a_click(self, open_page: OpenPage, gateway: FakeGateway) -> None:
        page = open_page(tenant="harbour")
        page.button(key="suggestion-0").click().run()
        assert gateway.asked[0][-1]["content"] == TENANTS["vn-harbour"]["suggested_questions"][0]
        assert "425" in text_of(page)
        assert "vn-greeting" not in text_of(page)


class TestConversation:
    def test_an_answer_shows_its_sources(self, open_page: OpenPage) -> None:
        page = ask(open_page(tenant="harbour"), "補領身份證幾錢？")
        assert 'data-source="source-0-1"' in text_of(page)
        assert "第 2 頁" in page.button(key="source-0-1").label
        assert "AI 生成" in text_of(page)

    def test_a_follow_up_is_sent_with_what_was_said(self, open_page: OpenPage, gateway: FakeGateway) -> None:
        page = ask(open_page(tenant="harbour"), "補領身份證幾錢？")
        ask(page, "要等幾耐？")
        assert [message["role"] for message in gateway.asked[1]] == ["user", "assistant", "user"]
        assert gateway.asked[1][0]["content"] == "補領身份證幾錢？"
        assert "425" in gateway.asked[1][1]["content"]
        assert gateway.conversations == [None, "c-1"]

    def test_a_rerun_asks_nothing_again(self, open_page: OpenPage, gateway: FakeGateway) -> None:
        ask(open_page(tenant="harbour"), "補領身份證幾錢？").run().run()
        assert len(gateway.asked) == 1

    def test_a_new_conversation_forgets_the_old(self, open_page: OpenPage, gateway: FakeGateway) -> None:
        page = ask(open_page(tenant="harbour"), "補領身份證幾錢？")
        page.button(key="new").click().run()
        assert "425" not in text_of(page)
        ask(page, "要等幾耐？")
        assert len(gateway.asked[1]) == 1
        assert gateway.conversations[1] is None

    def test_a_decline_gives_the_contact_and_no_sources(self, open_page: OpenPage) -> None:
        page = ask(open_page(tenant="harbour"), "邊間菠蘿包最好食？")
        shown = text_of(page)
        assert "vn-decline" in shown
        assert DECLINE in shown
        assert "555 0100" in shown
        assert not [button for button in page.button if (button.key or "").startswith("source-")]

    @pytest.mark.parametrize(
        ("trouble", "sentence"),
        [
            ("down", "The assistant cannot be reached right now."),
            ("unavailable", "The assistant is busy or restarting."),
            ("cut", "The answer was cut off."),
        ],
    )
    def test_trouble_is_one_sentence_and_can_be_tried_again(
        self, open_page: OpenPage, gateway: FakeGateway, trouble: str, sentence: str
    ) -> None:
        page = open_page(tenant="harbour", lang="en")
        gateway.trouble = trouble
        page = ask(page, "補領身份證幾錢？")
        assert sentence in text_of(page)
        assert not page.exception
        gateway.trouble = None
        page.button(key="retry-0").click().run()
        assert "425" in text_of(page)
        assert sentence not in text_of(page)

    def test_a_question_of_a_megabyte_is_one_sentence_and_not_tried_again(self, open_page: OpenPage) -> None:
        page = ask(open_page(tenant="harbour", lang="en"), "字" * 350_000)
        assert "Your question is too long." in text_of(page)
        assert not [button for button in page.button if (button.key or "").startswith("retry")]

    def test_what_is_forbidden_is_not_tried_again(self, open_page: OpenPage, gateway: FakeGateway) -> None:
        page = open_page(tenant="harbour", lang="en")
        gateway.trouble = "unauthorized"
        assert "This page is not allowed to ask the assistant." in text_of(ask(page, "補領身份證幾錢？"))
        assert not [button for button in page.button if (button.key or "").startswith("retry")]

    def test_an_error_of_no_translation_is_shown_in_the_gateways_words(
        self, open_page: OpenPage, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        page = open_page(tenant="harbour", lang="en")
        body = json.dumps({"error": {"name": "quota_used_up", "message": "No questions are left today.", "hint": ""}})
        monkeypatch.setattr(gateway, "handle", lambda *_: Reply(429, body.encode()))
        assert "No questions are left today." in text_of(ask(page, "身份證"))


class TestVarieties:
    def test_are_offered_by_their_own_names_beside_the_standard_language(self, open_page: OpenPage) -> None:
        picker = open_page(tenant="harbour", lang="en").selectbox(key="answer-in")
        assert picker.options == ["Answer as I write", "Standard language", "廣東話（香港）"]
        assert picker.value == "question"

    def test_are_not_spoken_of_where_the_tenant_declares_none(self, open_page: OpenPage) -> None:
        assert [box.key for box in open_page(tenant="hostile").selectbox] == ["language"]

    def test_nothing_is_wished_for_until_the_visitor_chooses(self, open_page: OpenPage, gateway: FakeGateway) -> None:
        page = ask(open_page(tenant="delta"), "عايز أجدد الرخصة")
        assert page.selectbox(key="answer-in").value == "standard"
        assert gateway.wished == [None]

    def test_the_choice_goes_with_every_question_and_can_be_taken_back(
        self, open_page: OpenPage, gateway: FakeGateway
    ) -> None:
        page = open_page(tenant="harbour")
        page.selectbox(key="answer-in").select("yue-Hant-HK").run()
        assert page.query_params["answer_in"] == "yue-Hant-HK"
        ask(ask(page, "補領身份證幾錢？"), "要等幾耐？")
        page.selectbox(key="answer-in").select("question").run()
        ask(page, "補領身份證幾錢？")
        assert gateway.wished == ["yue-Hant-HK", "yue-Hant-HK", "question"]

    def test_the_choice_is_still_there_when_the_page_is_opened_again(
        self, open_page: OpenPage, gateway: FakeGateway
    ) -> None:
        page = open_page(tenant="harbour", answer_in="standard")
        assert page.selectbox(key="answer-in").value == "standard"
        ask(page, "補領身份證幾錢？")
        assert gateway.wished == ["standard"]

    def test_what_the_tenant_does_not_offer_is_no_choice(self, open_page: OpenPage, gateway: FakeGateway) -> None:
        page = ask(open_page(tenant="harbour", answer_in="arz-Arab-EG"), "補領身份證幾錢？")
        assert page.selectbox(key="answer-in").value == "question"
        assert gateway.wished == [None]

    def test_under_an_answer_stands_what_the_question_was_taken_for(self, open_page: OpenPage) -> None:
        page = ask(open_page(tenant="delta", lang="en"), "عايز أجدد الرخصة")
        assert "understood as \u2068العامية المصرية\u2069" in text_of(page)

    def test_nothing_stands_there_after_a_question_in_the_standard_language(self, open_page: OpenPage) -> None:
        assert "vn-understood" not in text_of(ask(open_page(tenant="delta"), "كم رسم الرخصة؟"))


class TestSourcePanel:
    def test_opens_the_document_with_the_quote_marked(self, open_page: OpenPage) -> None:
        page = ask(open_page(tenant="harbour"), "補領身份證幾錢？")
        page.button(key="source-0-1").click().run()
        shown = text_of(page)
        assert '<mark class="vn-quote">補領身份證的費用為港幣 425 元。</mark>' in shown
        assert 'href="https://harbour.example/id-card" target="_blank" rel="noopener noreferrer"' in shown
        assert "2026年4月1日" in shown

    def test_a_document_that_is_gone_is_one_sentence(
        self, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        page = ask(open_page(tenant="harbour", lang="en"), "補領身份證幾錢？")
        monkeypatch.setattr("tests.ui.fake_gateway.DOCUMENTS", {})
        page.button(key="source-0-1").click().run()
        assert "This document is no longer available." in text_of(page)


class TestImages:
    def attach(self, page: AppTest, data: bytes, question: str | None, name: str = "form.png") -> AppTest:
        box = page.chat_input(key="question").upload(name, data, "image/png")
        return (box if question is None else box.set_value(question)).run()

    def test_cannot_be_attached_where_the_assistant_reads_text_only(self, open_page: OpenPage) -> None:
        page = open_page(tenant="harbour", lang="en")
        assert page.chat_input(key="question").placeholder == "Ask a question"
        with pytest.raises(Exception, match="does not accept files"):
            page.chat_input(key="question").upload("form.png", picture(), "image/png")

    @pytest.mark.parametrize("lang", ["en", "zh-Hans", "zh-Hant", "yue", "ar", "es"])
    def test_are_offered_in_the_language_of_the_page(
        self, open_page: OpenPage, gateway: FakeGateway, lang: str
    ) -> None:
        gateway.vision = True
        page = open_page(tenant="harbour", lang=lang)
        assert page.chat_input(key="question").placeholder == load(lang).text("Ask a question, or add an image")

    def test_go_with_the_question_and_stand_in_the_bubble(self, open_page: OpenPage, gateway: FakeGateway) -> None:
        gateway.vision = True
        page = self.attach(open_page(tenant="harbour", lang="en"), picture(900, 600), "補領身份證幾錢？")
        text, image = gateway.asked[0][-1]["content"]
        assert text == {"type": "text", "text": "補領身份證幾錢？"}
        sent = base64.b64decode(image["image_url"]["url"].removeprefix("data:image/png;base64,"))
        assert sent == picture(900, 600)
        shown = text_of(page)
        assert '<img src="data:image/png;base64,' in shown
        assert base64.b64encode(sent).decode() not in shown
        assert "425" in shown

    def test_alone_are_a_question_too_and_history_speaks_of_them_in_words(
        self, open_page: OpenPage, gateway: FakeGateway
    ) -> None:
        gateway.vision = True
        page = self.attach(open_page(tenant="harbour", lang="en"), picture(), None)
        assert [part["type"] for part in gateway.asked[0][-1]["content"]] == ["image_url"]
        ask(page, "補領身份證幾錢？")
        assert [message["content"] for message in gateway.asked[1]][::2] == ["Image that was sent", "補領身份證幾錢？"]

    def test_that_cannot_be_shown_are_a_word_and_the_gateways_to_refuse(
        self, open_page: OpenPage, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        gateway.vision = True
        page = open_page(tenant="harbour", lang="en")
        refusal = Reply(400, b'{"error": {"name": "image_refused", "message": "The PNG image is damaged."}}')
        monkeypatch.setattr(FakeGateway, "_chat", lambda *_: refusal)
        shown = text_of(self.attach(page, b"<svg onload=alert(1)>", "What is this?"))
        assert "<img" not in shown
        assert "<svg" not in shown
        assert "This image cannot be used." in shown
        assert not page.exception


class TestHostileText:
    def test_is_shown_as_it_is_written_wherever_it_stands(self, open_page: OpenPage) -> None:
        page = ask(open_page(tenant="hostile"), "attack")
        page.button(key="source-0-1").click().run()
        shown = text_of(page)
        for markup in ("<img", "<script", "<b>bold", 'href="javascript'):
            assert markup not in shown
        assert not page.markdown
        assert all("](" not in button.label for button in page.button)
