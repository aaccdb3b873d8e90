from __future__ import annotations

from typing import Any

import pytest
from httpx2 import Response

from serve.feedback import repository
from tests.serve.gateway import Gateway
from vernacular.db.models import FeedbackRow
from vernacular.tenancy import TenantScope


def asked(gateway: Gateway, key: str) -> dict[str, str]:
    """A conversation's id, and that of the answer in it."""
    about = gateway.ask(key, "What does a permit cost?").json()["vernacular"]
    return {name: about[name] for name in ("conversation_id", "message_id")}


def rate(gateway: Gateway, key: str, answer: dict[str, str], rating: int = 1, **more: Any) -> Response:
    return gateway.call("POST", "/v1/feedback", key, json={**answer, "rating": rating, **more})


def kept(gateway: Gateway, answer: dict[str, str], slug: str = "acme") -> FeedbackRow | None:
    with gateway.services.database.read() as session:
        return repository.find(TenantScope(session, gateway.tenants[slug]), answer["message_id"])


class TestGiving:
    def test_is_kept_with_its_reason_and_comment(self, gateway: Gateway, key: str) -> None:
        answer = asked(gateway, key)
        given = rate(gateway, key, answer, -1, reason="outdated", comment=" The fee went up. ")
        assert (given.status_code, given.json()) == (200, {"message_id": answer["message_id"], "rating": -1})
        found = kept(gateway, answer)
        assert found is not None
        assert (found.rating, found.reason, found.comment) == (-1, "outdated", "The fee went up.")

    def test_of_the_same_answer_again_counts_the_last_one(self, gateway: Gateway, key: str) -> None:
        answer = asked(gateway, key)
        rate(gateway, key, answer, -1, reason="wrong", comment="No.")
        rate(gateway, key, answer, 1)
        found = kept(gateway, answer)
        assert found is not None
        assert (found.rating, found.reason, found.comment) == (1, "", "")

    def test_of_nought_takes_it_back(self, gateway: Gateway, key: str) -> None:
        answer = asked(gateway, key)
        rate(gateway, key, answer)
        assert rate(gateway, key, answer, 0).json()["rating"] == 0
        assert kept(gateway, answer) is None
        assert rate(gateway, key, answer, 0).status_code == 200

    def test_is_audited_without_its_words(self, gateway: Gateway, key: str) -> None:
        answer = asked(gateway, key)
        rate(gateway, key, answer, -1, comment="It told me nothing.")
        rate(gateway, key, answer, 0)
        rate(gateway, key, answer, 0)
        assert [name for name in gateway.audited("acme") if name.startswith("feedback.")] == [
            "feedback.given",
            "feedback.withdrawn",
        ]
        entries = gateway.call("GET", "/v1/audit", key, params={"event": "feedback.given"}).text
        assert answer["message_id"] in entries
        assert "told me nothing" not in entries

    def test_masks_personal_data_where_the_policy_masks_them_in_questions(self, gateway: Gateway) -> None:
        gateway.tenant("careful", profile={"safety": {"pack": "eu"}})
        key = gateway.key("careful")
        answer = asked(gateway, key)
        rate(gateway, key, answer, -1, comment="My card is 4539 1488 0343 6467.")
        found = kept(gateway, answer, "careful")
        assert found is not None
        assert found.comment.startswith("My card is ")
        assert "4539" not in found.comment

    def test_can_come_from_a_widget_on_its_page(self, gateway: Gateway, key: str) -> None:
        page = {"origin": "https://harbour.example"}
        made = gateway.call("POST", "/v1/admin/widgets", key, json={"origins": [page["origin"]], "name": "site"})
        token = made.json()["token"]
        body = {"model": "default", "messages": [{"role": "user", "content": "What does a permit cost?"}]}
        about = gateway.call("POST", "/v1/chat/completions", token, json=body, headers=page).json()["vernacular"]
        answer = {name: about[name] for name in ("conversation_id", "message_id")}
        given = gateway.call("POST", "/v1/feedback", token, json={**answer, "rating": 1}, headers=page)
        assert (given.status_code, given.headers["access-control-allow-origin"]) == (200, page["origin"])
        assert gateway.call("POST", "/v1/feedback", token, json={**answer, "rating": 1}).status_code == 403

    def test_goes_with_the_conversation(self, gateway: Gateway, key: str) -> None:
        answer = asked(gateway, key)
        rate(gateway, key, answer)
        gateway.call("DELETE", f"/v1/conversations/{answer['conversation_id']}", key)
        assert kept(gateway, answer) is None


class TestOthers:
    def test_cannot_rate_what_they_were_not_told(self, gateway: Gateway, key: str) -> None:
        answer = asked(gateway, gateway.key("acme", "member"))
        for other in (gateway.key("acme", "member"), gateway.key("other"), key):
            assert rate(gateway, other, answer).status_code == 404
        assert kept(gateway, answer) is None

    def test_cannot_rate_it_in_a_conversation_of_their_own(self, gateway: Gateway, key: str) -> None:
        foreign, own = asked(gateway, gateway.key("acme", "member")), asked(gateway, key)
        mixed = {"conversation_id": own["conversation_id"], "message_id": foreign["message_id"]}
        assert rate(gateway, key, mixed).status_code == 404

    def test_with_a_public_key_can_say_what_they_think(self, gateway: Gateway) -> None:
        visitor = gateway.key("acme", "public", scopes=["chat"])
        assert rate(gateway, visitor, asked(gateway, visitor)).status_code == 200

    def test_count_as_visitors_do(self, gateway: Gateway) -> None:
        visitor = gateway.key("acme", "public")
        answer = asked(gateway, visitor)
        limits = {"visitor": {"requests_per_minute": 2}}
        assert gateway.call("PUT", "/v1/admin/quotas", gateway.key("acme"), json=limits).status_code == 200
        statuses = [rate(gateway, visitor, answer, user="ada").status_code for _ in range(3)]
        assert statuses == [200, 200, 429]


class TestRefusing:
    @pytest.mark.parametrize(
        "wrong", [{"rating": 2}, {"reason": "ugly"}, {"comment": "x" * 2001}, {"stars": 5}, {"message_id": ""}]
    )
    def test_says_what_is_wrong_with_it(self, gateway: Gateway, key: str, wrong: dict[str, Any]) -> None:
        refused = gateway.call("POST", "/v1/feedback", key, json={**asked(gateway, key), "rating": 1, **wrong})
        assert refused.status_code == 400
        assert next(iter(wrong)) in refused.json()["error"]["message"]

    def test_takes_no_rating_of_a_question(self, gateway: Gateway, key: str) -> None:
        answer = asked(gateway, key)
        told = gateway.call("GET", f"/v1/conversations/{answer['conversation_id']}", key).json()
        question = {**answer, "message_id": told["messages"][0]["id"]}
        assert told["messages"][1]["id"] == answer["message_id"]
        assert rate(gateway, key, question).status_code == 404
