from __future__ import annotations

import pytest

from tests.ui.conftest import OpenView
from tests.ui.fake_control import NOTHING, FakeControl
from tests.ui.fake_gateway import FakeGateway
from tests.ui.views.admin.control import shown


@pytest.fixture
def control(gateway: FakeGateway) -> FakeControl:
    topic = FakeControl()
    gateway.topics.append(topic)
    return topic


class TestOverview:
    def test_tells_the_figures_of_the_week_and_of_the_one_before(
        self, open_view: OpenView, control: FakeControl
    ) -> None:
        page = open_view("overview")
        html = shown(page)
        assert not page.exception
        assert "<dd>75%</dd>" in html
        assert "before: 75%" in html
        assert "1.9 sec" in html
        assert "Questions by day" in html
        now, before = sorted(query["since"] for query in control.queries("/v1/admin/statistics"))[::-1]
        assert now > before

    def test_counts_documents_and_jobs(self, open_view: OpenView, control: FakeControl) -> None:
        html = shown(open_view("overview"))
        assert "<dt>Documents</dt><dd>7</dd>" in html
        assert "<dt>Jobs under way</dt><dd>1</dd>" in html

    def test_says_which_part_is_down(self, open_view: OpenView, control: FakeControl) -> None:
        html = shown(open_view("overview"))
        assert html.index("a model is down") < html.index("sqlite")
        assert "Down</span>" in html

    def test_says_how_to_begin_where_nobody_has_asked(self, open_view: OpenView, control: FakeControl) -> None:
        control.figures = dict(NOTHING)
        html = shown(open_view("overview"))
        assert "Nobody has asked anything in these days." in html
        assert "<svg" not in html

    def test_asks_for_documents_before_it_asks_for_people(self, open_view: OpenView, control: FakeControl) -> None:
        control.figures = dict(NOTHING)
        control.told["/v1/sources"] = {"data": []}
        page = open_view("overview")
        assert "There are no documents yet." in shown(page)
        assert "Send people the address" not in shown(page)
        assert "Add documents" in [each.proto.label for each in page.get("page_link")]

    def test_says_that_nothing_waits_only_where_that_is_so(self, open_view: OpenView, control: FakeControl) -> None:
        assert "Nothing waits" not in shown(open_view("overview"))
        control.told["/v1/admin/questions"] = {"total": 0, "clusters": []}
        control.told["/v1/admin/feedback"] = {"data": [], "next_cursor": None}
        control.told["/v1/jobs"] = {"jobs": []}
        assert "Nothing waits" in shown(open_view("overview"))
        control.refusals["/v1/admin/questions"] = "unavailable"
        html = shown(open_view("overview"))
        assert "Nothing waits" not in html
        assert "Questions by day" in html

    def test_asks_nothing_twice_for_a_click(self, open_view: OpenView, control: FakeControl) -> None:
        page = open_view("overview")
        asked = len(control.asked)
        page.run()
        assert len(control.asked) == asked

    def test_asks_anew_for_other_days(self, open_view: OpenView, control: FakeControl) -> None:
        page = open_view("overview")
        page.selectbox(key="period").set_value("today").run()
        assert control.queries("/v1/admin/statistics")[-1]["by"] == "hour"
        assert "Questions by the hour" in shown(page)

    def test_is_not_for_members(self, open_view: OpenView, control: FakeControl) -> None:
        assert "This page is not for your role." in shown(open_view("overview", role="member"))
        assert not control.queries("/v1/admin/statistics")
