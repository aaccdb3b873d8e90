"""Markup planted wherever a tenant's people can write, before a real gateway: no page loads it, runs it or is bent by it.

The pages' Content-Security-Policy is put out of force, so that what holds is that the markup is harmless, and not the policy behind it.
"""

from __future__ import annotations

from collections.abc import Iterator

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


def test_enough_was_planted(planting: Planting) -> None:
    assert len(everything("http://127.0.0.1:9")) >= 60
    expected = {
        "display name", "greeting", "suggestions", "contact", "glossary", "prompts", "users", "groups", "keys", "widgets",
        "conversations", "saved searches", "approved answers", "documents",
    }  # fmt: skip
    assert set(planting.taken) == expected


@pytest.mark.parametrize("view", pages.built_views(), ids=lambda view: view.path or "chat")
def test_every_page(visit_of_admin: Visit, planting: Planting, demo: Demo, sink: Listener, view: View) -> None:
    page = visit_of_admin.page
    pages.visit(page, demo.url, view.path, tenant=TENANT, lang="en")
    for _ in pages.parts(page):
        assert_harmless(visit_of_admin, sink)
        open_all(page)
        assert_harmless(visit_of_admin, sink)


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
    page.locator(".vn-hit").first.wait_for()
    pages.at_rest(page)
    assert_harmless(visit_of_admin, sink)
    page.locator(".vn-hit a.vn-open").first.click()
    expect(page.get_by_role("dialog").locator("mark").first).to_be_visible()
    pages.at_rest(page)
    assert_harmless(visit_of_admin, sink)
