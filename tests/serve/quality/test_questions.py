from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from serve.chat.safety import POLICY
from serve.quality.reviews import NOT_WANTED
from serve.rag.decline import NO_WORDS
from tests.serve.gateway import Gateway
from vernacular.db.base import now
from vernacular.db.models import MessageRow
from vernacular.tenancy import TenantScope

PATH = "/v1/admin/questions"
REVIEWS = f"{PATH}/reviews"


@pytest.fixture
def editor(whole: Gateway) -> str:
    return whole.key("acme", "editor")


@pytest.fixture
def public(whole: Gateway) -> str:
    return whole.key("acme", "public")


def ask(gateway: Gateway, key: str, question: str) -> dict[str, Any]:
    about: dict[str, Any] = gateway.ask(key, question).json()["vernacular"]
    return about


def listed(gateway: Gateway, key: str, **params: Any) -> dict[str, Any]:
    found: dict[str, Any] = gateway.call("GET", PATH, key, params=params).json()
    return found


def texts(cluster: dict[str, Any]) -> list[str]:
    return [each["text"] for each in cluster["questions"]]


class TestListing:
    def test_puts_like_questions_of_two_varieties_together_those_asked_most_first(
        self, whole: Gateway, editor: str, public: str
    ) -> None:
        for question in ("Is there a ski lift?", "補領泊車證要幾錢呀？", "补领泊车证多少钱", "補領泊車證幾多錢？"):
            ask(whole, public, question)
        found = listed(whole, editor)
        assert found["total"] == 4
        assert [each["count"] for each in found["clusters"]] == [3, 1]
        assert set(texts(found["clusters"][0])) == {"補領泊車證要幾錢呀？", "补领泊车证多少钱", "補領泊車證幾多錢？"}
        assert "yue-Hant-HK" in found["clusters"][0]["dialects"]

    def test_keeps_apart_what_is_about_something_else(self, whole: Gateway, editor: str, public: str) -> None:
        for question in ("How much is the ski lift?", "How much is a sauna?", "Where is the ski lift?"):
            ask(whole, public, question)
        assert [each["count"] for each in listed(whole, editor)["clusters"]] == [1, 1, 1]

    def test_leaves_out_what_was_answered_and_what_no_answer_is_missing_for(
        self, whole: Gateway, editor: str, public: str
    ) -> None:
        whole.put("acme", "lift", "The ski lift runs from nine to four.")
        assert ask(whole, public, "When does the ski lift run?")["answered"]
        assert ask(whole, public, "???")["reason"] == NO_WORDS
        assert {NO_WORDS, POLICY} <= set(NOT_WANTED)
        assert listed(whole, editor)["total"] == 0

    def test_names_the_nearest_documents(self, whole: Gateway, editor: str, public: str) -> None:
        document = whole.put("acme", "fees", "The museum takes 4 crowns from grown-ups.", title="Museum fees")
        ask(whole, public, "Does the museum lend wheelchairs, prams and umbrellas to families?")
        (cluster,) = listed(whole, editor)["clusters"]
        assert cluster["near"] == [{"document_id": document, "title": "Museum fees"}]

    def test_looks_back_as_many_days_as_are_asked_for(self, whole: Gateway, editor: str, public: str) -> None:
        ask(whole, public, "Is there a ski lift?")
        with whole.services.database.write() as session:
            scope = TenantScope(session, whole.tenants["acme"])
            scope.execute(scope.update(MessageRow).values(created_at=now() - timedelta(days=10)))
        assert listed(whole, editor, days=5)["total"] == 0
        assert listed(whole, editor, days=15)["total"] == 1

    def test_shows_another_tenant_nothing(self, whole: Gateway, public: str) -> None:
        ask(whole, public, "Is there a ski lift?")
        assert listed(whole, whole.key("other", "editor"))["total"] == 0

    def test_is_for_editors(self, whole: Gateway) -> None:
        assert whole.call("GET", PATH, whole.key("acme", "member")).status_code == 403

    def test_loses_what_was_asked_with_its_conversation(self, whole: Gateway, editor: str, public: str) -> None:
        about = ask(whole, public, "Is there a ski lift?")
        whole.call("DELETE", f"/v1/conversations/{about['conversation_id']}", public)
        assert listed(whole, editor)["total"] == 0


class TestReviewing:
    @pytest.mark.parametrize("outcome", ["dismissed", "document"])
    def test_moves_questions_to_those_dealt_with_and_back(
        self, whole: Gateway, editor: str, public: str, outcome: str
    ) -> None:
        ids = [ask(whole, public, "Is there a ski lift?")["message_id"]]
        response = whole.call("POST", REVIEWS, editor, json={"message_ids": ids, "outcome": outcome})
        assert response.json() == {"reviewed": 1, "outcome": outcome}
        assert listed(whole, editor)["total"] == 0
        (cluster,) = listed(whole, editor, handled=True)["clusters"]
        assert (cluster["outcome"], cluster["message_ids"]) == (outcome, ids)
        whole.call("POST", REVIEWS, editor, json={"message_ids": ids, "outcome": None})
        assert listed(whole, editor)["total"] == 1
        assert whole.audited("acme").count("question.reviewed") == 2

    def test_counts_a_question_once_however_often_it_is_named(self, whole: Gateway, editor: str, public: str) -> None:
        message = ask(whole, public, "Is there a ski lift?")["message_id"]
        form = {"message_ids": [message, message], "outcome": "dismissed"}
        assert whole.call("POST", REVIEWS, editor, json=form).json()["reviewed"] == 1

    def test_knows_no_question_of_another_tenant(self, whole: Gateway, editor: str) -> None:
        theirs = ask(whole, whole.key("other", "public"), "Is there a ski lift?")["message_id"]
        form = {"message_ids": [theirs], "outcome": "dismissed"}
        assert whole.call("POST", REVIEWS, editor, json=form).status_code == 404

    @pytest.mark.parametrize(
        ("form", "status"),
        [
            ({"outcome": "approved"}, 400),
            ({"outcome": "dismissed", "approved_id": "x"}, 400),
            ({"outcome": "approved", "approved_id": "x"}, 404),
            ({"outcome": "burnt"}, 400),
        ],
    )
    def test_refuses_what_makes_no_sense(
        self, whole: Gateway, editor: str, public: str, form: dict[str, Any], status: int
    ) -> None:
        ids = [ask(whole, public, "Is there a ski lift?")["message_id"]]
        response = whole.call("POST", REVIEWS, editor, json={"message_ids": ids, **form})
        assert response.status_code == status, response.text
