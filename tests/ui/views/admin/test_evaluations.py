from __future__ import annotations

import pytest

from tests.ui.conftest import OpenView
from tests.ui.fake_control import EVIL, FakeControl, evaluation, outcome
from tests.ui.fake_gateway import FakeGateway
from tests.ui.views.admin.control import shown

PATH = "/v1/admin/evaluations"


@pytest.fixture
def control(gateway: FakeGateway) -> FakeControl:
    topic = FakeControl()
    gateway.topics.append(topic)
    return topic


def keep(control: FakeControl) -> None:
    """Two runs, of which the second lost a question."""
    control.told[PATH] = {"data": [evaluation(2, right=0.25), evaluation(1)]}
    change = {"right": -0.25, "recall@5": 0.0}
    control.told[f"{PATH}/r2"] = {
        **evaluation(2, right=0.25),
        "outcomes": [
            outcome(EVIL, rank=None, answered=False, right=False),
            outcome("17"),
            outcome("18", rank=2, right=False),
            outcome("19", answerable=False, rank=None, answered=True, right=None),
        ],
        "before": "r1",
        "difference": {"all": change, "varieties": {"zh-Hant": change}, "gaps": {}},
    }
    control.told[f"{PATH}/r1"] = {**evaluation(1), "outcomes": [], "before": None, "difference": None}


class TestEvaluations:
    def test_say_how_to_run_one(self, open_view: OpenView, control: FakeControl) -> None:
        html = shown(open_view("evaluations", role="admin"))
        assert "vernacular eval questions.jsonl --answers --tenant harbour" in html
        assert "vernacular redteam run --tenant harbour" in html

    def test_tell_the_last_run_and_what_changed_since_the_one_before(
        self, open_view: OpenView, control: FakeControl
    ) -> None:
        keep(control)
        page = open_view("evaluations", role="admin")
        html = shown(page)
        assert not page.exception
        assert '<dt>Rightly answered</dt><dd>25%</dd><dd class="vn-note vn-bad">\u2066-25.0\u2069 points since' in html
        assert "as before" in html
        assert "Runs of these questions" in html
        assert '<small dir="ltr">(-25.0)</small>' in html
        assert "Points by which the same questions in standard wording do better" in html

    def test_name_the_questions_that_went_wrong(self, open_view: OpenView, control: FakeControl) -> None:
        keep(control)
        page = open_view("evaluations", role="admin")
        html = shown(page)
        assert "<img" not in html
        assert "&lt;img" in html
        assert "<bdi>18</bdi>" in html
        assert "<bdi>17</bdi>" not in html
        assert "Answered without need" in html
        page.toggle[0].set_value(False).run()
        assert "<bdi>17</bdi>" in shown(page)

    def test_show_an_earlier_run(self, open_view: OpenView, control: FakeControl) -> None:
        keep(control)
        page = open_view("evaluations", role="admin")
        page.selectbox(key="run").set_value("r1").run()
        html = shown(page)
        assert "the first run of these questions" in html
        assert "Single questions are kept of the last 20 runs." in html

    def test_tell_attacks_with_how_sure_that_is(self, open_view: OpenView, control: FakeControl) -> None:
        figures = {"tried": 50, "succeeded": 1, "rate": 0.02, "interval": [0.001, 0.105]}
        run = {"id": "a1", "version": "0.1.0", "created_at": "2026-03-02T12:00:00+00:00", "suites": ["pii"]}
        control.told["/v1/admin/redteam"] = {"data": [{**run, "figures": {"all": figures, "suites": {"pii": figures}}}]}
        html = shown(open_view("evaluations", role="admin"))
        assert "1 / 50" in html
        assert "0.1% – 10.5%" in html
