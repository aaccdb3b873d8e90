"""Markup planted wherever a tenant's people can write, before a real gateway: no page loads it, runs it or is bent by it.

The pages' Content-Security-Policy is put out of force, so that what holds is that the markup is harmless, and not the policy behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.e2e import pages
from tests.e2e.conftest import Visit
from tests.e2e.demo import Demo
from tests.e2e.planting import ICON, SKULL, TENANT, Planting, everything
from tests.e2e.runs import watch
from tests.e2e.test_untrusted import QUESTION
from tests.vernacular.fetching.listener import Listener, listening
from ui.navigation import View

pytestmark = pytest.mark.e2e
# Elements that nobody but a payload would put on a page.
_LIVE = ", ".join(
    [
        "iframe", "object", "embed", "portal", "marquee", "base", "meta[http-equiv='refresh' i]", "a[href^='javascript:' i]",
        "a[href^='data:' i]", "form[action*='127.0.0.1']", "video", "picture", ".katex", ".stMarkdownColoredText", ".stMarkdownBadge",
        "[href*='SINK']", "[src*='SINK']", "[srcset*='SINK']", "[data*='SINK']", "[onerror]", "[onload]", "[ontoggle]", "[onfocus]",
        "img[src='x']", "link[rel=stylesheet][href*='SINK']",
    ]
)  # fmt: skip

# What opens something over a page, and how many of it are opened: lists and popovers, and panels, which take the keyboard.
_LISTS: Final = {
    '[data-testid="stPopover"] button': 8,
    '[data-testid="stSelectbox"] [role="combobox"]': 3,
    '[data-testid="stMultiSelect"] [role="combobox"]': 2,
}
_PANELS: Final = {'[class*="st-key-open-"] button': 3, '[class*="st-key-why-"] button': 2}


@pytest.fixture(scope="module")
def sink() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture(scope="module")
def planting(demo: Demo, sink: Listener) -> Planting:
    planting = Planting(demo, f"http://127.0.0.1:{sink.port}")
    planting.plant()
    return planting


@pytest.fixture(scope="module")
def visit_of_admin(browser: Browser, demo: Demo, planting: Planting) -> Iterator[Visit]:
    with watch(
        browser.new_context(locale="en-GB", bypass_csp=True, viewport={"width": 1280, "height": 900})
    ) as context:
        demo.sign_in(context, TENANT, "admin")
        visit = Visit(context.new_page())
        visit.page.on("request", visit.note_request)
        visit.page.on("dialog", lambda dialog: _note(visit, dialog))
        yield visit


def _note(visit: Visit, dialog: Dialog) -> None:
    visit.complaints.append(f"a dialog: {dialog.message}")
    dialog.dismiss()


def assert_harmless(visit: Visit, sink: Listener) -> None:
    page = visit.page
    live = page.evaluate(
        "selector => [...document.body.querySelectorAll(selector)].map(each => each.outerHTML.slice(0, 300))",
        _LIVE.replace("SINK", f"127.0.0.1:{sink.port}"),
    )
    icons = page.locator('[data-testid="stIconMaterial"]', has_text=ICON).count()
    shown = page.evaluate("document.body.innerText")
    assert live == []
    assert icons == 0
    assert SKULL not in shown
    assert page.evaluate("window.intruded") is None
    assert ([path for path, _ in sink.hits], sink.connections) == ([], 0)
    assert visit.hosts == {"127.0.0.1"}
    assert [each for each in visit.complaints if each.startswith("a dialog")] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("innerWidth")


def open_all(page: Page) -> None:
    """What of the page is folded away, as far as eight folds."""
    folded = page.locator('[data-testid="stMain"] details:not([open]) > summary').filter(visible=True)
    for _ in range(min(folded.count(), 8)):
        if folded.count():  # opening one may close another
            folded.first.click()
            pages.at_rest(page)


def open_over(visit: Visit, sink: Listener) -> int:
    """What opens over the page: lists of choices, popovers, panels. How many did."""
    page, opened = visit.page, 0
    main = page.locator('[data-testid="stMain"]')
    for kind, most in (_LISTS | _PANELS).items():
        offered = main.locator(kind).filter(visible=True)
        for number in range(min(offered.count(), most)):
            offered.nth(number).click()
            if kind in _PANELS:
                expect(page.get_by_role("dialog")).to_be_visible()
            pages.at_rest(page)
            assert_harmless(visit, sink)
            opened += 1
            if kind in _PANELS:
                pages.dismiss(page)
            else:
                page.keyboard.press("Escape")
                expect(page.get_by_role("dialog")).to_have_count(0)
            pages.at_rest(page)
    return opened


def hover_all(visit: Visit, sink: Listener) -> None:
    """Words that appear where the pointer rests."""
    hinting = visit.page.locator('[data-testid="stMain"] [data-testid="stTooltipHoverTarget"]').filter(visible=True)
    for number in range(min(hinting.count(), 6)):
        hinting.nth(number).hover()
        expect(visit.page.locator('[data-testid="stTooltipContent"]').first).to_be_visible()
        assert_harmless(visit, sink)
        visit.page.mouse.move(0, 0)


def test_enough_was_planted(planting: Planting) -> None:
    assert len(everything("http://127.0.0.1:9")) >= 60
    expected = {
        "display name", "greeting", "suggestions", "contact", "glossary", "prompts", "users", "groups", "keys", "widgets",
        "conversations", "saved searches", "approved answers", "documents", "set aside",
    }  # fmt: skip
    assert set(planting.taken) == expected
    assert planting.taken["documents"] >= 2 * 60
    assert planting.taken["set aside"] >= 60


@pytest.mark.parametrize("view", pages.built_views(), ids=lambda view: view.path or "chat")
def test_every_page(visit_of_admin: Visit, planting: Planting, demo: Demo, sink: Listener, view: View) -> None:
    page = visit_of_admin.page
    pages.visit(page, demo.url, view.path, tenant=TENANT, lang="en")
    for _ in pages.parts(page):
        assert_harmless(visit_of_admin, sink)
        open_all(page)
        assert_harmless(visit_of_admin, sink)
        hover_all(visit_of_admin, sink)
        open_over(visit_of_admin, sink)


def test_an_answer_and_its_source(visit_of_admin: Visit, planting: Planting, demo: Demo, sink: Listener) -> None:
    page = visit_of_admin.page
    pages.visit(page, demo.url, tenant=TENANT, lang="en")
    page.locator("textarea").last.fill(QUESTION)
    page.keyboard.press("Enter")
    page.locator("a.vn-marker").first.wait_for()
    pages.at_rest(page)
    assert_harmless(visit_of_admin, sink)
    page.locator("a.vn-marker").first.click()
    expect(page.get_by_role("dialog").locator("mark").first).to_be_visible()
    pages.at_rest(page)
    assert_harmless(visit_of_admin, sink)


def test_hits_and_their_preview(visit_of_admin: Visit, planting: Planting, demo: Demo, sink: Listener) -> None:
    page = visit_of_admin.page
    pages.visit(page, demo.url, "search", tenant=TENANT, lang="en")
    page.get_by_role("searchbox").fill(QUESTION)
    expect(page.get_by_role("button", name="Ask about these results")).to_be_visible()
    pages.at_rest(page)
    assert_harmless(visit_of_admin, sink)
    assert open_over(visit_of_admin, sink) > 3
    page.locator(".vn-hit a.vn-open").first.click()
    expect(page.get_by_role("dialog").locator("mark").first).to_be_visible()
    pages.at_rest(page)
    assert_harmless(visit_of_admin, sink)


def test_what_there_is_to_choose_among(visit_of_admin: Visit, planting: Planting, demo: Demo, sink: Listener) -> None:
    page = visit_of_admin.page
    pages.visit(page, demo.url, "search", tenant=TENANT, lang="en", q=QUESTION, source=planting.source)
    expect(page.locator('[class*="st-key-chosen-"]', has_text="/source")).to_be_visible()
    for name in ("tags", "category", "price", "skull"):
        expect(page.locator('[class*="st-key-facet-"]', has_text=name)).to_be_visible()
    hover_all(visit_of_admin, sink)
    assert open_over(visit_of_admin, sink) > 6
    page.locator('[class*="st-key-facet-"]', has_text="tags").get_by_role("button").click()
    page.locator('[class*="st-key-pick-"] label').first.click()
    expect(page.locator('[class*="st-key-chosen-"]')).to_have_count(2)
    pages.at_rest(page)
    assert_harmless(visit_of_admin, sink)
