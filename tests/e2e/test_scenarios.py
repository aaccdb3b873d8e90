"""What people come for, from the first click to the last, before a real gateway, worker and front end."""

from __future__ import annotations

import json
from typing import Final

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e import pages
from tests.e2e.conftest import Visit
from tests.e2e.demo import PASSWORD, Demo
from tests.e2e.runs import watch
from tests.vllm.processes import until

pytestmark = pytest.mark.e2e

PIERS: Final = 5000
"""So many that the worker is at it for some seconds."""
# The values of every bar that is shown, however briefly.
_NOTE_PROGRESS: Final = """
window.vnProgress = [];
setInterval(() => document.querySelectorAll("progress").forEach((bar) => {
  const now = [bar.value, bar.hasAttribute("value") ? bar.max : 0];
  if (String(now) !== String(window.vnProgress.at(-1))) window.vnProgress.push(now);
}), 20);
"""


def _pier(number: int) -> str:
    return f"The ferry at pier {number} of the harbour leaves at {number % 24} o'clock."


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
        pages.dismiss(page)


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


class TestEditor:
    def test_uploads_documents_and_sees_the_bar_reach_its_end(self, demo: Demo, visit: Visit) -> None:
        demo.sign_in(visit.page.context, "shuguo", "editor")
        page = visit.page
        page.add_init_script(_NOTE_PROGRESS)
        pages.visit(page, demo.url, "documents", tenant="shuguo", lang="en")
        page.get_by_text("Add documents", exact=True).click()
        records = [
            {"id": f"pier-{number}", "title": f"Pier {number}", "text": _pier(number)} for number in range(PIERS)
        ]
        body = "\n".join(map(json.dumps, records)).encode()
        upload = {"name": "piers.ndjson", "mimeType": "application/x-ndjson", "buffer": body}
        page.locator('[data-testid="stFileUploader"] input[type="file"]').set_input_files(upload)  # type: ignore[arg-type]
        expect(page.get_by_role("button", name="Remove piers.ndjson")).to_be_visible()
        pages.at_rest(page)
        page.get_by_role("button", name="Send", exact=True).click()
        expect(page.get_by_text(f"is in: {PIERS:,} documents.")).to_be_visible(timeout=120_000)
        shown = [done / total for done, total in page.evaluate("window.vnProgress") if total]
        assert shown == sorted(shown)
        assert shown[-1] > 0
        expect(page.locator("progress")).to_have_count(0)
        pages.at_rest(page)
        page.get_by_text("All documents", exact=True).click()
        expect(page.locator('[data-testid="stMain"]')).to_contain_text("Pier ")
        found = demo.call("shuguo", "POST", "/v1/search", json={"query": "ferry at pier 17", "top_k": 3})
        assert any("pier 17" in hit["text"] for hit in found["hits"])

    def test_turns_an_unanswered_question_into_an_approved_answer(
        self, demo: Demo, visit: Visit, browser: Browser
    ) -> None:
        question, answer = "點樣整蛋撻先夠香？", "海港市圖書館嘅食譜講：蛋撻要焗 38 分鐘。"
        asked, page = visit.page, watch(browser.new_context(locale="en-GB")).new_page()
        pages.visit(asked, demo.url, tenant="harbour", lang="en")
        ask(asked, question)
        expect(asked.locator(".vn-decline")).to_be_visible()
        pages.at_rest(asked)
        demo.sign_in(page.context, "harbour", "editor")
        pages.visit(page, demo.url, "questions", tenant="harbour", lang="en")
        cluster = page.locator('[class*="st-key-cluster-"]', has=page.get_by_role("heading", name=question))
        cluster.get_by_role("button", name="Write the approved answer").click()
        page.get_by_label("Answer", exact=True).fill(answer)
        page.get_by_label("Answer", exact=True).press("Control+Enter")
        pages.at_rest(page)
        page.get_by_role("button", name="Save the answer").click()
        expect(page.get_by_text("In a moment it is found and given")).to_be_visible()
        until(lambda: self._is_live(demo, question), "the approved answer", 60)
        pages.visit(page, demo.url, "questions", tenant="harbour", lang="en")
        expect(page.get_by_role("heading", name=question)).to_have_count(0)
        page.context.close()
        ask(asked, question)
        given = asked.locator(".vn-answer").last
        expect(given).to_contain_text(answer)
        asked.locator("a.vn-marker").last.click()
        expect(asked.get_by_role("dialog").locator("mark").first).to_contain_text("38")

    @staticmethod
    def _is_live(demo: Demo, question: str) -> bool:
        found = demo.call("harbour", "GET", "/v1/approved-answers")["data"]
        return any(each["question"] == question and each["state"] == "live" for each in found)


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
