from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.ui.conftest import OpenView
from tests.ui.fake_control import EVIL, NOTHING, FakeControl
from tests.ui.fake_gateway import FakeGateway
from tests.ui.views.admin.control import shown
from ui.api import Api
from ui.gateway import figures as gateway
from ui.gateway.periods import last_days
from ui.views.admin import figures as view


@pytest.fixture
def control(gateway: FakeGateway) -> FakeControl:
    topic = FakeControl()
    gateway.topics.append(topic)
    return topic


def used(day: int, name: str, requests: int, kind: str = "key") -> dict[str, object]:
    at = datetime.now(UTC).date() - timedelta(day)
    return {
        "day": at.isoformat(),
        "principal": f"id of {name}",
        "kind": kind,
        "name": name,
        "requests": requests,
        "refused": 1,
        "total_tokens": 10 * requests,
    }


class TestFigures:
    def test_tell_what_came_of_questions_and_why_not(self, open_view: OpenView, control: FakeControl) -> None:
        page = open_view("figures")
        html = shown(page)
        assert not page.exception
        assert "Time to answer" in html
        assert "粵語" in html
        assert "Nothing found in the documents</th><td>4</td>" in html
        assert "Approved answers</th><td>3</td>" in html
        assert "Conversations are kept for 90 days" in html

    def test_never_show_what_stands_in_them_as_markup(self, open_view: OpenView, control: FakeControl) -> None:
        control.told["/v1/usage"] = {
            "days": [used(0, EVIL, 3)],
            "total": {"requests": 3, "refused": 1, "total_tokens": 30},
        }
        html = shown(open_view("figures", role="admin"))
        assert "<img" not in html
        assert html.count("&lt;img") == 2

    def test_say_how_to_begin_where_nobody_has_asked(self, open_view: OpenView, control: FakeControl) -> None:
        control.figures = dict(NOTHING)
        page = open_view("figures")
        assert "Nobody has asked anything in these days." in shown(page)
        assert not page.get("download_button")

    def test_tell_administrators_who_used_how_much(self, open_view: OpenView, control: FakeControl) -> None:
        control.told["/v1/usage"] = {
            "days": [used(0, "crawler", 3), used(1, "crawler", 4), used(1, "ana", 9, "user")],
            "total": {"requests": 16, "refused": 3, "total_tokens": 160},
        }
        html = shown(open_view("figures", role="admin"))
        assert html.index("<bdi>ana</bdi>") < html.index("<bdi>crawler</bdi>")
        assert "<td>7</td><td>2</td><td>70</td>" in html
        assert "Requests by day (UTC)" in html

    def test_do_not_ask_for_what_editors_may_not_see(self, open_view: OpenView, control: FakeControl) -> None:
        assert "Usage</h2>" not in shown(open_view("figures"))
        assert not control.queries("/v1/usage")


class TestFiles:
    def test_hold_what_the_gateway_told_and_no_formula(self) -> None:
        told = {"days": [used(0, "=cmd()", 2)], "total": {"requests": 2, "refused": 1, "total_tokens": 20}}
        http = httpx.Client(transport=httpx.MockTransport(lambda _request: httpx.Response(200, json=told)))
        found = gateway.usage(Api(http, "http://gateway.test"), last_days(1, UTC))
        assert b",'=cmd(),2,1,20" in view._usage_csv(found)
