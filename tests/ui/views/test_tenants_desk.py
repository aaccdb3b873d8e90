from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.conftest import OpenView, text_of
from tests.ui.fake_gateway import FakeGateway
from tests.ui.fake_operator import FakeOperator


@pytest.fixture
def kept(gateway: FakeGateway) -> FakeOperator:
    topic = FakeOperator()
    gateway.topics.append(topic)
    gateway.people.sessions["vo_good"] = ("harbour", "operator")
    return topic


@pytest.fixture
def locked(open_view: OpenView, kept: FakeOperator) -> AppTest:
    return open_view("tenants", role="member")


@pytest.fixture
def page(locked: AppTest) -> AppTest:
    return enter(locked, "vo_good")


def field(page: AppTest, label: str) -> Any:
    return next(each for kind in (page.text_input, page.multiselect) for each in kind if each.label.startswith(label))


def press(page: AppTest, label: str, at: int = 0) -> AppTest:
    [each for each in page.button if each.label == label][at].click()
    return page.run()


def enter(page: AppTest, key: str) -> AppTest:
    field(page, "Key").set_value(key)
    return press(page, "Sign in")


class TestKey:
    def test_is_asked_for_and_kept_for_the_visit_alone(self, locked: AppTest) -> None:
        assert "Harbour" not in text_of(locked)
        assert field(locked, "Key").proto.type == 1  # a password's field
        page = enter(locked, "vo_good")
        assert "Harbour" in text_of(page)
        assert "vo_good" not in text_of(page)
        assert page.session_state["operator:key"] == "vo_good"
        assert "vo_good" not in str(dict(page.query_params))

    def test_that_is_wrong_is_asked_for_again(self, locked: AppTest) -> None:
        page = enter(locked, "vk_of_a_tenant")
        assert "This key is no operator&#x27;s, or no longer." in text_of(page)
        assert "operator:key" not in page.session_state

    def test_is_forgotten_on_demand(self, page: AppTest) -> None:
        press(page, "Forget the key")
        assert "Harbour" not in text_of(page)
        assert "operator:key" not in page.session_state


class TestTenants:
    def test_are_listed_with_what_they_used(self, page: AppTest) -> None:
        shown = text_of(page)
        assert "<td>1,200</td><td>3</td><td>45,678</td>" in shown
        assert "<td>0</td><td>0</td><td>0</td>" in shown

    def test_that_are_not_there_yet_are_to_be_made(self, page: AppTest, kept: FakeOperator) -> None:
        kept.tenants = {}
        page.session_state["recent"] = {}
        assert "There is no tenant yet." in text_of(page.run())

    def test_are_suspended_after_asking_and_let_in_again(self, page: AppTest, kept: FakeOperator) -> None:
        press(page, "Suspend harbour")
        assert kept.changes == []
        press(page, "Suspend it")
        assert kept.changes == [("PATCH", "/v1/admin/tenants/harbour", {"suspended": True})]
        assert "It is suspended." in text_of(page)
        press(page, "Let harbour in again")
        assert kept.changes[-1][2] == {"suspended": False}

    def test_are_deleted_once_their_name_was_typed(self, page: AppTest, kept: FakeOperator) -> None:
        press(page, "Delete for ever", at=1)
        assert "That is not its name." in text_of(page)
        assert kept.changes == []
        page.text_input(key="typed-harbour").set_value("harbour")
        press(page, "Delete for ever", at=1)
        assert kept.changes == [("DELETE", "/v1/admin/tenants/harbour", {})]
        assert "The tenant harbour is deleted." in text_of(page)

    def test_are_made_with_an_administrator_whose_password_is_shown_once(
        self, page: AppTest, kept: FakeOperator
    ) -> None:
        field(page, "Name in addresses").set_value("townhall")
        field(page, "Name that people see").set_value("Town <b>Hall</b>")
        field(page, "Languages").set_value(["en", "vi"])
        field(page, "User name of its first").set_value("ana")
        press(page, "Make tenant")
        asked = {"name": "townhall", "display_name": "Town <b>Hall</b>", "languages": ["en", "vi"], "admin": "ana"}
        assert kept.changes == [("POST", "/v1/admin/tenants", asked)]
        assert "seven-rivers-42" in text_of(page)
        assert "Town &lt;b&gt;Hall&lt;/b&gt;" in text_of(page)
        assert field(page, "Name in addresses").value == ""
        assert "seven-rivers-42" not in text_of(page.run())

    def test_need_a_name_that_is_free_and_an_administrator(self, page: AppTest, kept: FakeOperator) -> None:
        press(page, "Make tenant")
        assert "A tenant needs a name and a first administrator." in text_of(page)
        field(page, "Name in addresses").set_value("harbour")
        field(page, "User name of its first").set_value("ana")
        press(page, "Make tenant")
        assert "It is taken." in text_of(page)
        assert field(page, "Name in addresses").value == "harbour"
