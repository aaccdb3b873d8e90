"""Every page on 320 pixels, which is 1,280 enlarged to 400 %: nobody has to scroll sideways to read it (WCAG 1.4.10)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e import pages
from tests.e2e.demo import Demo
from tests.e2e.runs import watch
from ui.navigation import View

pytestmark = pytest.mark.e2e
_SIDEWAYS = """() => {
    const main = document.querySelector(".stMain");
    return [main.scrollWidth - main.clientWidth, document.documentElement.scrollWidth - innerWidth];
}"""


@pytest.fixture(scope="module", params=["en", "ar"])
def administrator(request: pytest.FixtureRequest, browser: Browser, demo: Demo) -> Iterator[Page]:
    with watch(browser.new_context(locale=request.param, viewport={"width": 320, "height": 640})) as context:
        demo.sign_in(context, "harbour", "admin")
        yield context.new_page()


@pytest.mark.parametrize("view", pages.built_views(), ids=lambda view: view.path or "chat")
def test_scrolls_one_way_alone(administrator: Page, demo: Demo, view: View) -> None:
    pages.visit(administrator, demo.url, view.path, tenant="harbour", q="泊車")
    if not view.path:
        administrator.locator(".st-key-suggestion-0 button").click()
        pages.at_rest(administrator)
    for _ in pages.parts(administrator):
        assert administrator.evaluate(_SIDEWAYS) == [0, 0]


@pytest.mark.parametrize("height", [450, 600, 844])
def test_a_chat_begins_at_its_top(browser: Browser, demo: Demo, height: int) -> None:
    with watch(browser.new_context(locale="en", viewport={"width": 390, "height": height})) as context:
        page = context.new_page()
        pages.visit(page, demo.url, tenant="harbour")
        page.wait_for_timeout(1000)
        assert page.locator(".stMain").evaluate("main => main.scrollTop") == 0
        page.mouse.move(200, 300)
        page.mouse.wheel(0, 80)
        page.wait_for_function("() => document.querySelector('.stMain').scrollTop > 0")
