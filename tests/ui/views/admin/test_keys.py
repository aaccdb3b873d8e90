from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.conftest import OpenView
from tests.ui.fake_control import EVIL, FakeControl, credential
from tests.ui.fake_gateway import FakeGateway
from tests.ui.views.admin.control import press, shown

KEYS, WIDGETS, QUOTAS = "/v1/admin/keys", "/v1/admin/widgets", "/v1/admin/quotas"
TAG = '<script src="https://gateway.example/widget.js" data-widget="k5" async></script>'


@pytest.fixture
def control(gateway: FakeGateway) -> FakeControl:
    topic = FakeControl()
    rights = {"role": "editor", "groups": [], "scopes": ["documents:write"]}
    ended = credential(2, name=EVIL, state="revoked", **rights)
    topic.told[KEYS] = {"data": [credential(1, name="crawler", **rights), ended]}
    widget = credential(5, name="homepage", origins=["https://www.example.org"], assistant=None, tag=TAG)
    topic.told[WIDGETS] = {"data": [widget]}
    gateway.topics.append(topic)
    return topic


@pytest.fixture
def page(open_view: OpenView, control: FakeControl) -> AppTest:
    return open_view("keys", role="admin")


class TestKeys:
    def test_are_listed_with_their_rights(self, page: AppTest) -> None:
        html = shown(page)
        assert not page.exception
        assert "Editor · Send and delete documents" in html
        assert "<img" not in html
        assert [each.label for each in page.expander if "no longer" in each.label] == ["1 key that no longer holds"]

    def test_are_made_and_shown_once(self, page: AppTest, control: FakeControl) -> None:
        control.answers[f"POST {KEYS}"] = {"key": "vk_new", "about": {}}
        page.text_input(key="key:name").set_value("import")
        page.multiselect(key="key:scopes").set_value(["documents:write"])
        press(page, "key:make")
        ((_, _, form),) = control.changes
        assert (form["name"], form["role"], form["scopes"]) == ("import", "member", ["documents:write"])
        assert form["expires_at"] is not None
        assert "vk_new" in [each.value for each in page.code]
        assert "vk_new" not in [each.value for each in press(page, "noted-keys").code]

    def test_may_hold_for_ever(self, page: AppTest, control: FakeControl) -> None:
        control.answers[f"POST {KEYS}"] = {"key": "vk_new", "about": {}}
        page.selectbox(key="key:days").set_value(0)
        press(page, "key:make")
        assert control.changes[0][2]["expires_at"] is None

    def test_are_replaced_and_revoked_only_after_asking(self, page: AppTest, control: FakeControl) -> None:
        control.answers[f"POST {KEYS}/k1/rotate"] = {"key": "vk_next", "about": {}}
        press(press(page, "rotate-k1"), "rotate-k1-yes")
        assert "vk_next" in [each.value for each in page.code]
        press(page, "revoke-k1")
        assert len(control.changes) == 1
        press(page, "revoke-k1-yes")
        assert control.changes[-1] == ("DELETE", f"{KEYS}/k1", None)


class TestWidgets:
    def test_show_the_line_for_the_pages(self, page: AppTest) -> None:
        assert TAG in [each.value for each in page.code]
        assert TAG not in shown(page)

    def test_are_made_for_sites(self, page: AppTest, control: FakeControl) -> None:
        control.answers[f"POST {WIDGETS}"] = {"tag": TAG, "token": "wt_1", "about": {}}
        press(page, "widget:make")
        assert "Give the address of at least one web site." in shown(page)
        page.text_area(key="widget:origins:new").set_value("https://a.example\n\n https://b.example ")
        press(page, "widget:make")
        assert control.changes == [
            ("POST", WIDGETS, {"name": "", "origins": ["https://a.example", "https://b.example"]})
        ]

    def test_keep_at_least_one_site(self, page: AppTest, control: FakeControl) -> None:
        page.text_area(key="widget:origins:k5").set_value(" ")
        press(page, "widget:save:k5")
        assert "Give the address of at least one web site." in shown(page)
        assert control.changes == []

    def test_are_revoked_only_after_asking(self, page: AppTest, control: FakeControl) -> None:
        press(press(page, "revoke-k5"), "revoke-k5-yes")
        assert control.changes == [("DELETE", f"{WIDGETS}/k5", None)]


class TestQuotas:
    def test_tell_what_holds_for_whom(self, page: AppTest) -> None:
        html = shown(page)
        assert "Each account, key and widget</th><td>60</td><td>no limit</td>" in html
        assert "of 100" in html
        assert "2.5 MB" in html

    def test_of_single_people_stay_when_others_are_set(self, page: AppTest, control: FakeControl) -> None:
        control.answers[f"PUT {QUOTAS}"] = control.told[QUOTAS]
        page.number_input(key="quota:visitor:requests_per_minute").set_value(5)
        press(page, "quotas:save")
        ((method, path, asked),) = control.changes
        assert (method, path) == ("PUT", QUOTAS)
        assert asked == {
            "principal": {"requests_per_minute": None, "tokens_per_day": None},
            "visitor": {"requests_per_minute": 5},
            "principals": {"u1": {"tokens_per_day": 5}},
        }


class TestPage:
    def test_shows_the_rest_where_one_part_cannot_be_told(self, open_view: OpenView, control: FakeControl) -> None:
        control.refusals[WIDGETS] = "unavailable"
        html = shown(open_view("keys", role="admin"))
        assert "crawler" in html
        assert "Limits in force" in html
