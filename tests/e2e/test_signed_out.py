"""A sign-in that ends in the middle of something, and what two people write at once, in a browser at a real gateway."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e import pages
from tests.e2e.conftest import Visit
from tests.e2e.demo import PASSWORD, Demo
from ui.handover import COOKIE

pytestmark = pytest.mark.e2e


def sign_in(demo: Demo, visit: Visit, username: str) -> str:
    demo.add_person("harbour", username, "admin")
    body = {"tenant": "harbour", "username": username, "password": PASSWORD}
    token = str(demo.call("harbour", "POST", "/v1/login", json=body)["token"])
    visit.page.context.add_cookies([{"name": COOKIE, "value": token, "url": demo.url}])
    return token


class TestSignedOut:
    def test_goes_on_with_what_she_wrote(self, demo: Demo, visit: Visit) -> None:
        page = visit.page
        token = sign_in(demo, visit, "mina")
        pages.visit(page, demo.url, "settings", lang="en")
        page.get_by_label("Hours").fill("not saved yet")
        page.get_by_label("Website").fill("https://harbour.example/help")
        demo.call("harbour", "POST", "/v1/logout", credential=token)
        page.wait_for_timeout(6000)  # what a gateway may go on knowing of a sign-in
        page.get_by_role("button", name="Save greeting and questions").click()
        panel = page.get_by_role("dialog")
        panel.get_by_label("User name").fill("mina")
        panel.get_by_role("textbox", name="Password").fill(PASSWORD)
        panel.get_by_role("button", name="Sign in").click()
        expect(panel).to_have_count(0)
        pages.at_rest(page)
        expect(page.get_by_label("Hours")).to_have_value("not saved yet")
        kept = {each["name"]: each["value"] for each in page.context.cookies()}
        assert kept[COOKIE] != token
        page.reload()
        expect(page.get_by_role("heading", name="Settings", level=1)).to_be_visible()


class TestTwoAtOnce:
    def test_loses_what_is_written_on_neither_side(self, demo: Demo, visit: Visit) -> None:
        page = visit.page
        sign_in(demo, visit, "nora")
        pages.visit(page, demo.url, "settings", lang="en")
        greeting = demo.call("harbour", "GET", "/v1/admin/settings")["greeting"]
        try:
            page.get_by_label("Greeting", exact=True).fill("Hello from Nora")
            demo.call("harbour", "PATCH", "/v1/admin/settings", json={"greeting": "Hello from Pia"})
            page.get_by_role("button", name="Save greeting and questions").click()
            expect(page.get_by_text("It is now: Hello from Pia.")).to_be_visible()
            expect(page.get_by_label("Greeting", exact=True)).to_have_value("Hello from Nora")
            assert demo.call("harbour", "GET", "/v1/admin/settings")["greeting"] == "Hello from Pia"
            page.get_by_role("button", name="Save greeting and questions").click()
            expect(page.get_by_text("Saved. It holds from the next question on.")).to_be_visible()
            assert demo.call("harbour", "GET", "/v1/admin/settings")["greeting"] == "Hello from Nora"
        finally:
            demo.call("harbour", "PATCH", "/v1/admin/settings", json={"greeting": greeting})
