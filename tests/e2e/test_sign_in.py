"""Signing in, asking and signing out in a browser, at a real gateway, with the test provider and with a password."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit, front_end
from tests.oidc_provider import OidcProvider
from tests.vllm.processes import GatewayServer, Tenant, until
from ui.handover import COOKIE

pytestmark = pytest.mark.e2e

_PHONE = {"width": 390, "height": 844}
SECRET = "The new town hall opens on 3 May."


@dataclass
class City:
    """A front end whose tenant `city` is for people who sign in alone, and what stands behind it."""

    address: str
    provider: OidcProvider
    tenant: Tenant

    @property
    def page(self) -> str:
        return f"{self.address}/?tenant=city&lang=en"

    def refuses(self, page: Page) -> bool:
        """Whether what the page is signed in with holds no more at the gateway."""
        token = next(each["value"] for each in page.context.cookies() if each["name"] == COOKIE)
        headers = {"Authorization": f"Bearer {token}"}
        found = httpx.get(f"{self.tenant.gateway.url}/v1/tenant", headers=headers, trust_env=False)
        return found.status_code in (401, 403)

    def command(self, *arguments: str) -> str:
        done = self.tenant.gateway.command(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    provider = OidcProvider()
    with provider.listen() as issuer:
        trusted = {"issuer": issuer, "audience": provider.audience, "tenant": "city", "name": "City ID"}
        client = {"client_id": provider.client_id, "client_secret": provider.client_secret}
        settings = {"VERNACULAR_ACCESS__OIDC": json.dumps([{**trusted, **client}])}
        gateway = GatewayServer(tmp_path_factory.mktemp("gateway"), settings)
        try:
            gateway.wait()
            tenant = gateway.tenant("city")
            record = {"id": "hall", "title": "Town hall", "text": SECRET, "groups": ["hr"]}
            ndjson = {"Content-Type": "application/x-ndjson"}
            job = tenant.call("POST", "/v1/documents", content=json.dumps(record), headers=ndjson).json()["job_id"]
            until(lambda: tenant.call("GET", f"/v1/jobs/{job}").json()["state"] == "succeeded", "the document")
            with front_end(gateway.url, tmp_path_factory.mktemp("home"), {}, **settings) as address:
                yield City(address, provider, tenant)
        finally:
            gateway.stop()


def ask(page: Page, question: str) -> None:
    page.get_by_role("textbox", name="Ask a question").fill(question)
    page.keyboard.press("Enter")


def cookies(page: Page) -> dict[str, bool]:
    """Those of a sign-in, and whether scripts cannot read them."""
    kept = page.context.cookies()
    names = ("_streamlit_user", "vernacular_session")
    return {one["name"]: one["httpOnly"] for one in kept if one["name"].startswith(names) and one["value"]}


class TestProvider:
    def test_lets_a_person_in_who_reads_what_is_hers_and_out_again(self, city: City, visit: Visit) -> None:
        page, addresses = visit.page, []
        page.on("framenavigated", lambda frame: addresses.append(frame.url))
        page.goto(city.page)
        page.get_by_role("button", name="Sign in with City ID").click()
        page.get_by_label("User name").fill("ana")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_text("Signed in as ana")).to_be_visible()
        page.get_by_role("link", name="Go to your assistant").click()
        ask(page, "When does the town hall open?")
        expect(page.locator(".vn-answer")).to_contain_text("3 May")
        kept = cookies(page)
        assert kept
        assert all(kept.values())
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("button", name="Sign out")).to_have_count(0)
        page.goto(city.page)
        expect(page.get_by_role("button", name="Sign in with City ID")).to_be_visible()
        assert cookies(page) == {}
        assert len(city.provider.signed_out) == 1
        assert visit.hosts == {"127.0.0.1"}
        assert visit.complaints == []
        assert not any(
            part in address for address in addresses for part in ("access_token", "id_token", "eyJ0eXAiOiJhdCtqd3Q")
        )

    @pytest.mark.parametrize("visit", [{"viewport": _PHONE}], indirect=True)
    def test_shows_nobody_what_her_groups_do_not_read(self, city: City, visit: Visit) -> None:
        page = visit.page
        page.goto(city.page)
        page.get_by_role("button", name="Sign in with City ID").click()
        page.get_by_label("User name").fill("bo")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("link", name="Go to your assistant").click()
        ask(page, "When does the town hall open?")
        expect(page.locator(".vn-decline")).to_be_visible()
        expect(page.locator("body")).not_to_contain_text("3 May")
        assert page.evaluate("document.documentElement.scrollWidth") <= _PHONE["width"]


class TestPassword:
    def test_is_replaced_by_ones_own_and_holds_until_the_person_is_suspended(self, city: City, visit: Visit) -> None:
        first = json.loads(city.command("user", "create", "cy", "--tenant", "city", "--groups", "hr", "--json"))[
            "password"
        ]
        page = visit.page
        page.goto(city.page)
        page.get_by_label("User name").fill("cy")
        page.get_by_label("Password", exact=True).fill(first)
        page.get_by_role("button", name="Sign in", exact=True).click()
        own = "barges pass under nine bridges"
        page.get_by_label("Password that you were given").fill(first)
        page.get_by_label("New password", exact=True).fill(own)
        page.get_by_label("New password again").fill(own)
        page.get_by_role("button", name="Change password").click()
        expect(page.get_by_text("Signed in as cy")).to_be_visible()
        page.reload()
        ask(page, "When does the town hall open?")
        expect(page.locator(".vn-answer")).to_contain_text("3 May")
        assert cookies(page) == {"vernacular_session": True}
        city.command("user", "suspend", "cy", "--tenant", "city")
        until(lambda: city.refuses(page), "the gateway to refuse who is suspended")
        ask(page, "When does the town hall open?")
        expect(page.get_by_text("You are not signed in any more")).to_be_visible()
        city.command("user", "resume", "cy", "--tenant", "city")
        page.locator(".st-key-sign-in-1 button").click()
        again, held = page.get_by_role("dialog"), page.context.cookies()
        again.get_by_label("User name").fill("cy")
        again.get_by_label("Password", exact=True).fill(own)
        again.get_by_role("button", name="Sign in", exact=True).click()
        # What was refused is asked again, and the browser has a cookie for the next visit.
        expect(again).to_have_count(0)
        expect(page.locator(".vn-answer")).to_have_count(2)
        until(lambda: page.context.cookies() != held, "the cookie of the new sign-in")
        page.reload()
        expect(page.get_by_text("Signed in as cy")).to_be_visible()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_label("User name")).to_be_visible()
        assert cookies(page) == {}
        assert visit.complaints == []

    @pytest.mark.parametrize("visit", [{"viewport": _PHONE}], indirect=True)
    def test_that_is_wrong_is_told_in_the_pages_language(self, city: City, visit: Visit) -> None:
        page = visit.page
        page.goto(f"{city.address}/?tenant=city&lang=es")
        page.get_by_label("Nombre de usuario").fill("nadie")
        page.get_by_label("Contraseña", exact=True).fill("incorrecta")
        page.get_by_role("button", name="Iniciar sesión", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("no son correctos")
        assert page.evaluate("document.documentElement.scrollWidth") <= _PHONE["width"]
