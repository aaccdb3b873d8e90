from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.conftest import OpenView
from tests.ui.fake_control import FakeControl, user
from tests.ui.fake_gateway import FakeGateway
from tests.ui.views.admin.control import press, shown

USERS = "/v1/admin/users"


@pytest.fixture
def control(gateway: FakeGateway) -> FakeControl:
    topic = FakeControl()
    people = [user(0), user(1, suspended=True), user(2, locked_until="2030-01-01T00:00:00+00:00")]
    topic.told[USERS] = {"data": [*people, user(3, username="ana", role="admin")], "total": 30}
    topic.told["/v1/admin/groups"] = {"data": [{"id": "g1", "name": "board", "members": 1, "created_at": ""}]}
    topic.told["/v1/admin/groups/g1"] = {"people": [{"id": "u0", "username": "person0"}]}
    gateway.topics.append(topic)
    return topic


@pytest.fixture
def page(open_view: OpenView, control: FakeControl) -> AppTest:
    return open_view("people", role="admin")


def field(page: AppTest, label: str) -> Any:
    """The widget of that label in the panel, which is drawn last."""
    kinds = (page.text_input, page.selectbox, page.multiselect)
    return [each for kind in kinds for each in kind if each.label == label][-1]


class TestAccounts:
    def test_are_listed_with_what_keeps_them_out(self, page: AppTest) -> None:
        html = shown(page)
        assert not page.exception
        assert "30 accounts" in html
        assert "Suspended" in html
        assert "Locked" in html
        assert "<img" not in html
        assert "&lt;img" in html

    def test_that_cannot_be_listed_keep_no_group_from_being(self, open_view: OpenView, control: FakeControl) -> None:
        control.refusals[USERS] = "unavailable"
        page = open_view("people", role="admin")
        assert 'role="alert"' in shown(page)
        assert page.selectbox(key="group").options == ["board · 1 person"]

    def test_are_searched_and_turned_page_by_page(self, page: AppTest, control: FakeControl) -> None:
        press(page, "people:page:on")
        assert control.queries(USERS)[-1] == {"limit": "25", "offset": "25"}
        page.text_input(key="people:search").set_value("Ana").run()
        assert control.queries(USERS)[-1] == {"limit": "25", "offset": "0", "search": "Ana"}

    def test_are_made_with_a_password_that_is_shown_once(self, page: AppTest, control: FakeControl) -> None:
        control.answers[f"POST {USERS}"] = {"user": user(9, username="mei"), "password": "nine bells"}
        page.text_input(key="new:username").set_value(" mei ")
        page.selectbox(key="new:role").set_value("editor")
        page.multiselect(key="new:groups").set_value(["board"])
        press(page, "new:make")
        ((method, path, form),) = control.changes
        assert (method, path, form["username"], form["role"], form["groups"], form["local"]) == (
            "POST",
            USERS,
            "mei",
            "editor",
            ["board"],
            True,
        )
        assert page.code[0].value == "nine bells"
        assert not press(page, "noted-people").code

    def test_that_are_refused_say_why(self, page: AppTest, control: FakeControl) -> None:
        control.refusals[USERS] = "taken"
        page.text_input(key="new:username").set_value("ana")
        assert "Refused: taken." in shown(press(page, "new:make"))


class TestAccount:
    def test_is_changed(self, page: AppTest, control: FakeControl) -> None:
        control.answers[f"PATCH {USERS}/u1"] = user(1)
        press(page, "open-u1")
        field(page, "Name").set_value("Mei Chan")
        field(page, "Role").set_value("editor")
        next(each for each in page.button if each.label == "Save").click()
        page.run()
        change = {"display_name": "Mei Chan", "email": "", "groups": [], "role": "editor"}
        assert control.changes == [("PATCH", f"{USERS}/u1", change)]

    def test_is_suspended_only_after_asking(self, page: AppTest, control: FakeControl) -> None:
        control.answers[f"PATCH {USERS}/u0"] = user(0)
        press(press(page, "open-u0"), "suspend-u0")
        assert not control.changes
        press(page, "suspend-u0-yes")
        assert control.changes == [("PATCH", f"{USERS}/u0", {"suspended": True})]
        assert "The account person0 is suspended." in shown(page)

    def test_gets_a_new_password_that_is_shown_once(self, page: AppTest, control: FakeControl) -> None:
        control.answers[f"POST {USERS}/u0/password"] = {"user": user(0), "password": "old bridge"}
        press(press(page, "open-u0"), "password-u0")
        press(page, "password-u0-yes")
        assert page.code[0].value == "old bridge"

    def test_is_unlocked_and_resumed(self, page: AppTest, control: FakeControl) -> None:
        control.answers |= {f"PATCH {USERS}/u{number}": user(number) for number in (1, 2)}
        press(press(page, "open-u2"), "unlock-u2")
        press(press(page, "open-u1"), "resume-u1")
        assert [change for _, _, change in control.changes] == [{"locked": False}, {"suspended": False}]

    def test_of_ones_own_cannot_be_deleted(self, page: AppTest) -> None:
        press(page, "open-u3")
        assert "This is your own account" in shown(page)
        assert not [each for each in page.button if each.key in {"delete-u3", "suspend-u3"}]


class TestGroups:
    def test_get_and_lose_people(self, page: AppTest, control: FakeControl) -> None:
        page.text_input(key="member:g1").set_value("mei")
        next(each for each in page.button if each.label == "Add").click()
        page.run()
        press(page, "out-g1-u0")
        assert [(method, path) for method, path, _ in control.changes] == [
            ("PUT", "/v1/admin/groups/g1/members/mei"),
            ("DELETE", "/v1/admin/groups/g1/members/u0"),
        ]

    def test_are_deleted_only_after_asking(self, page: AppTest, control: FakeControl) -> None:
        press(page, "delete-group-g1")
        assert not control.changes
        press(page, "delete-group-g1-yes")
        assert control.changes == [("DELETE", "/v1/admin/groups/g1", None)]
