from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.conftest import OpenPage, OpenView, text_of
from tests.ui.fake_gateway import FakeGateway, Reply
from tests.ui.fake_settings import FakeSettings
from ui import visitor
from ui.navigation import ROLES, VIEWS, View

_SCRIPT = """
import streamlit as st

from ui.desk import open_desk
from ui.navigation import pages

st.navigation(list(pages().values()), position="hidden")
desk = open_desk("Documents", "editor")
if desk is not None:
    st.html(f"<p>{desk.tenant.name} {desk.formats.number(1234.5)}</p>")
"""


@dataclass
class Listening:
    """Answers nothing, and keeps what the gateway is asked for but the visitor's tenant and herself."""

    paths: list[str] = field(default_factory=list)

    def handle(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> Reply | None:
        self.paths.append(path)
        return None


@pytest.fixture
def open_desk(open_page: OpenPage, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> OpenPage:
    def visit(role: str, **query: str) -> AppTest:
        gateway.people.sessions["vs_ana"] = ("harbour", "ana")
        gateway.people.passwords["harbour", "ana"] = "a good password"
        gateway.people.roles["harbour", "ana"] = role
        monkeypatch.setattr(visitor, "_credentials", lambda: [("vs_ana", False)] if role else [])
        page = AppTest.from_string(_SCRIPT, default_timeout=30)
        for name, value in query.items():
            page.query_params[name] = value
        return page.run()

    return visit


class TestNavigation:
    @pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.path or "home")
    def test_every_page_is_there_for_some_role_under_an_address_of_its_own(self, view: View) -> None:
        assert view.role in ROLES
        assert importlib.util.find_spec(view.module)
        assert [each.path for each in VIEWS].count(view.path) == 1

    def test_a_role_sees_the_pages_of_those_below_it(self) -> None:
        seen = {role: [view.path for view in VIEWS if view.is_for(role)] for role in ROLES}
        assert set(seen["public"]) < set(seen["member"]) < set(seen["editor"]) < set(seen["admin"])
        assert "audit" not in seen["editor"]
        assert len(seen["admin"]) == len(VIEWS)


class TestDesk:
    def test_opens_for_whom_it_is_for_in_her_language(self, open_desk: OpenPage) -> None:
        page = open_desk("editor", lang="es")
        assert "harbour 1.234,5" in text_of(page)
        assert "海港市政府服務" in "".join(str(getattr(block, "value", "")) for block in page.sidebar)
        assert not page.exception

    def test_says_to_others_that_it_is_not_for_them(self, open_desk: OpenPage) -> None:
        shown = text_of(open_desk("member", lang="en"))
        assert "This page is not for your role." in shown
        assert "harbour 1" not in shown

    @pytest.mark.parametrize(
        ("view", "role"),
        [(view, role) for view in VIEWS for role in ROLES if not view.is_for(role)],
        ids=lambda each: each.path if isinstance(each, View) else each,
    )
    def test_shows_nothing_of_a_page_to_those_below_its_role(
        self, open_view: OpenView, gateway: FakeGateway, view: View, role: str
    ) -> None:
        asked = Listening()
        gateway.topics.append(asked)
        page = open_view(view.path, role)
        assert "This page is not for your role." in text_of(page)
        assert [*page.main.button, *page.main.text_input, *page.main.selectbox, *page.main.expander] == []
        assert asked.paths == []

    def test_asks_strangers_to_sign_in(self, open_desk: OpenPage) -> None:
        page = open_desk("", lang="en")
        assert page.text_input(key="password")
        assert "harbour 1" not in text_of(page)

    def test_asks_whose_sign_in_ended_to_sign_in_again_above_the_page(
        self, open_view: OpenView, gateway: FakeGateway
    ) -> None:
        gateway.topics.append(FakeSettings())
        page = open_view("settings", role="admin")
        gateway.people.sessions.clear()
        page.session_state["recent"] = {}
        next(each for each in page.text_area if each.label == "Greeting").set_value("Half an hour's work")
        next(each for each in page.button if each.label == "Save greeting and questions").click()
        page.run()
        assert page.text_input(key="again-password")
        assert next(each for each in page.text_area if each.label == "Greeting").value == "Half an hour's work"

    def test_says_when_the_gateway_is_down(self, open_desk: OpenPage, gateway: FakeGateway) -> None:
        gateway.trouble = "down"
        page = open_desk("editor", lang="en")
        assert "The assistant cannot be reached right now." in text_of(page)
        assert not page.exception
