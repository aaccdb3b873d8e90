"""What the chat page does in a browser alone: reading out, copying, printing, the keyboard, the panel's place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import axe, pages
from tests.e2e.conftest import Visit, served
from tests.ui.fake_chat import QUOTE, FakeChat
from tests.ui.fake_gateway import FakeGateway

pytestmark = pytest.mark.e2e

_PHONE = {"width": 390, "height": 844}
_CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}


@pytest.fixture(scope="module")
def chatting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a front end whose answers cite a product on a page of a PDF that is no longer in force."""
    source = {"page": 2, "valid_until": "2020-12-31", "uri": "https://shop.example/jar"}
    document = {"metadata": {"price": "18.80", "currency": "CNY", "stock": 3}, "page_images": True, "picture": True}
    chat = FakeChat(source=source, document=document, about={"looked_for": ["jar"]})
    with served(FakeGateway(topics=[chat]), tmp_path_factory.mktemp("home")) as address:
        yield address


def asked(page: Page, address: str, lang: str = "en") -> None:
    page.goto(f"{address}/?tenant=harbour&lang={lang}")
    page.get_by_role("textbox").last.fill("What does the jar cost?")
    page.keyboard.press("Enter")
    expect(page.locator("a.vn-marker")).to_be_visible()
    expect(page.locator('.vn-act[data-act="copy"]')).to_be_visible()


class TestReadingOut:
    def test_an_answer_is_said_once_and_whole(self, chatting: str, visit: Visit) -> None:
        page = visit.page
        page.goto(f"{chatting}/?tenant=harbour&lang=en")
        page.wait_for_selector("#vn-voice", state="attached")
        page.evaluate(
            """() => {
                window.heard = [];
                const voice = document.getElementById("vn-voice");
                new MutationObserver(() => voice.textContent && window.heard.push(voice.textContent.trim()))
                    .observe(voice, { childList: true });
            }"""
        )
        page.get_by_role("textbox").last.fill("What does the jar cost?")
        page.keyboard.press("Enter")
        expect(page.locator("#vn-voice")).to_contain_text(QUOTE)
        page.locator("a.vn-marker").click()
        expect(page.get_by_role("dialog").locator("mark")).to_be_visible()
        pages.dismiss(page)
        assert page.evaluate("window.heard") == [f"Assistant: The documents say: {QUOTE}"]


class TestCopying:
    @pytest.mark.parametrize("visit", [_CLIPBOARD], indirect=True)
    def test_puts_the_answer_with_its_source_into_the_clipboard(self, chatting: str, visit: Visit) -> None:
        asked(visit.page, chatting)
        visit.page.get_by_role("button", name="Copy the answer").click()
        expect(visit.page.get_by_role("button", name="Copied")).to_be_visible()
        copied = visit.page.evaluate("navigator.clipboard.readText()")
        assert f"The documents say: {QUOTE} [1]" in copied
        assert "[1] Chilli bean paste, page 2" in copied
        assert "AI-generated" in copied


class TestKeyboard:
    def test_skips_to_the_question_field(self, chatting: str, visit: Visit) -> None:
        visit.page.goto(f"{chatting}/?tenant=harbour&lang=en")
        expect(visit.page.get_by_role("textbox", name="Ask a question")).to_be_visible()
        visit.page.wait_for_selector("#vn-voice", state="attached")
        visit.page.locator(".vn-skip").focus()
        expect(visit.page.locator(".vn-skip")).to_be_in_viewport()
        visit.page.keyboard.press("Enter")
        expect(visit.page.get_by_role("textbox", name="Ask a question")).to_be_focused()

    def test_opens_a_source_stays_in_its_panel_and_comes_back(self, chatting: str, visit: Visit) -> None:
        page = visit.page
        asked(page, chatting)
        page.locator("a.vn-marker").focus()
        page.keyboard.press(" ")
        expect(page.get_by_role("dialog").locator("mark")).to_be_in_viewport()
        for _ in range(12):
            page.keyboard.press("Tab")
            assert page.evaluate("Boolean(document.activeElement.closest('[role=dialog]'))")
        pages.dismiss(page)
        expect(page.locator("a.vn-marker")).to_be_focused()

    def test_gets_into_a_panel_that_did_not_take_the_focus(self, chatting: str, visit: Visit) -> None:
        page = visit.page
        asked(page, chatting)
        page.evaluate(
            """() => {
                const focus = HTMLElement.prototype.focus, until = performance.now() + 2000;
                HTMLElement.prototype.focus = function (...how) {
                    if (performance.now() > until) focus.apply(this, how);
                };
            }"""
        )
        page.locator("a.vn-marker").first.click()
        pages.dismiss(page)


class TestPanel:
    def test_shows_all_there_is_to_see_of_a_source_and_loads_nothing_from_elsewhere(
        self, chatting: str, visit: Visit
    ) -> None:
        page = visit.page
        asked(page, chatting)
        page.locator("a.vn-marker").click()
        panel = page.get_by_role("dialog")
        expect(panel.locator("mark")).to_have_text(QUOTE)
        expect(panel.locator(".vn-outdated")).to_contain_text("No longer in force")
        expect(panel.locator(".vn-price")).to_have_text("CN¥18.80")
        for image in (panel.locator(".vn-product img"), panel.locator("img.vn-page-image")):
            expect(image).to_be_visible()
            assert image.evaluate("image => image.complete && image.naturalWidth") == 4
        assert visit.complaints == []
        assert visit.hosts == {"127.0.0.1"}

    @pytest.mark.parametrize(("lang", "at_the_left"), [("en", False), ("ar", True)])
    def test_stands_at_the_end_of_the_line_over_the_whole_height(
        self, chatting: str, visit: Visit, lang: str, at_the_left: bool
    ) -> None:
        page = visit.page
        asked(page, chatting, lang)
        page.locator("a.vn-marker").click()
        expect(page.get_by_role("dialog").locator("mark")).to_be_in_viewport()
        pages.still(page.get_by_role("dialog"))
        box = page.get_by_role("dialog").bounding_box()
        assert box is not None
        window = page.viewport_size
        assert window is not None
        assert (box["x"] < 1) is at_the_left
        assert box["height"] == pytest.approx(window["height"], abs=1)
        if not at_the_left:
            assert box["x"] + box["width"] == pytest.approx(window["width"], abs=1)

    @pytest.mark.parametrize("visit", [{"viewport": _PHONE}], indirect=True)
    def test_is_all_of_a_phone(self, chatting: str, visit: Visit) -> None:
        page = visit.page
        asked(page, chatting)
        page.locator("a.vn-marker").click()
        expect(page.get_by_role("dialog").locator("mark")).to_be_in_viewport()
        pages.still(page.get_by_role("dialog"))
        box = page.get_by_role("dialog").bounding_box()
        assert box is not None
        assert (box["x"], box["width"]) == (0, _PHONE["width"])
        assert page.evaluate("document.documentElement.scrollWidth") <= _PHONE["width"]


class TestPaper:
    @pytest.mark.parametrize("visit", [{"color_scheme": "dark"}], indirect=True)
    def test_is_white_and_has_the_label_the_source_and_nothing_to_click(self, chatting: str, visit: Visit) -> None:
        page = visit.page
        asked(page, chatting)
        page.emulate_media(media="print")
        expect(page.locator(".vn-paper")).to_contain_text(QUOTE)
        expect(page.get_by_text("AI-generated").first).to_be_visible()
        for gone in (".st-key-toolbar", ".vn-act", '[class*="st-key-sources-"]', '[data-testid="stChatInput"]'):
            for each in page.locator(gone).all():
                expect(each).to_be_hidden()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"

    def test_keeps_a_question_with_its_answer(self, chatting: str, visit: Visit) -> None:
        page = visit.page
        asked(page, chatting)
        page.emulate_media(media="print")
        assert page.locator(".vn-question").evaluate("each => getComputedStyle(each).breakAfter") == "avoid"
        assert page.locator(".vn-paper q").first.evaluate("each => getComputedStyle(each).fontStyle") == "normal"


class TestLargeText:
    @pytest.mark.parametrize("visit", [{"viewport": _PHONE}], indirect=True)
    def test_makes_the_whole_page_larger_and_never_scrolls_sideways(self, chatting: str, visit: Visit) -> None:
        page = visit.page
        asked(page, chatting)
        before = page.locator(".vn-answer").evaluate("answer => parseFloat(getComputedStyle(answer).fontSize)")
        page.locator(".st-key-more button").first.click()
        page.get_by_text("Large text").click()
        page.wait_for_url("**size=large*")
        page.wait_for_function(
            "before => parseFloat(getComputedStyle(document.querySelector('.vn-answer')).fontSize) > 1.2 * before",
            arg=before,
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= _PHONE["width"]


class TestFeedback:
    def test_is_given_by_thumb_and_is_accessible(self, chatting: str, visit: Visit) -> None:
        page = visit.page
        asked(page, chatting)
        page.get_by_role("button", name="This did not help").click()
        expect(page.get_by_text("What is wrong with it?")).to_be_visible()
        assert not axe.violations(page)
        page.get_by_text("It is out of date").click()
        page.get_by_role("button", name="Send", exact=True).click()
        expect(page.get_by_text("Thank you. It helps us to answer better.").first).to_be_visible()
