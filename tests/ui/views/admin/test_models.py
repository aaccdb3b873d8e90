from __future__ import annotations

from typing import Any

import pytest

from tests.ui.conftest import OpenView
from tests.ui.fake_control import EVIL, MOMENT, FakeControl
from tests.ui.fake_gateway import FakeGateway
from tests.ui.views.admin.control import press, shown


@pytest.fixture
def control(gateway: FakeGateway) -> FakeControl:
    topic = FakeControl()
    gateway.topics.append(topic)
    return topic


def adapter(**more: Any) -> dict[str, Any]:
    return {
        "id": "a1",
        "name": "harbour--yue--v1",
        "dialect": "yue-Hant-HK",
        "base_model": "qwen",
        "version": 1,
        "digest": "",
        "size": 2_000_000,
        "rank": 8,
        "target_modules": [],
        "lineage": {"data": EVIL},
        "state": "registered",
        "assistant": "default",
        "share": 1.0,
        "note": "",
        "created_at": MOMENT,
        "loaded_on": 0,
        "replicas": 2,
        **more,
    }


class TestModels:
    def test_say_what_is_lacking_without_one(self, open_view: OpenView, control: FakeControl) -> None:
        page = open_view("models", role="admin")
        html = shown(page)
        assert not page.exception
        assert "No model is connected: answers are quotes." in html
        assert "vernacular model serve" in html

    def test_tell_how_each_server_fares(self, open_view: OpenView, control: FakeControl) -> None:
        server = {"name": EVIL, "reason": "refused", "in_flight": 1, "running": 2, "waiting": 3, "kv_usage": 0.5}
        replicas = [{**server, "state": "down", "breaker": "open"}, {**server, "state": "up", "breaker": "closed"}]
        model = {"name": "qwen", "profile": "qwen2.5-7b", "context_tokens": 32768, "vision": False, "loras": True}
        control.told["/v1/admin/models"] = {"data": [{**model, "waiting": 4, "replicas": replicas}]}
        html = shown(open_view("models", role="admin"))
        assert "32,768 tokens" in html
        assert "Broken after failures" in html
        assert "<td>50%</td>" in html
        assert "<img" not in html

    def test_that_cannot_be_told_keep_adapters_on_the_page(self, open_view: OpenView, control: FakeControl) -> None:
        control.refusals["/v1/admin/models"] = "unavailable"
        assert "There are no adapters." in shown(open_view("models", role="admin"))


class TestAdapters:
    def test_are_put_to_use(self, open_view: OpenView, control: FakeControl) -> None:
        control.told["/v1/admin/adapters"] = {"data": [adapter()]}
        page = open_view("models", role="admin")
        assert "<img" not in shown(page)
        press(page, "activate-a1")
        assert control.changes == [("PATCH", "/v1/admin/adapters/a1", {"state": "active"})]
        assert "is used within seconds" in shown(page)

    def test_are_removed_after_asking(self, open_view: OpenView, control: FakeControl) -> None:
        control.told["/v1/admin/adapters"] = {"data": [adapter(state="retired", note="vLLM refused it")]}
        page = press(open_view("models", role="admin"), "remove-a1")
        assert "vLLM refused it" in shown(page)
        assert not control.changes
        press(page, "remove-a1-yes")
        assert control.changes == [("DELETE", "/v1/admin/adapters/a1", None)]

    def test_in_use_can_be_retired_and_not_removed(self, open_view: OpenView, control: FakeControl) -> None:
        control.told["/v1/admin/adapters"] = {"data": [adapter(state="active", loaded_on=2)]}
        page = open_view("models", role="admin")
        assert "2 of 2 servers" in shown(page)
        assert not [each for each in page.button if each.key == "remove-a1"]
        press(page, "retire-a1")
        assert control.changes == [("PATCH", "/v1/admin/adapters/a1", {"state": "retired"})]
