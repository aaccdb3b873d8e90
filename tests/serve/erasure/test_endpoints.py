from __future__ import annotations

from typing import Any

import pytest

from serve.chat.turn import Turn
from tests.serve.gateway import Gateway
from vernacular.access import users
from vernacular.db.models import ConversationRow, UserRow
from vernacular.tenancy import TenantScope

FEE = "The parking permit costs 450 dollars a month."
QUESTION = "What does the parking permit cost?"


class TestPerson:
    def test_loses_her_conversations_and_nobody_else_does(self, whole: Gateway) -> None:
        key = whole.key("acme")
        whole.put("acme", "fees", FEE)
        for user in ("rita", "otto"):
            whole.ask(key, QUESTION, user=user)
        told = whole.call("DELETE", "/v1/admin/subjects/rita", key).json()
        assert (told["what"], told["counts"]["conversations"], told["left"]) == ("person", 1, [])
        assert len(whole.call("GET", "/v1/conversations", key).json()["conversations"]) == 1
        entries = whole.call("GET", "/v1/audit", key, params={"content": True, "event": "chat.asked"}).json()["entries"]
        assert [entry["content"] for entry in entries] == [{"question": QUESTION}, {"erased": True}]
        erased = whole.call("GET", "/v1/audit", key, params={"event": "person.erased"}).json()["entries"][0]
        assert entries[1]["subject"] in erased["facts"]["subjects"]

    def test_of_another_tenant_is_nobody(self, whole: Gateway) -> None:
        whole.ask(whole.key("other"), QUESTION, user="rita")
        assert whole.call("DELETE", "/v1/admin/subjects/rita", whole.key("acme")).status_code == 404

    def test_may_be_given_by_her_conversation(self, whole: Gateway) -> None:
        key = whole.key("acme")
        asked = whole.ask(key, QUESTION).json()["vernacular"]["conversation_id"]
        assert whole.call("DELETE", f"/v1/admin/subjects/{asked}", key).json()["counts"]["conversations"] == 1
        assert whole.call("GET", f"/v1/conversations/{asked}", key).status_code == 404

    def test_is_named_in_the_middle_of_a_conversation(self, whole: Gateway) -> None:
        key = whole.key("acme")
        first = whole.ask(key, QUESTION).json()["vernacular"]["conversation_id"]
        whole.ask(key, "And for a year?", user="rita", vernacular={"conversation_id": first})
        told = whole.call("DELETE", "/v1/admin/subjects/rita", key).json()
        assert told["counts"]["conversations"] == 1
        entries = whole.call("GET", "/v1/audit", key, params={"content": True, "event": "chat.asked"}).json()["entries"]
        assert [entry["content"] for entry in entries] == [{"erased": True}, {"erased": True}]

    @pytest.mark.parametrize("form", ["id", "ANA", "pseudonym"])
    def test_may_be_given_by_any_form_of_her_account_of_which_nothing_is_left(self, whole: Gateway, form: str) -> None:
        key = whole.key("acme")
        ana = whole.user("acme", "ana")
        whole.call("PUT", "/v1/admin/quotas", key, json={"principals": {ana: {"tokens_per_day": 70_000}}})
        whole.ask(whole.sign_in("acme", "ana"), QUESTION)
        forms = {"id": ana, "pseudonym": whole.services.audit.subjects.account(whole.tenants["acme"], ana)}
        told = whole.call("DELETE", f"/v1/admin/subjects/{forms.get(form, form)}", key).json()
        assert (told["counts"]["accounts"], told["counts"]["conversations"]) == (1, 1)
        assert ana not in whole.call("GET", "/v1/usage", key).text
        assert ana not in whole.call("GET", "/v1/admin/quotas", key).text

    def test_is_not_brought_back_by_an_answer_under_way(self, whole: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
        ana = whole.user("acme", "ana")
        about, tenant, database = Turn._about, whole.tenants["acme"], whole.services.database

        def leaving(turn: Turn, *told: Any) -> dict[str, Any]:
            with database.write() as session:
                users.delete(scope := TenantScope(session, tenant), users.find(scope, ana))
            return about(turn, *told)

        token = whole.sign_in("acme", "ana")
        monkeypatch.setattr(Turn, "_about", leaving)
        whole.ask(token, QUESTION)
        with database.read() as session:
            scope = TenantScope(session, tenant)
            assert (scope.count(UserRow), scope.count(ConversationRow)) == (0, 0)

    def test_whose_name_is_anothers_id_is_not_mistaken(self, whole: Gateway) -> None:
        key, ana = whole.key("acme"), whole.user("acme", "ana")
        whole.user("acme", ana)
        assert whole.call("DELETE", f"/v1/admin/subjects/{ana}", key).json()["counts"]["accounts"] == 1
        assert [row["username"] for row in whole.call("GET", "/v1/admin/users", key).json()["data"]] == [ana]

    def test_is_erased_by_administrators_alone(self, whole: Gateway) -> None:
        assert whole.call("DELETE", "/v1/admin/subjects/rita", whole.key("acme", "editor")).status_code == 403


class TestDocument:
    def test_goes_with_the_answers_that_quote_it(self, whole: Gateway) -> None:
        key = whole.key("acme")
        document = whole.put("acme", "fees", FEE, title="What permits cost in this town")
        whole.put("acme", "library", "The library lends books for four weeks.")
        asked = whole.ask(key, QUESTION).json()
        other = whole.ask(key, "How long does the library lend books?").json()
        told = whole.call("DELETE", f"/v1/admin/documents/{document}", key).json()
        assert (told["counts"]["documents"], told["counts"]["answers"], told["left"]) == (1, 1, [])
        path = f"/v1/conversations/{asked['vernacular']['conversation_id']}"
        question, answer = whole.call("GET", path, key).json()["messages"]
        assert (question["content"], answer["content"]) == (QUESTION, "")
        assert (answer["details"]["erased"], answer["details"]["annotations"]) == (True, [])
        kept = whole.call("GET", f"/v1/conversations/{other['vernacular']['conversation_id']}", key).json()
        assert "four weeks" in kept["messages"][1]["content"]
        assert whole.call("DELETE", f"/v1/admin/documents/{document}", key).status_code == 200

    def test_that_was_deleted_before_can_still_be_erased(self, whole: Gateway) -> None:
        key = whole.key("acme")
        document = whole.put("acme", "fees", FEE)
        whole.ask(key, QUESTION)
        whole.call("DELETE", f"/v1/documents/{document}", key)
        told = whole.call("DELETE", f"/v1/admin/documents/{document}", key).json()
        assert (told["counts"]["documents"], told["counts"]["answers"]) == (0, 1)

    def test_of_another_tenant_is_not_there(self, whole: Gateway) -> None:
        document = whole.put("other", "fees", FEE)
        assert whole.call("DELETE", f"/v1/admin/documents/{document}", whole.key("acme")).status_code == 404
        assert whole.call("GET", f"/v1/documents/{document}", whole.key("other")).status_code == 200


class TestConversation:
    def test_is_deleted_by_whoever_led_it(self, whole: Gateway) -> None:
        key = whole.key("acme", "member")
        asked = whole.ask(key, QUESTION).json()["vernacular"]["conversation_id"]
        path = f"/v1/conversations/{asked}"
        assert whole.call("DELETE", path, whole.key("acme", "member")).status_code == 404
        assert whole.call("DELETE", path, key).json() == {"conversation_id": asked, "deleted": True}
        assert whole.call("GET", path, key).status_code == 404
        assert whole.call("DELETE", path, key).status_code == 404
