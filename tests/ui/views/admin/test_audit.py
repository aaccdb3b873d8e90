from __future__ import annotations

from typing import Any

import pytest

from tests.ui.conftest import OpenView
from tests.ui.fake_control import EVIL, MOMENT, FakeControl, entry, user
from tests.ui.fake_gateway import FakeGateway
from tests.ui.views.admin.control import press, shown

WHOLE: dict[str, Any] = {
    "whole": True,
    "first": 0,
    "entries": 1234,
    "signed": 1234,
    "checkpoints": 3,
    "witnesses": 0,
    "findings": [],
    "notes": [],
}


@pytest.fixture
def control(gateway: FakeGateway) -> FakeControl:
    topic = FakeControl()
    topic.told["/v1/audit"] = {"entries": [entry(7, content={"question": EVIL}), entry(6)], "next_before": None}
    topic.told["/v1/audit/verify"] = dict(WHOLE)
    topic.told["/v1/admin/users/ana"] = user(1, username="ana")
    gateway.topics.append(topic)
    return topic


class TestAudit:
    def test_lists_entries_as_text(self, open_view: OpenView, control: FakeControl) -> None:
        page = open_view("audit", role="admin")
        html = shown(page)
        assert not page.exception
        assert '<code class="vn-nowrap" dir="ltr">document.deleted</code>' in html
        assert "<img" not in html
        assert "&lt;img" in html
        assert control.queries("/v1/audit") == [{"limit": "50"}]

    def test_is_asked_for_an_event_of_a_person(self, open_view: OpenView, control: FakeControl) -> None:
        page = open_view("audit", role="admin")
        page.selectbox(key="event").set_value("document.")
        page.text_input(key="person").set_value("ana").run()
        assert control.queries("/v1/audit")[-1] == {"limit": "50", "event": "document.", "actor": "u1"}

    def test_is_not_read_for_somebody_who_is_not_there(self, open_view: OpenView, control: FakeControl) -> None:
        page = open_view("audit", role="admin")
        page.text_input(key="person").set_value("nobody").run()
        assert "Nobody here has that user name." in shown(page)
        assert len(control.queries("/v1/audit")) == 1

    def test_tells_what_was_written_only_if_asked(self, open_view: OpenView, control: FakeControl) -> None:
        page = open_view("audit", role="admin")
        page.toggle(key="content").set_value(True).run()
        assert control.queries("/v1/audit")[-1]["content"] == "true"

    def test_is_turned_page_by_page(self, open_view: OpenView, control: FakeControl) -> None:
        control.told["/v1/audit"] = {"entries": [entry(7)], "next_before": 7}
        page = press(open_view("audit", role="admin"), "audit:page:on")
        assert control.queries("/v1/audit")[-1]["before"] == "7"
        control.told["/v1/audit"] = {"entries": [entry(6)], "next_before": None}
        page.text_input(key="person").set_value("ana").run()
        assert "before" not in control.queries("/v1/audit")[-1]

    def test_says_what_was_verified(self, open_view: OpenView, control: FakeControl) -> None:
        html = shown(press(open_view("audit", role="admin"), "verify"))
        assert "The log is whole." in html
        assert "1,234 entries (0 – 1,233)" in html
        assert "3 checkpoints, up to entry 1,234" in html
        assert "none kept on another disk" in html

    def test_says_what_is_wrong(self, open_view: OpenView, control: FakeControl) -> None:
        control.told["/v1/audit/verify"] = {**WHOLE, "whole": False, "findings": [f"entry 5 {EVIL}"]}
        html = shown(press(open_view("audit", role="admin"), "verify"))
        assert "The log was changed!" in html
        assert "entry 5 &lt;img" in html

    def test_shows_the_signed_heads(self, open_view: OpenView, control: FakeControl) -> None:
        told = {"at": MOMENT, "size": 64, "root": "abcdef", "key": "k-1"}
        control.told["/v1/audit/checkpoints"] = {"checkpoints": [told]}
        assert "abcdef" in shown(open_view("audit", role="admin"))

    def test_is_not_for_editors(self, open_view: OpenView, control: FakeControl) -> None:
        assert "This page is not for your role." in shown(open_view("audit"))
        assert not control.asked
