"""A conversation stays with its tab: through reloads, and through the end of the front end; and with nobody else."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit
from tests.e2e.demo import Demo
from tests.e2e.pages import at_rest

pytestmark = pytest.mark.e2e

QUESTION = "而家私家車嘅泊車許可證每個月收幾錢？"


def open_chat(page: Page, demo: Demo, tenant: str = "harbour") -> None:
    page.goto(f"{demo.url}/?tenant={tenant}&lang=en")
    at_rest(page)


def ask(page: Page, question: str = QUESTION) -> None:
    page.get_by_role("textbox", name="Ask a question").fill(question)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Copy the answer").last).to_be_visible()
    at_rest(page)


def reload(page: Page) -> None:
    page.reload()
    at_rest(page)


class TestReload:
    def test_shows_question_answer_and_citation_again_and_goes_on(self, demo: Demo, visit: Visit) -> None:
        page = visit.page
        open_chat(page, demo)
        ask(page)
        said = page.locator(".vn-answer").inner_text()
        page.get_by_role("button", name="This helped").click()
        expect(page.get_by_text("Thank you.")).to_be_visible()
        reload(page)
        expect(page.locator(".vn-answer")).to_have_text(said, use_inner_text=True)
        expect(page.locator(".vn-bubble")).to_have_text(QUESTION)
        expect(page.get_by_role("button", name="This helped: chosen")).to_be_visible()
        expect(page.locator("#vn-voice")).to_be_empty()
        page.locator("a.vn-marker").first.click()
        expect(page.get_by_role("dialog").locator("mark").first).to_be_visible()
        page.keyboard.press("Escape")
        ask(page, "邊間菠蘿包最好食？")
        reload(page)
        expect(page.locator(".vn-bubble")).to_have_count(2)
        assert visit.complaints == []

    def test_is_of_the_tab_alone(self, demo: Demo, visit: Visit) -> None:
        page = visit.page
        open_chat(page, demo)
        ask(page)
        other = page.context.new_page()
        other.goto(page.url)
        at_rest(other)
        expect(other.locator(".st-key-suggestions")).to_be_visible()
        expect(other.locator(".vn-answer")).to_have_count(0)
        assert {cookie["name"] for cookie in page.context.cookies()} <= {"_streamlit_xsrf"}

    def test_shows_nothing_once_a_new_conversation_was_begun(self, demo: Demo, visit: Visit) -> None:
        page = visit.page
        open_chat(page, demo)
        ask(page)
        page.get_by_role("button", name="New conversation").click()
        expect(page.locator(".st-key-suggestions")).to_be_visible()
        at_rest(page)
        reload(page)
        expect(page.locator(".st-key-suggestions")).to_be_visible()
        expect(page.locator(".vn-answer")).to_have_count(0)

    def test_another_tenant_shows_none_of_it_and_the_first_all_of_it(self, demo: Demo, visit: Visit) -> None:
        page = visit.page
        open_chat(page, demo)
        ask(page)
        open_chat(page, demo, "shuguo")
        expect(page.locator(".st-key-suggestions")).to_be_visible()
        expect(page.locator(".vn-answer")).to_have_count(0)
        open_chat(page, demo)
        expect(page.locator(".vn-answer")).to_be_visible()

    def test_shows_nothing_to_whoever_comes_after_someone_signed_out(self, demo: Demo, visit: Visit) -> None:
        page = visit.page
        demo.sign_in(page.context, "harbour", "editor")
        open_chat(page, demo)
        ask(page)
        reload(page)
        expect(page.locator(".vn-answer")).to_be_visible()
        page.context.clear_cookies()  # as if the sign-in had ended: the tab still keeps the conversation
        demo.sign_in(page.context, "harbour", "member")
        open_chat(page, demo)
        expect(page.get_by_text("Signed in as member")).to_be_visible()
        expect(page.locator(".vn-answer")).to_have_count(0)
        ask(page)
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        at_rest(page)
        expect(page.locator(".vn-answer")).to_have_count(0)
        assert page.evaluate("sessionStorage.getItem('vernacular conversations')") == "{}"

    def test_the_field_that_hands_it_back_is_for_nobody(self, demo: Demo, visit: Visit) -> None:
        page = visit.page
        open_chat(page, demo)
        field = page.locator(".st-key-kept-conversation input")
        expect(field).to_be_attached()
        expect(field).to_be_hidden()
