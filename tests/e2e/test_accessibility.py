"""Every page against WCAG 2.2 AA, by axe-core, in three languages, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import axe, pages
from tests.e2e.demo import Demo
from tests.e2e.runs import watch
from ui.navigation import View

_WHITE = "rgb(255, 255, 255)"
pytestmark = pytest.mark.e2e
LANGUAGES = ("en", "zh-Hant", "ar")


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def visitor(browser: Browser, demo: Demo, language: str) -> Iterator[Page]:
    """A page of nobody in particular."""
    with watch(browser.new_context(locale=language)) as context:
        yield context.new_page()


@pytest.fixture(scope="module")
def administrator(browser: Browser, demo: Demo, language: str) -> Iterator[Page]:
    with watch(browser.new_context(locale=language)) as context:
        demo.sign_in(context, "harbour", "admin")
        yield context.new_page()


def assert_accessible(page: Page, language: str) -> None:
    expect(page.locator("html")).to_have_attribute("lang", language)
    in_scheme(page, "light")
    found = [f"light: {violation}" for violation in axe.violations(page)]
    in_scheme(page, "dark")
    found += [f"dark: {violation}" for violation in axe.violations(page, axe.OF_COLOURS)]
    assert not found, "\n".join(found)


def in_scheme(page: Page, scheme: Literal["light", "dark"]) -> None:
    """Streamlit draws its own parts anew a moment after the style sheet has changed."""
    page.emulate_media(color_scheme=scheme)
    expect(page.locator(":root")).to_have_css("color-scheme", scheme)
    if scheme == "light":
        expect(page.locator(".stApp")).to_have_css("background-color", _WHITE)
    else:
        expect(page.locator(".stApp")).not_to_have_css("background-color", _WHITE)


@pytest.mark.parametrize("view", pages.built_views(), ids=lambda view: view.path or "chat")
def test_every_page(administrator: Page, demo: Demo, language: str, view: View) -> None:
    pages.visit(administrator, demo.url, view.path, tenant="harbour", lang=language)
    for _ in pages.parts(administrator):
        assert_accessible(administrator, language)


class TestChat:
    def test_before_the_first_question(self, visitor: Page, demo: Demo, language: str) -> None:
        pages.visit(visitor, demo.url, tenant="harbour", lang=language)
        assert_accessible(visitor, language)

    def test_with_an_answer_its_source_and_a_decline(self, visitor: Page, demo: Demo, language: str) -> None:
        pages.visit(visitor, demo.url, tenant="harbour", lang=language)
        visitor.locator(".st-key-suggestion-0 button").click()
        visitor.locator("a.vn-marker").first.click()
        expect(visitor.get_by_role("dialog").locator("mark").first).to_be_in_viewport()
        pages.at_rest(visitor)
        assert_accessible(visitor, language)
        pages.dismiss(visitor)
        visitor.get_by_role("textbox").last.fill("海港市邊間茶餐廳嘅菠蘿包最好食？")
        visitor.keyboard.press("Enter")
        expect(visitor.locator(".vn-decline")).to_be_visible()
        pages.at_rest(visitor)
        assert_accessible(visitor, language)

    def test_the_list_of_assistants(self, visitor: Page, demo: Demo, language: str) -> None:
        pages.visit(visitor, demo.url, lang=language)
        assert_accessible(visitor, language)

    def test_the_way_in(self, visitor: Page, demo: Demo, language: str) -> None:
        pages.visit(visitor, demo.url, "search", tenant="harbour", lang=language)
        assert_accessible(visitor, language)
