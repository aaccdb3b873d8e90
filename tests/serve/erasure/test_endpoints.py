from __future__ import annotations

from tests.serve.gateway import Gateway

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
