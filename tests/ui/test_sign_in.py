"""Signing in and out, page by page; in a browser: `tests/e2e/test_sign_in.py`."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import ui
from tests.ui.conftest import OpenPage, text_of
from tests.ui.fake_gateway import FakeGateway
from ui import bootstrap, visitor
from ui.bootstrap import Site
from ui.i18n import available, load
from ui.views import sign_in as sign_in_page
from ui.widgets import sign_in_again
from vernacular.access.issuers import OidcIssuer
from vernacular.settings import AccessSettings, Settings, UiSettings

WithCookie = Callable[[str], None]


@pytest.fixture
def gateway() -> FakeGateway:
    made = FakeGateway()
    made.people.passwords[("harbour", "ana")] = "a good password"
    return made


@pytest.fixture(autouse=True)
def from_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest has no connection that a visitor could come by."""
    for module in (sign_in_page, sign_in_again):
        monkeypatch.setattr(module, "_accounts", lambda site: site.accounts("192.0.2.7"))


@pytest.fixture
def with_cookie(monkeypatch: pytest.MonkeyPatch) -> WithCookie:
    """Visit with the cookie of that sign-in from now on."""

    def visit(token: str) -> None:
        found = [(token, False)] if token else []
        monkeypatch.setattr(visitor, "_credentials", lambda: found)

    return visit


@pytest.fixture
def open_trusting(gateway: FakeGateway, home: Path) -> Iterator[OpenPage]:
    """A front end that is a client of a provider for harbour."""
    issuer = OidcIssuer(
        issuer="https://id.example", audience="a", tenant="harbour", client_id="front-end", name="City ID"
    )
    settings = Settings(
        home=home, ui=UiSettings(gateway_url="http://gateway.test"), access=AccessSettings(oidc=[issuer])
    )
    bootstrap.configure(Site(settings, gateway.transport()))
    script = Path(str(ui.__file__)).with_name("app.py")

    def visit(user: dict[str, Any] | None = None, **query: str) -> AppTest:
        page = AppTest.from_file(str(script), default_timeout=30)
        if user is not None:
            page.user = user
        for name, value in query.items():
            page.query_params[name] = value
        return page.run()

    yield visit
    bootstrap.configure(None)


def sign_in(page: AppTest, name: str = "ana", password: str = "a good password", tenant: str = "") -> AppTest:
    if tenant:
        page.text_input(key="organisation").set_value(tenant)
    page.text_input(key="username").set_value(name)
    page.text_input(key="password").set_value(password)
    return page.button(key="FormSubmitter:sign-in-form-Sign in").click().run()


def handed_over(page: AppTest) -> tuple[str | None, str]:
    """What the page would get as its cookie, and where it would go."""
    shown = text_of(page)
    ticket, goal = (re.search(rf'data-{name}="([^"]*)"', shown) for name in ("ticket", "next"))
    assert ticket
    assert goal
    return bootstrap.current().handover.take(ticket[1]), html.unescape(goal[1])


class TestOffer:
    def test_is_made_where_a_tenant_has_people_and_the_chat_stays_open(self, open_page: OpenPage) -> None:
        page = open_page(tenant="harbour", lang="en")
        assert page.button(key="sign-in").label == "Sign in"
        assert page.chat_input(key="question")
        assert "vn-notice" in text_of(page)

    def test_is_not_made_where_nobody_can_sign_in(self, open_page: OpenPage, gateway: FakeGateway) -> None:
        gateway.people.passwords.clear()
        for query in ({"tenant": "harbour"}, {}):
            assert "sign-in" not in [button.key for button in open_page(**query).button]
        assert "There is no assistant called “secret” here." in text_of(open_page(tenant="secret", lang="en"))

    def test_is_made_on_the_list_of_assistants(self, open_page: OpenPage) -> None:
        page = open_page(lang="en").button(key="sign-in").click().run()
        assert "<h1" in text_of(page)
        assert page.text_input(key="organisation")

    def test_takes_the_place_of_a_page_that_is_not_open_to_all(self, open_page: OpenPage) -> None:
        """Whether there is such a tenant is not told."""
        page = open_page(tenant="secret", lang="en")
        assert page.text_input(key="username")
        assert "There is no assistant" not in text_of(page)

    def test_lets_a_mistyped_organisation_be_put_right(self, open_page: OpenPage) -> None:
        page = open_page(tenant="harbor", lang="en")
        assert page.text_input(key="organisation").value == "harbor"
        token, goal = handed_over(sign_in(page, tenant="harbour"))
        assert token
        assert goal == "?tenant=harbour&lang=en"

    def test_leads_back(self, open_page: OpenPage) -> None:
        page = open_page(tenant="harbour", lang="en").button(key="sign-in").click().run()
        assert not page.chat_input
        page = page.button(key="back").click().run()
        assert page.chat_input(key="question")

    @pytest.mark.parametrize("tag", available())
    def test_is_in_every_language(self, open_page: OpenPage, tag: str) -> None:
        page = open_page(tenant="harbour", lang=tag, sign_in="1")
        assert page.text_input(key="password").label == load(tag).text("Password")
        assert not page.exception


class TestPassword:
    def test_lets_a_person_in_and_stays_out_of_the_address(self, open_page: OpenPage, gateway: FakeGateway) -> None:
        page = sign_in(open_page(tenant="harbour", lang="en", sign_in="1"))
        token, goal = handed_over(page)
        assert gateway.people.sessions[str(token)] == ("harbour", "ana")
        assert goal == "?tenant=harbour&lang=en"
        assert str(token) not in text_of(page)
        assert str(token) not in str(page.query_params)

    def test_may_be_of_a_tenant_that_is_typed(self, open_page: OpenPage) -> None:
        _, goal = handed_over(sign_in(open_page(lang="en", sign_in="1"), tenant="harbour"))
        assert goal == "?tenant=harbour&lang=en"

    def test_is_not_sent_while_a_field_is_empty(self, open_page: OpenPage, gateway: FakeGateway) -> None:
        page = open_page(lang="en", sign_in="1")
        for tenant, name, password in (("", "ana", "x"), ("harbour", " ", "x"), ("harbour", "ana", "")):
            page.text_input(key="organisation").set_value(tenant)
            page = sign_in(page, name, password)
            assert "Fill in every field." in text_of(page)
        assert not gateway.people.sessions

    @pytest.mark.parametrize("refusal", ["wrong_password", "account_locked", "too_many_requests"])
    def test_that_is_refused_says_why(self, open_page: OpenPage, gateway: FakeGateway, refusal: str) -> None:
        gateway.people.refusal = refusal
        page = sign_in(open_page(tenant="harbour", lang="en", sign_in="1"), password="wrong")
        known = load("en").error(refusal)
        assert known is not None
        assert known[0] in text_of(page)
        assert "data-ticket" not in text_of(page)

    def test_is_asked_for_twice_where_someone_else_knows_it(
        self, open_page: OpenPage, gateway: FakeGateway, with_cookie: WithCookie
    ) -> None:
        gateway.people.fresh.add(("harbour", "ana"))
        token, _ = handed_over(sign_in(open_page(tenant="harbour", lang="en", sign_in="1")))
        with_cookie(str(token))
        page = open_page(tenant="harbour", lang="en")
        assert not page.chat_input
        for new, again, said in (
            ("quite long enough", "another", load("en").text("The two new passwords are not the same.")),
            ("short", "short", "This password cannot be used."),
        ):
            page = self.choose(page, new, again)
            assert said in text_of(page)
        changed, goal = handed_over(self.choose(page, "quite long enough", "quite long enough"))
        assert goal == "?tenant=harbour&lang=en"
        assert gateway.people.passwords[("harbour", "ana")] == "quite long enough"
        assert str(token) not in gateway.people.sessions
        with_cookie(str(changed))
        assert open_page(tenant="harbour", lang="en").chat_input(key="question")

    def choose(self, page: AppTest, new: str, again: str) -> AppTest:
        page.text_input(key="current_password").set_value("a good password")
        page.text_input(key="new_password").set_value(new)
        page.text_input(key="repeat_password").set_value(again)
        return page.button(key="FormSubmitter:passwords-Change password").click().run()


class TestSignedIn:
    @pytest.fixture
    def page(self, open_page: OpenPage, gateway: FakeGateway, with_cookie: WithCookie) -> AppTest:
        gateway.people.sessions["vs_1"] = ("harbour", "ana")
        with_cookie("vs_1")
        return open_page(tenant="harbour", lang="en")

    def test_asks_as_herself(self, page: AppTest, gateway: FakeGateway) -> None:
        assert "Signed in as ana" in text_of(page)
        assert "sign-in" not in [button.key for button in page.button]
        page = page.chat_input(key="question").set_value("補領身份證幾錢？").run()
        assert "425" in text_of(page)
        assert len(gateway.asked) == 1

    def test_asks_a_tenant_that_is_not_open_to_all(self, page: AppTest, open_page: OpenPage, home: Path) -> None:
        (home / bootstrap.KEYS_FILE).write_text("{}")
        assert open_page(tenant="harbour", lang="en").chat_input(key="question")
        shown = text_of(open_page(lang="en"))
        assert 'href="?tenant=harbour&amp;lang=en"' in shown
        assert "Signed in as ana" in shown

    def test_is_nobody_in_particular_for_other_tenants(self, page: AppTest, open_page: OpenPage) -> None:
        assert "Signed in as" not in text_of(open_page(tenant="delta", lang="en"))
        assert "There is no assistant" in text_of(open_page(tenant="secret", lang="en"))

    def test_signs_out_here_and_at_the_gateway(self, page: AppTest, gateway: FakeGateway) -> None:
        page = page.chat_input(key="question").set_value("補領身份證幾錢？").run()
        page = page.button(key="sign-out").click().run()
        token, goal = handed_over(page)
        assert (token, goal) == ("", "?tenant=harbour&lang=en")
        assert gateway.people.ended == ["vs_1"]
        assert "425" not in text_of(page)

    def test_is_told_in_the_middle_that_she_is_no_longer(
        self, page: AppTest, gateway: FakeGateway, with_cookie: WithCookie
    ) -> None:
        gateway.people.sessions.clear()
        page = page.chat_input(key="question").set_value("補領身份證幾錢？").run()
        assert "You are not signed in any more" in text_of(page)
        page = page.button(key="sign-in-0").click().run()
        assert page.text_input(key="again-username")

    def test_of_a_sign_in_that_ended_meanwhile_may_go_on_as_nobody(
        self, open_page: OpenPage, with_cookie: WithCookie, home: Path
    ) -> None:
        with_cookie("vs_gone")
        assert open_page(tenant="harbour", lang="en").button(key="sign-in")
        (home / bootstrap.KEYS_FILE).write_text("{}")
        assert "You are not signed in any more" in text_of(open_page(tenant="harbour", lang="en"))

    def test_is_not_taken_for_nobody_while_the_gateway_is_down(
        self, open_page: OpenPage, gateway: FakeGateway, with_cookie: WithCookie
    ) -> None:
        with_cookie("vs_1")
        gateway.trouble = "down"
        page = open_page(tenant="harbour", lang="en")
        assert "The assistant cannot be reached right now." in text_of(page)
        assert not page.exception

    def test_signs_in_again_on_the_page_and_goes_on_there(
        self, open_page: OpenPage, gateway: FakeGateway, with_cookie: WithCookie
    ) -> None:
        page = again(open_page, gateway, with_cookie, "ana", "a good password")
        assert "done as ana" in text_of(page)
        token, goal = handed_over(page)
        assert (gateway.people.sessions[token or ""], goal) == (("harbour", "ana"), "")
        assert not page.text_input

    def test_is_told_on_the_page_of_a_wrong_password(
        self, open_page: OpenPage, gateway: FakeGateway, with_cookie: WithCookie
    ) -> None:
        page = again(open_page, gateway, with_cookie, "ana", "a guess")
        assert "The organisation, the name or the password is not right." in text_of(page)
        assert page.text_input(key="again-password")

    def test_as_somebody_else_leaves_the_page(
        self, open_page: OpenPage, gateway: FakeGateway, with_cookie: WithCookie
    ) -> None:
        gateway.people.passwords["harbour", "bo"] = "another password"
        page = again(open_page, gateway, with_cookie, "bo", "another password")
        assert "done as" not in text_of(page)
        _, goal = handed_over(page)
        assert goal.startswith("?tenant=harbour")


def again(open_page: OpenPage, gateway: FakeGateway, with_cookie: WithCookie, username: str, password: str) -> AppTest:
    """A page on which she whose sign-in ended is asked to sign in again; that is sent."""
    gateway.people.sessions["vs_1"] = ("harbour", "ana")
    with_cookie("vs_1")
    page = AppTest.from_string(_AGAIN, default_timeout=30)
    page.run()
    gateway.people.sessions.clear()
    page.text_input(key="again-username").set_value(username)
    page.text_input(key="again-password").set_value(password)
    next(each for each in page.button if each.label == "Sign in").click()
    return page.run()


_AGAIN = """
import streamlit as st

from ui import bootstrap
from ui.i18n import load
from ui.visitor import current_visit
from ui.widgets.account import Account
from ui.widgets.sign_in_again import ask_again

site, strings = bootstrap.current(), load("en")
visitor = current_visit(site).visitor
Account(site, visitor).show(strings)
if "done" in st.session_state:
    st.html(f"done as {visitor.me.name}")
else:
    ask_again(strings, then=lambda: st.session_state.update(done=True))
"""


class TestProvider:
    def test_is_offered_for_its_tenants_beside_passwords(self, open_trusting: OpenPage) -> None:
        page = open_trusting(tenant="harbour", lang="en", sign_in="1")
        assert page.button(key="provider0").label == "Sign in with City ID"
        assert page.text_input(key="username")
        assert "provider0" not in [button.key for button in open_trusting(tenant="delta", sign_in="1").button]

    def test_brings_a_person_in_whom_the_gateway_takes(self, open_trusting: OpenPage, gateway: FakeGateway) -> None:
        gateway.people.provided["jwt.of.bo"] = ("harbour", "bo")
        user = {"is_logged_in": True, "sub": "7", "tokens": {"access": "jwt.of.bo"}}
        page = open_trusting(user=user, tenant="harbour", lang="en")
        assert "Signed in as bo" in text_of(page)
        page = page.chat_input(key="question").set_value("補領身份證幾錢？").run()
        assert "425" in text_of(page)
        page.button(key="sign-out").click().run()
        assert page.user.get("is_logged_in") is False

    def test_brings_nobody_in_whom_the_gateway_does_not(self, open_trusting: OpenPage) -> None:
        user = {"is_logged_in": True, "sub": "7", "tokens": {"access": "jwt.of.nobody"}}
        page = open_trusting(user=user, tenant="harbour", lang="en", sign_in="1")
        assert "You are not signed in any more, or have no account here." in text_of(page)
        assert "Signed in as" not in text_of(page)


class TestKeys:
    def test_of_the_front_end_are_not_needed_to_sign_in(self, open_page: OpenPage, home: Path) -> None:
        (home / bootstrap.KEYS_FILE).write_text(json.dumps({}))
        assert open_page(lang="en").button(key="sign-in")
