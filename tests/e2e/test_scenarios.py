"""What people come for, from the first click to the last, before a real gateway, worker and front end."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e import pages
from tests.e2e.conftest import Visit
from tests.e2e.demo import PASSWORD, Demo

pytestmark = pytest.mark.e2e


def ask(page: Page, question: str) -> None:
    page.locator('[data-testid="stChatInputTextArea"]').fill(question)
    page.keyboard.press("Enter")


def tab_to(page: Page, wanted: Locator, most: int = 60) -> None:
    """Get there with the Tab key alone."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if wanted.evaluate("each => each === document.activeElement"):
            return
    raise AssertionError(f"{wanted} is not reached by {most} presses of Tab")


class TestCitizen:
    @pytest.mark.parametrize("visit", [{"locale": "zh-HK"}], indirect=True)
    def test_asks_in_cantonese_and_sees_the_quote_in_its_document(self, demo: Demo, visit: Visit) -> None:
        page = visit.page
        pages.visit(page, demo.url, tenant="harbour")
        expect(page.locator(".vn-notice")).to_be_visible()
        ask(page, "我唔見咗張身份證，補領要幾多錢呀？")
        answer = page.locator(".vn-answer").last
        expect(answer).to_contain_text("425")
        expect(answer).to_have_attribute("lang", "yue-Hant")
        page.locator("a.vn-marker").first.click()
        quote = page.get_by_role("dialog").locator("mark").first
        expect(quote).to_contain_text("補領身份證的費用為港幣 425 元")
        expect(quote).to_be_in_viewport()
        assert visit.hosts == {"127.0.0.1"}
        assert visit.complaints == []

    @pytest.mark.parametrize("visit", [{"locale": "zh-HK"}], indirect=True)
    def test_is_declined_and_told_whom_to_ask(self, demo: Demo, visit: Visit) -> None:
        page = visit.page
        pages.visit(page, demo.url, tenant="harbour")
        ask(page, "海港市邊間茶餐廳嘅菠蘿包最好食？")
        declined = page.locator(".vn-decline")
        expect(declined).to_contain_text("555 0100")
        expect(declined).to_contain_text("海港市市民聯絡中心")
        expect(page.locator("a.vn-marker")).to_have_count(0)

    def test_asks_and_opens_the_source_by_keyboard_alone(self, demo: Demo, visit: Visit) -> None:
        page = visit.page
        pages.visit(page, demo.url, tenant="harbour", lang="en")
        field = page.locator('[data-testid="stChatInputTextArea"]')
        tab_to(page, field)
        page.keyboard.type("How much does it cost to replace a lost identity card?")
        page.keyboard.press("Enter")
        expect(page.locator(".vn-answer").last).to_contain_text("425")
        pages.at_rest(page)
        tab_to(page, page.locator("a.vn-marker").first, 90)
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog").locator("mark").first).to_be_in_viewport()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)


class TestColleague:
    def test_signs_in_searches_and_signs_out_by_keyboard_alone(self, demo: Demo, visit: Visit) -> None:
        demo.token("harbour", "member")
        page = visit.page
        pages.visit(page, demo.url, "search", tenant="harbour", lang="en")
        tab_to(page, page.get_by_label("User name"))
        page.keyboard.type("member")
        tab_to(page, page.get_by_label("Password", exact=True))
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        found = page.get_by_role("searchbox")
        expect(found).to_be_visible()
        pages.at_rest(page)
        tab_to(page, found)
        page.keyboard.type("補領身份證")
        expect(page.locator(".vn-hit").first).to_contain_text("身份證")
        pages.at_rest(page)
        tab_to(page, page.get_by_role("button", name="Sign out"), 120)
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Sign out")).to_have_count(0)


class TestArabicPage:
    @pytest.mark.parametrize("visit", [{"locale": "ar-EG"}], indirect=True)
    def test_of_the_chat_reads_from_the_right(self, demo: Demo, visit: Visit) -> None:
        page = visit.page
        pages.visit(page, demo.url, tenant="delta")
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        expect(page.locator("html")).to_have_attribute("lang", "ar")
        ask(page, "بطاقتي ضاعت، بدل فاقد الرقم القومي بكام؟")
        expect(page.locator("a.vn-marker").first).to_be_visible()
        pages.at_rest(page)
        page.locator("a.vn-marker").first.click()
        expect(page.get_by_role("dialog").locator("mark").first).to_be_in_viewport()
        assert_from_the_right(page, page.locator(".vn-answer p").first)
        assert_from_the_right(page, page.get_by_role("dialog").locator("mark").first)

    @pytest.mark.parametrize("visit", [{"locale": "ar-EG"}], indirect=True)
    def test_of_the_dashboard_has_its_sidebar_on_the_right(self, demo: Demo, visit: Visit) -> None:
        demo.sign_in(visit.page.context, "delta", "admin")
        page = visit.page
        pages.visit(page, demo.url, "overview", tenant="delta")
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        sidebar, main = (box(page, f'[data-testid="{name}"]') for name in ("stSidebar", "stMainBlockContainer"))
        assert sidebar["x"] > main["x"]
        assert sidebar["x"] + sidebar["width"] == pytest.approx(page.evaluate("innerWidth"), abs=2)
        heading = page.get_by_role("heading", level=1)
        assert_from_the_right(page, heading)
        words = heading.evaluate(
            "each => { const range = document.createRange(); range.selectNodeContents(each);"
            " const box = range.getBoundingClientRect(); return [box.left, box.right]; }"
        )
        assert words[1] > main["x"] + main["width"] * 0.8


def assert_from_the_right(page: Page, part: Locator) -> None:
    style = part.evaluate("each => [getComputedStyle(each).direction, getComputedStyle(each).textAlign]")
    assert style[0] == "rtl"
    assert style[1] in ("start", "right", "justify")


def box(page: Page, selector: str) -> dict[str, float]:
    found = page.locator(selector).bounding_box()
    assert found is not None
    return dict(found)  # type: ignore[arg-type]
