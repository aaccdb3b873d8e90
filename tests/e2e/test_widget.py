"""The widget on pages of other origins, before a real gateway, in Chromium."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.axe import violations
from tests.e2e.conftest import Visit
from tests.e2e.test_untrusted import payloads
from tests.e2e.town import QUESTION, QUOTE, Site, Town, answered, chat, opened, running_town, serving

pytestmark = pytest.mark.e2e
SINK: Final = "https://evil.example"
_SMALL: Final = {"width": 320, "height": 256}
"""A screen of 1280 by 1024, enlarged fourfold."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with running_town(tmp_path_factory.mktemp("gateway")) as town:
        yield town


class TestKeyboard:
    def test_opens_asks_reads_the_quote_and_closes(self, town: Town, visit: Visit) -> None:
        page = visit.page
        page.goto(town.site.url)
        launcher = page.get_by_role("button", name="Chat with Harbour Council")
        expect(launcher).to_have_attribute("aria-expanded", "false")
        for _ in range(2):
            page.keyboard.press("Tab")
        expect(launcher).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog", name="Chat with Harbour Council")).to_be_visible()
        expect(launcher).to_have_attribute("aria-expanded", "true")
        frame = chat(page)
        expect(frame.get_by_role("textbox", name="Ask a question")).to_be_focused()
        expect(frame.get_by_role("note")).to_contain_text("You are talking to an AI system")
        expect(frame.get_by_text("Welcome.")).to_be_visible()
        page.keyboard.type(QUESTION)
        page.keyboard.press("Enter")
        answer = frame.get_by_role("log").locator(".told")
        expect(answer).to_contain_text("425")
        expect(answer).to_contain_text("AI-generated")
        marker = frame.get_by_role("button", name="Source 1").first
        for _ in range(12):
            if marker.evaluate("element => element === document.activeElement"):
                break
            page.keyboard.press("Shift+Tab")
        page.keyboard.press("Enter")
        expect(frame.locator("details[open] blockquote").first).to_contain_text(QUOTE)
        expect(frame.locator("details[open]").first).to_contain_text("in force from")
        link = frame.locator("details[open] a").first
        expect(link).to_have_attribute("href", "https://harbour.example/fees")
        expect(link).to_have_attribute("rel", "noopener noreferrer")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(launcher).to_be_focused()
        assert visit.complaints == []
        assert visit.hosts == {"localhost", "127.0.0.1"}
        assert page.context.cookies() == []

    def test_moves_nothing_on_the_page(self, town: Town, visit: Visit) -> None:
        page = visit.page
        page.add_init_script(
            "window.shifts = 0; new PerformanceObserver(list => { window.shifts += list.getEntries().length })"
            ".observe({type: 'layout-shift', buffered: true})"
        )
        page.goto(town.site.url)
        where = (
            "() => JSON.stringify([...document.querySelectorAll('main *')].map(each => each.getBoundingClientRect()))"
        )
        before = page.evaluate(where), page.evaluate("document.documentElement.scrollHeight")
        answered(page, town.site.url)
        assert (page.evaluate(where), page.evaluate("document.documentElement.scrollHeight")) == before
        assert page.evaluate("window.shifts") == 0


class TestConversation:
    def test_is_declined_with_whom_to_ask_instead(self, town: Town, visit: Visit) -> None:
        frame = answered(visit.page, town.site.url, "Who won the football match?")
        expect(frame.locator(".declined")).to_contain_text("2835 1473")

    def test_goes_on_from_page_to_page_until_a_new_one_is_begun(self, town: Town, visit: Visit) -> None:
        """Where the browser lets frames keep anything: one that forbids it to other sites' frames, as here, forgets."""
        answered(visit.page, town.site.beside)
        visit.page.goto(f"{town.site.beside}/another")
        visit.page.get_by_role("button", name="Harbour Council").click()
        frame = chat(visit.page)
        expect(frame.locator(".asked")).to_contain_text(QUESTION)
        frame.get_by_role("button", name="New conversation").click()
        expect(frame.locator(".asked")).to_have_count(0)
        expect(frame.get_by_role("group", name="Suggested questions")).to_be_visible()

    def test_keeps_its_name_and_way_out_in_sight_however_long_it_gets(self, town: Town, visit: Visit) -> None:
        frame = answered(visit.page, town.site.url)
        for count in range(2, 6):
            visit.page.keyboard.type(QUESTION)
            visit.page.keyboard.press("Enter")
            expect(frame.locator(".told .rate")).to_have_count(count)
        assert frame.locator("html").evaluate("root => [root.scrollTop, root.scrollHeight - innerHeight]") == [0, 0]
        expect(frame.get_by_role("button", name="Close")).to_be_in_viewport()

    def test_takes_a_verdict_on_an_answer(self, town: Town, visit: Visit) -> None:
        frame = answered(visit.page, town.site.url)
        with visit.page.expect_response("**/v1/feedback") as given:
            frame.get_by_role("button", name="Not helpful").click()
        assert given.value.ok
        expect(frame.get_by_role("button", name="Not helpful")).to_have_attribute("aria-pressed", "true")
        expect(frame.get_by_role("status")).to_have_text("Thank you for telling us.")

    def test_says_what_to_do_when_there_is_no_answer(self, town: Town, visit: Visit) -> None:
        frame = opened(visit.page, town.site.url)
        replies = iter([{"status": 429, "headers": {"Retry-After": "40"}, "body": "{}"}])

        def refuse_once(route: Route) -> None:
            reply: Any = next(replies, None)
            route.fulfill(**reply) if reply else route.continue_()

        visit.page.route("**/v1/chat/completions", refuse_once)
        frame.locator("#suggested button").click()
        expect(frame.get_by_text("Too many questions at once. Try again in 40 seconds.")).to_be_visible()
        frame.get_by_role("button", name="Try again").click()
        expect(frame.locator(".told")).to_contain_text("425")

    def test_goes_on_with_another_token_when_one_has_ended(self, town: Town, visit: Visit) -> None:
        frame = opened(visit.page, town.site.url)
        begun: list[str] = []
        visit.page.on("request", lambda request: begun.append(request.url))
        ended = iter([{"status": 401, "body": "{}"}])

        def end_once(route: Route) -> None:
            reply: Any = next(ended, None)
            route.fulfill(**reply) if reply else route.continue_()

        visit.page.route("**/v1/chat/completions", end_once)
        frame.locator("#suggested button").click()
        expect(frame.locator(".told")).to_contain_text("425")
        assert len([url for url in begun if url.endswith("/v1/widget/session")]) == 1


class TestOtherSites:
    @pytest.fixture
    def foreign(self, town: Town) -> Iterator[Site]:
        """A site that no widget stands on, with harbour's tag and harbour's frame in it."""
        with serving(town.gateway.url) as site:
            frame = f"{town.gateway.url}/widget/frame?widget={town.widget}&site={town.site.url}"
            site.pages["/"] = f'{town.site.pages["/"]}<iframe src="{frame}"></iframe>'
            yield site

    def test_that_are_not_allowed_get_neither_frame_nor_token(self, town: Town, foreign: Site, visit: Visit) -> None:
        page = visit.page
        with page.expect_console_message(lambda message: "does not stand here" in message.text):
            page.goto(foreign.url)
        expect(page.locator("vernacular-widget")).to_have_count(0)
        page.wait_for_function("frames.length === 1")
        assert page.frames[1].url == "chrome-error://chromewebdata/"
        asked = f"fetch('{town.gateway.url}/v1/widget/session', {{method: 'POST', headers: {{'Content-Type': 'application/json'}},"
        asked += f" body: JSON.stringify({{widget: '{town.widget}', frame: 'a'.repeat(64)}})}})"
        assert page.evaluate(f"{asked}.then(found => found.status, error => error.name)") == "TypeError"

    def test_have_no_use_for_a_token_that_was_taken_elsewhere(self, town: Town, visit: Visit) -> None:
        page = visit.page
        with page.expect_response("**/v1/widget/session") as begun:
            opened(page, town.site.url)
        token = begun.value.json()["token"]
        told = f"fetch('{town.gateway.url}/v1/tenant', {{headers: {{Authorization: 'Bearer {token}', 'X-Vernacular-Frame': SECRET}}}})"
        told += ".then(found => found.status, error => error.name)"
        own_frame = page.frames[1]
        assert own_frame.evaluate(f"() => {{ const SECRET = document.body.dataset.secret; return {told} }}") == 200
        # The page around the frame, which saw the token; the header that it would need, it may not even send.
        assert page.evaluate(f"() => {{ const SECRET = 'x'; return {told} }}") == "TypeError"
        page.goto(town.other.url)
        page.get_by_role("button", name="delta").click()
        expect(chat(page).get_by_role("textbox")).to_be_visible()
        assert page.evaluate(f"() => {{ const SECRET = 'x'; return {told} }}") == "TypeError"
        assert page.frames[1].evaluate(f"() => {{ const SECRET = document.body.dataset.secret; return {told} }}") == 403

    def test_are_not_spoken_to_by_the_frame(self, town: Town, visit: Visit) -> None:
        """A page that opens the address by itself is no page that the frame stands in."""
        page = visit.page
        page.goto(f"{town.gateway.url}/widget/frame?widget={town.widget}&site={town.site.url}")
        expect(page.get_by_role("note")).to_be_visible()
        assert page.context.cookies() == []
        assert visit.hosts == {"127.0.0.1"}


class TestRevocation:
    def test_ends_what_is_open(self, town: Town, visit: Visit) -> None:
        made = town.harbour.call("POST", "/v1/admin/widgets", json={"origins": [town.site.url]}).json()
        town.site.pages["/short"] = made["tag"]
        frame = opened(visit.page, f"{town.site.url}/short")
        town.harbour.call("DELETE", f"/v1/admin/widgets/{made['about']['id']}")
        frame.locator("#suggested button").click()
        expect(frame.locator(".problem")).to_contain_text("not available here")


def hostile(route: Route) -> None:
    """An answer whose every word is markup, as no gateway of ours would let it through."""
    for_everyone = payloads(SINK)
    source = {
        "index": 1, "title": for_everyone[1], "filename": "x", "uri": "javascript:window.intruded=1", "page": for_everyone[2],
        "quote": "\n".join(for_everyone), "valid_from": None, "valid_until": None, "described": False,
    }  # fmt: skip
    about = {
        "answered": False, "reason": for_everyone[3], "language": for_everyone[4], "looked_for": for_everyone, "unsupported": [[0, 40]],
        "conversation_id": "x", "message_id": "x",
    }  # fmt: skip
    deltas: list[dict[str, Any]] = [{"content": f"{each} [1]\n"} for each in for_everyone]
    events: list[dict[str, Any]] = [{"choices": [{"delta": delta}]} for delta in [*deltas, {"annotations": [source]}]]
    events.append({"choices": [], "vernacular": about})
    stream = "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"
    route.fulfill(status=200, headers={"Content-Type": "text/event-stream"}, body=stream)


def hostile_tenant(route: Route) -> None:
    told = {
        "greeting": "\n".join(payloads(SINK)),
        "suggested_questions": payloads(SINK),
        "contact": {"name": payloads(SINK)[1], "uri": "javascript:window.intruded=1", "text": payloads(SINK)[3]},
        "branding": {"color": None, "logo": None},
    }
    route.fulfill(status=200, headers={"Content-Type": "application/json"}, body=json.dumps(told))


class TestMarkup:
    @pytest.mark.parametrize("visit", [{}, {"bypass_csp": True}], indirect=True)
    def test_is_shown_as_the_text_that_it_is(self, town: Town, visit: Visit) -> None:
        page = visit.page
        page.route("**/v1/tenant", hostile_tenant)
        page.route("**/v1/chat/completions", hostile)
        page.goto(town.site.url)
        page.get_by_role("button", name="Harbour Council").click()
        frame = chat(page)
        frame.locator("#suggested button").nth(1).click()
        frame.locator(".marker").first.click()
        expect(frame.locator("details[open] blockquote")).to_contain_text("<img src=x onerror=window.intruded=1>")
        assert (
            frame.locator(
                "main :is(img, script, svg, iframe, style, form, input, object, video, link, meta, a)"
            ).count()
            == 0
        )
        assert page.frames[1].evaluate("window.intruded") is None
        assert page.evaluate("window.intruded") is None
        assert visit.hosts == {"localhost", "127.0.0.1"}
        assert visit.complaints == []


class TestLook:
    @pytest.mark.parametrize("visit", [{}, {"color_scheme": "dark"}], indirect=True)
    def test_passes_axe(self, town: Town, visit: Visit) -> None:
        frame = answered(visit.page, town.site.url)
        frame.locator(".marker").first.click()
        assert not violations(visit.page)
        assert not violations(visit.page.frames[1])  # type: ignore[arg-type]

    def test_reads_from_the_right_on_an_arabic_page(self, town: Town, visit: Visit) -> None:
        page = visit.page
        page.goto(f"{town.site.url}/ar")
        launcher = page.locator("vernacular-widget button")
        box = launcher.bounding_box()
        assert box is not None
        assert box["x"] < 100
        launcher.click()
        frame = chat(page)
        expect(frame.locator("html")).to_have_attribute("dir", "rtl")
        frame.get_by_role("textbox", name="اطرح سؤالاً").fill("كم تكلفة بطاقة الهوية البديلة؟")
        page.keyboard.press("Enter")
        expect(frame.locator(".told")).to_contain_text("425")
        assert not violations(page.frames[1])  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        "visit", [{"viewport": _SMALL}, {"viewport": {"width": 390, "height": 844}, "has_touch": True}], indirect=True
    )
    def test_covers_a_small_screen_and_needs_no_scrolling_sideways(self, town: Town, visit: Visit) -> None:
        page = visit.page
        frame = answered(page, town.site.url)
        size = page.viewport_size
        box = page.get_by_role("dialog").bounding_box()
        assert box is not None and size is not None
        assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, size["width"], size["height"])
        inside = page.frames[1]
        assert inside.evaluate("document.documentElement.scrollWidth") <= size["width"]
        expect(frame.locator(".marker").first).to_be_visible()
        frame.get_by_role("button", name="Close").click()
        expect(page.get_by_role("button", name="Harbour Council")).to_be_focused()
