from __future__ import annotations

from typing import Any

import pytest

from tests.serve.gateway import Gateway

PATH = "/v1/admin/feedback"


@pytest.fixture
def editor(whole: Gateway) -> str:
    return whole.key("acme", "editor")


def rate(gateway: Gateway, question: str, rating: int, **more: Any) -> str:
    """The id of the answer that was rated."""
    key = gateway.key("acme", "public")
    about = gateway.ask(key, question).json()["vernacular"]
    form = {"conversation_id": about["conversation_id"], "message_id": about["message_id"], "rating": rating, **more}
    assert gateway.call("POST", "/v1/feedback", key, json=form).status_code == 200
    return str(about["message_id"])


class TestListing:
    def test_tells_what_was_asked_answered_and_thought_of_it(self, whole: Gateway, editor: str) -> None:
        whole.put("acme", "lift", "The ski lift runs from nine to four.")
        message = rate(whole, "When does the ski lift run?", -1, reason="outdated", comment="It ran until five.")
        (found,) = whole.call("GET", PATH, editor).json()["data"]
        assert (found["message_id"], found["rating"], found["reason"]) == (message, -1, "outdated")
        assert (found["question"], found["comment"]) == ("When does the ski lift run?", "It ran until five.")
        assert "nine to four" in found["answer"]
        assert found["handled_at"] is None

    def test_can_be_limited_and_comes_in_pages_the_newest_first(self, whole: Gateway, editor: str) -> None:
        ids = [rate(whole, f"Is there a ski lift {number}?", (-1) ** number) for number in range(3)]
        first = whole.call("GET", PATH, editor, params={"limit": 2}).json()
        rest = whole.call("GET", PATH, editor, params={"limit": 2, "cursor": first["next_cursor"]}).json()
        assert [each["message_id"] for page in (first, rest) for each in page["data"]] == ids[::-1]
        down = whole.call("GET", PATH, editor, params={"rating": -1}).json()["data"]
        assert [each["message_id"] for each in down] == [ids[1]]

    def test_shows_another_tenant_nothing(self, whole: Gateway) -> None:
        rate(whole, "Is there a ski lift?", 1)
        assert whole.call("GET", PATH, whole.key("other", "editor")).json()["data"] == []


class TestPuttingAside:
    def test_takes_it_out_of_what_is_open_and_back(self, whole: Gateway, editor: str) -> None:
        path = f"{PATH}/{rate(whole, 'Is there a ski lift?', 1)}"
        assert whole.call("PATCH", path, editor, json={"handled": True}).json()["handled_at"]
        assert whole.call("GET", PATH, editor, params={"handled": False}).json()["data"] == []
        assert len(whole.call("GET", PATH, editor, params={"handled": True}).json()["data"]) == 1
        assert whole.call("PATCH", path, editor, json={"handled": False}).json()["handled_at"] is None
        assert whole.audited("acme").count("feedback.handled") == 2

    def test_knows_none_of_another_tenant(self, whole: Gateway) -> None:
        path = f"{PATH}/{rate(whole, 'Is there a ski lift?', 1)}"
        assert whole.call("PATCH", path, whole.key("other", "editor"), json={"handled": True}).status_code == 404
