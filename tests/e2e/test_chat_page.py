from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e import pages
from tests.e2e.conftest import Visit
from tests.e2e.demo import Demo
from tests.ui.fake_gateway import DECLINE
from tests.vernacular.hostile_images import picture

pytestmark = pytest.mark.e2e

_PHONE = {"width": 390, "height": 844}
_LATE = """
    new MutationObserver((_, watching) => {
        if (!document.querySelector(".vn-marker")) return;
        watching.disconnect();
        setTimeout(() => {
            const main = document.querySelector(".stMain");
            main.scrollTop = main.scrollHeight;
            setTimeout(() => document.documentElement.classList.add("went-to-the-end"), 200);
        }, 1000);
    }).observe(document, { childList: true, subtree: true });
"""
"""Scrolls to the end a second after the answer, as Streamlit does now and then."""


class TestChatPage:
    def test_a_click_on_a_marker_opens_the_quoted_passage(self, address: str, visit: Visit) -> None:
        page = visit.page
        page.goto(f"{address}/?tenant=harbour")
        page.get_by_role("button", name="我唔見咗張身份證").click()
        page.locator("a.vn-marker").click()
        quote = page.get_by_role("dialog").locator("mark")
        expect(quote).to_have_text("補領身份證的費用為港幣 425 元。")
        expect(quote).to_be_in_viewport()
        assert visit.complaints == []

    def test_a_question_is_typed_declined_and_forgotten(self, address: str, visit: Visit) -> None:
        page = visit.page
        page.goto(f"{address}/?tenant=harbour")
        page.get_by_role("textbox").last.fill("邊間菠蘿包最好食？")
        page.keyboard.press("Enter")
        expect(page.locator(".vn-decline")).to_contain_text(DECLINE)
        page.locator(".st-key-new button").click()
        expect(page.locator(".vn-greeting")).to_be_visible()
        expect(page.locator(".vn-decline")).to_have_count(0)

    @pytest.mark.parametrize("visit", [{"viewport": {"width": 390, "height": 480}}], indirect=True)
    def test_a_small_screen_begins_at_the_top_and_then_keeps_the_question_in_sight(
        self, address: str, visit: Visit
    ) -> None:
        page = visit.page
        page.goto(f"{address}/?tenant=harbour")
        expect(page.locator(".st-key-suggestions button").first).to_be_attached()
        pages.at_rest(page)
        pages.still(page.locator(".st-key-toolbar"))
        expect(page.locator(".st-key-toolbar")).to_be_in_viewport(ratio=1)
        page.get_by_role("textbox").last.fill("邊間菠蘿包最好食？")
        page.keyboard.press("Enter")
        expect(page.locator(".vn-decline")).to_be_visible()
        expect(page.locator(".vn-question")).to_be_in_viewport(ratio=1)
        expect(page.locator(".vn-decline")).to_be_in_viewport()

    @pytest.mark.parametrize("visit", [{"viewport": {"width": 390, "height": 480}}], indirect=True)
    def test_the_question_stays_in_sight_where_streamlit_goes_to_the_end_late(self, demo: Demo, visit: Visit) -> None:
        page = visit.page
        page.add_init_script(_LATE)
        page.goto(f"{demo.url}/?tenant=delta")
        page.locator(".st-key-suggestions button").first.click()
        page.wait_for_selector("html.went-to-the-end", state="attached")
        pages.still(page.locator(".vn-question"))
        expect(page.locator(".vn-question")).to_be_in_viewport(ratio=1)
        page.mouse.move(200, 200)
        page.mouse.wheel(0, 2000)
        expect(page.locator(".vn-question")).not_to_be_in_viewport(ratio=1)

    @pytest.mark.parametrize("visit", [{"viewport": _PHONE}], indirect=True)
    def test_what_somebody_pasted_leaves_room_for_its_answer(self, address: str, visit: Visit) -> None:
        page = visit.page
        page.goto(f"{address}/?tenant=harbour")
        page.get_by_role("textbox").last.fill("邊間菠蘿包最好食？" * 150)
        page.keyboard.press("Enter")
        pages.at_rest(page)
        assert page.locator(".vn-decline, .vn-answer").count() == 1
        expect(page.locator(".vn-decline, .vn-answer")).to_be_in_viewport()
        expect(page.locator(".vn-bubble")).to_be_in_viewport(ratio=0.95)

    def test_an_image_is_attached_and_stands_in_the_bubble(self, seeing: str, visit: Visit) -> None:
        page = visit.page
        page.goto(f"{seeing}/?tenant=harbour")
        form = {"name": "form.png", "mimeType": "image/png", "buffer": picture(1200, 900)}
        page.locator('[data-testid="stChatInput"] input[type="file"]').set_input_files(form)  # type: ignore[arg-type]
        page.get_by_role("textbox").last.fill("呢張身份證表格點填？")
        expect(page.get_by_text("form.png")).to_be_visible()
        page.wait_for_load_state("networkidle")
        page.get_by_role("textbox").last.press("Enter")
        shown = page.locator(".vn-question img")
        expect(shown).to_be_visible()
        assert shown.evaluate("image => image.complete && image.naturalWidth") == 320
        expect(page.locator(".vn-answer")).to_contain_text("425")
        assert visit.complaints == []
        assert visit.hosts == {"127.0.0.1"}

    @pytest.mark.parametrize("visit", [{"viewport": _PHONE}], indirect=True)
    def test_a_variety_is_chosen_and_the_answer_is_in_it(self, answering: str, visit: Visit) -> None:
        page, question = visit.page, "補領身份證的費用是多少？"
        page.goto(f"{answering}/?tenant=harbour&lang=en")
        page.get_by_role("combobox", name="Language of the answers").click()
        page.get_by_role("option", name="廣東話（香港）").click()
        page.wait_for_url("**answer_in=yue-Hant-HK*")
        page.get_by_role("textbox", name="Ask a question").fill(question)
        page.keyboard.press("Enter")
        expect(page.locator(".vn-answer").last).to_contain_text("文件係咁寫嘅")
        page.reload()
        expect(page.get_by_role("combobox", name="Language of the answers")).to_have_value("廣東話（香港）")
        page.get_by_role("combobox", name="Language of the answers").click()
        page.get_by_role("option", name="Standard language").click()
        page.wait_for_url("**answer_in=standard*")
        page.get_by_role("textbox", name="Ask a question").fill(question)
        page.keyboard.press("Enter")
        expect(page.locator(".vn-answer").last).to_contain_text("425")
        expect(page.locator(".vn-answer").last).not_to_contain_text("文件係咁寫嘅")
        assert page.evaluate("document.documentElement.scrollWidth") <= _PHONE["width"]
        assert visit.complaints == []

    @pytest.mark.parametrize("visit", [{"locale": "ar-EG"}], indirect=True)
    def test_arabic_reads_from_the_right_on_the_whole_page(self, address: str, visit: Visit) -> None:
        page = visit.page
        page.goto(f"{address}/?tenant=delta")
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        expect(page.locator("html")).to_have_attribute("lang", "ar")
        page.get_by_role("button", name="الرخصة").click()
        question, answer = page.locator(".vn-bubble").bounding_box(), page.locator(".vn-answer").bounding_box()
        assert question is not None
        assert answer is not None
        assert question["x"] == pytest.approx(answer["x"], abs=2)
        assert question["x"] + question["width"] < answer["x"] + answer["width"]

    @pytest.mark.parametrize("visit", [{"viewport": _PHONE}], indirect=True)
    @pytest.mark.parametrize("query", ["", "?tenant=harbour&lang=es", "?tenant=delta"])
    def test_a_phone_never_scrolls_sideways(self, address: str, visit: Visit, query: str) -> None:
        visit.page.goto(f"{address}/{query}")
        visit.page.wait_for_selector(".vn-header")
        visit.page.wait_for_load_state("networkidle")
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= _PHONE["width"]


class TestHostileText:
    def test_nothing_is_loaded_from_elsewhere_and_nothing_runs(self, address: str, visit: Visit) -> None:
        page = visit.page
        page.goto(address)
        page.wait_for_selector(".vn-card")
        page.goto(f"{address}/?tenant=hostile")
        page.locator(".st-key-suggestion-0 button").click()
        page.locator("a.vn-marker").click()
        expect(page.get_by_role("dialog").locator("mark")).to_contain_text('<img src="http://evil.example/doc">')
        page.wait_for_load_state("networkidle")
        assert visit.hosts == {"127.0.0.1"}

    def test_what_slipped_through_would_be_stopped_by_the_policy(self, address: str, visit: Visit) -> None:
        page = visit.page
        page.goto(address)
        page.wait_for_selector(".vn-card")
        with (
            page.expect_console_message(lambda message: "img-src" in message.text),
            page.expect_console_message(lambda message: "script-src" in message.text),
        ):
            page.evaluate(
                """() => {
                    const script = document.createElement("script");
                    script.textContent = "window.intruded = true";
                    document.body.append(script);
                    document.body.insertAdjacentHTML("beforeend", '<img src="http://127.0.0.1:9/pixel.png">');
                }"""
            )
        assert page.evaluate("window.intruded") is None
        assert any("img-src" in complaint for complaint in visit.complaints)
        assert any("script-src" in complaint for complaint in visit.complaints)
