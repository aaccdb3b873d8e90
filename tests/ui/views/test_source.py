"""The panel that opens on a citation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.conftest import OpenPage, text_of
from tests.ui.fake_chat import FakeChat
from tests.ui.fake_gateway import FakeGateway
from ui.widgets.validity import today


@pytest.fixture
def chat(gateway: FakeGateway) -> FakeChat:
    found = FakeChat()
    gateway.topics.append(found)
    return found


def opened(open_page: OpenPage, **query: str) -> AppTest:
    page = open_page(**{"tenant": "harbour", "lang": "en", **query})
    page.chat_input(key="question").set_value("What does the jar cost?").run()
    return page.button(key="source-0-1").click().run()


class TestPages:
    def test_of_a_pdf_are_shown_as_images_with_the_passage_marked(self, open_page: OpenPage, chat: FakeChat) -> None:
        chat.source, chat.document = {"page": 2}, {"page_images": True}
        shown = text_of(opened(open_page))
        assert "Page 2, as it is printed" in shown
        assert '<img class="vn-page-image" src="data:image/png;base64,' in shown
        assert 'class="vn-document vn-short"' in shown
        assert "GET /v1/documents/jar/pages/2?start=19&end=39&width=1000" in chat.paths

    def test_that_cannot_be_shown_leave_the_text(
        self, open_page: OpenPage, chat: FakeChat, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        chat.source, chat.document = {"page": 2}, {"page_images": True}
        monkeypatch.setattr("tests.ui.fake_chat.png", lambda: b"")
        monkeypatch.setattr(FakeChat, "handle", _without_pages(FakeChat.handle))
        shown = text_of(opened(open_page))
        assert "This page cannot be shown as an image." in shown
        assert '<mark class="vn-quote">The jar costs 18.80.</mark>' in shown

    def test_of_other_documents_are_not_asked_for(self, open_page: OpenPage, chat: FakeChat) -> None:
        chat.source = {"page": 2}
        opened(open_page)
        assert not [path for path in chat.paths if "/pages/" in path]


def _without_pages(handle: Any) -> Any:
    def without(self: FakeChat, method: str, path: str, *more: Any) -> Any:
        return None if "/pages/" in path else handle(self, method, path, *more)

    return without


class TestProducts:
    def test_have_a_card_with_picture_price_stock_and_link(self, open_page: OpenPage, chat: FakeChat) -> None:
        chat.source = {"uri": "https://shop.example/jar"}
        chat.document = {"metadata": {"price": "18.80", "currency": "CNY", "stock": 320}, "picture": True}
        shown = text_of(opened(open_page))
        assert "CN¥18.80" in shown
        assert "In stock · 320 pieces" in shown
        assert '<img src="data:image/png;base64,' in shown
        assert 'href="https://shop.example/jar"' in shown
        assert "Open the original" not in shown

    def test_alone_have_one(self, open_page: OpenPage, chat: FakeChat) -> None:
        assert "vn-product" not in text_of(opened(open_page))


class TestForce:
    def test_what_is_over_is_marked_on_the_button_and_in_the_panel(self, open_page: OpenPage, chat: FakeChat) -> None:
        chat.source = {"valid_until": "2020-12-31"}
        page = opened(open_page)
        assert "no longer in force" in page.button(key="source-0-1").label
        assert page.button(key="source-0-1").icon == ":material/event_busy:"
        assert '<p class="vn-box vn-outdated" role="note">No longer in force' in text_of(page)

    def test_what_is_to_come_too(self, open_page: OpenPage, chat: FakeChat) -> None:
        chat.source = {"valid_from": (today() + timedelta(days=2)).isoformat()}
        assert "Not yet in force" in text_of(opened(open_page))

    def test_what_holds_tells_its_dates(self, open_page: OpenPage, chat: FakeChat) -> None:
        chat.source = {"valid_from": "2026-04-01"}
        shown = text_of(opened(open_page))
        assert "in force from \u2068Apr 1, 2026\u2069" in shown
        assert "vn-outdated" not in shown


class TestPanel:
    def test_asks_for_a_document_once(self, open_page: OpenPage, chat: FakeChat) -> None:
        page = opened(open_page)
        page.button(key="source-0-1").click().run()
        assert chat.paths.count("GET /v1/documents/jar/content") == 1

    def test_names_its_button_in_the_language_of_the_page(self, open_page: OpenPage, chat: FakeChat) -> None:
        assert 'data-close="Close"' in text_of(opened(open_page))
