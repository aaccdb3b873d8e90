"""What a person may be about to click stays where it is while a page runs, and is there once.

The messages to the page are slowed down, so that each of its states on the way is shown.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import pages
from tests.e2e.demo import Demo
from tests.e2e.runs import shown_twice, watch

pytestmark = pytest.mark.e2e
QUESTION = "身份證"


@pytest.fixture
def page(browser: Browser, demo: Demo) -> Iterator[Page]:
    with watch(browser.new_context(locale="en-GB"), pause_ms=5) as context:
        demo.sign_in(context, "harbour", "admin")
        yield context.new_page()


def assert_once(page: Page) -> None:
    pages.at_rest(page)
    assert shown_twice(page) == []


def test_what_was_sent_moves_no_part_of_the_documents_page(page: Page, demo: Demo) -> None:
    pages.visit(page, demo.url, "documents", tenant="harbour", lang="en")
    page.get_by_text("Add documents", exact=True).click()
    pages.at_rest(page)
    note = {"name": "lamp.txt", "mimeType": "text/plain", "buffer": b"The lamp at the pier is lit at six."}
    page.locator('[data-testid="stFileUploader"] input[type="file"]').set_input_files(note)  # type: ignore[arg-type]
    expect(page.get_by_role("button", name="Remove lamp.txt")).to_be_visible()
    assert_once(page)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".vn-said")).to_contain_text("lamp.txt is in")
    assert_once(page)


def test_what_a_search_says_of_itself_moves_nothing_of_it(page: Page, demo: Demo) -> None:
    pages.visit(page, demo.url, "search", tenant="harbour", lang="en")
    page.get_by_role("searchbox").fill(QUESTION)
    expect(page.locator(".vn-hit").first).to_be_visible()
    expect(page.locator('[class*="st-key-also-"]').first).to_be_visible()
    assert_once(page)
    page.locator('[class*="st-key-facet-"] button').first.click()
    page.locator('[class*="st-key-pick-"] label').first.click()
    expect(page.locator(".st-key-search-chosen")).to_be_visible()
    assert_once(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Ask about these results").click()
    expect(page.get_by_label("Your question")).to_be_visible()
    assert_once(page)
    page.get_by_role("searchbox").fill("")
    expect(page.locator(".vn-lately")).to_be_visible()
    assert_once(page)


def test_a_key_that_is_told_once_moves_none_of_the_tabs(page: Page, demo: Demo) -> None:
    pages.visit(page, demo.url, "keys", tenant="harbour", lang="en")
    page.get_by_text("New API key").click()
    page.get_by_label("What it is for").fill("A lamp")
    page.get_by_role("button", name="Make the key").click()
    noted = page.get_by_role("button", name="I have noted it")
    expect(noted).to_be_visible()
    pages.at_rest(page)
    shown_twice(page)  # the list of keys is longer by one, and each below it moves
    noted.click()
    expect(noted).to_have_count(0)
    assert_once(page)
    page.get_by_role("button", name="Replace A lamp").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert_once(page)
