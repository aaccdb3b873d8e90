"""The front end's pages as tests visit them: each of `ui.navigation`'s table, so that a new one is tested without being named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlencode

from playwright.sync_api import Locator, Page, expect

from tests.e2e.runs import AT_REST
from ui.navigation import VIEWS, View, pages

PHONE: Final = {"width": 390, "height": 844}


def built_views() -> list[View]:
    known = pages()
    return [view for view in VIEWS if view.path in known]


def address(url: str, path: str = "", **parameters: str) -> str:
    return f"{url}/{path}?{urlencode(parameters)}"


def visit(page: Page, url: str, path: str = "", **parameters: str) -> None:
    """Go there and wait until all of the page is."""
    page.goto(address(url, path, **parameters))
    at_rest(page)


def at_rest(page: Page) -> None:
    """Wait until the script has run to its end and what it said is on the page."""
    expect(page.locator("h1").first).to_be_visible()
    page.wait_for_selector(AT_REST)
    page.wait_for_load_state("networkidle")


def still(part: Locator) -> None:
    """Wait until it moves no more: it slides in, or the page scrolls to it."""
    part.evaluate(
        """each => new Promise(done => {
            let before = "", same = 0;
            const look = () => {
                const now = JSON.stringify(each.getBoundingClientRect());
                same = now === before ? same + 1 : 0;
                before = now;
                same < 10 ? requestAnimationFrame(look) : done();
            };
            look();
        })"""
    )


def dismiss(page: Page) -> None:
    """Close the panel that is open by the keyboard, which it takes a moment to have."""
    panel = page.get_by_role("dialog")
    expect(page.locator('[role="dialog"]:focus-within')).to_have_count(1)
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)


def parts(page: Page) -> Iterator[None]:
    """The page as it came, and then as it is under each of its tabs and choices of a part."""
    yield
    choices = page.locator('[data-testid="stMain"] :is([role="tab"], [data-variant="segmented_control"])')
    for number in range(choices.count()):
        choice = choices.nth(number)
        if choice.is_visible() and "true" not in (
            choice.get_attribute("aria-selected"),
            choice.get_attribute("aria-checked"),
        ):
            choice.click()
            at_rest(page)
            yield
