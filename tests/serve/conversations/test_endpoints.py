from __future__ import annotations

from typing import Any

from tests.serve.fakes import FakeRag
from tests.serve.gateway import Gateway


def begin(gateway: Gateway, key: str, question: str = "What does a permit cost?") -> str:
    return str(gateway.ask(key, question).json()["vernacular"]["conversation_id"])


class TestConversations:
    def test_keep_both_sides_with_what_the_answer_rests_on(self, gateway: Gateway, key: str) -> None:
        kept = gateway.call("GET", f"/v1/conversations/{begin(gateway, key)}", key).json()
        assert [message["role"] for message in kept["messages"]] == ["user", "assistant"]
        assert kept["title"] == kept["messages"][0]["content"] == "What does a permit cost?"
        details = kept["messages"][1]["details"]
        assert details["answered"] is True
        assert details["annotations"][0]["source_id"] == "permits"

    def test_tell_what_was_said_of_an_answer_until_it_is_taken_back(self, gateway: Gateway, key: str) -> None:
        about = gateway.ask(key, "What does a permit cost?").json()["vernacular"]
        named = {name: about[name] for name in ("conversation_id", "message_id")}

        def ratings() -> list[int | None]:
            kept = gateway.call("GET", f"/v1/conversations/{about['conversation_id']}", key).json()
            return [message["rating"] for message in kept["messages"]]

        assert ratings() == [None, None]
        gateway.call("POST", "/v1/feedback", key, json={**named, "rating": -1, "comment": "no"})
        assert ratings() == [None, -1]
        gateway.call("POST", "/v1/feedback", key, json={**named, "rating": 0})
        assert ratings() == [None, None]

    def test_go_on_when_their_id_is_sent(self, gateway: Gateway, key: str) -> None:
        first = begin(gateway, key)
        again = gateway.ask(key, "And for dogs?", vernacular={"conversation_id": first}).json()
        assert again["vernacular"]["conversation_id"] == first
        kept = gateway.call("GET", f"/v1/conversations/{first}", key).json()
        assert [message["content"] for message in kept["messages"]][::2] == [
            "What does a permit cost?",
            "And for dogs?",
        ]

    def test_are_listed_the_last_one_used_first(self, gateway: Gateway, key: str) -> None:
        first, second = begin(gateway, key, "one?"), begin(gateway, key, "two?")
        gateway.ask(key, "three?", vernacular={"conversation_id": first})
        listed = gateway.call("GET", "/v1/conversations", key).json()["conversations"]
        assert [(each["id"], each["title"]) for each in listed] == [(first, "one?"), (second, "two?")]

    def test_of_another_tenant_are_not_there(self, gateway: Gateway, key: str) -> None:
        foreign = begin(gateway, gateway.key("other"))
        assert gateway.call("GET", f"/v1/conversations/{foreign}", key).status_code == 404
        assert gateway.ask(key, "x", vernacular={"conversation_id": foreign}).status_code == 404
        assert gateway.call("GET", "/v1/conversations", key).json()["conversations"] == []

    def test_of_another_key_are_there_for_administrators_only(self, gateway: Gateway, key: str) -> None:
        theirs = begin(gateway, gateway.key("acme", "member"))
        assert gateway.call("GET", f"/v1/conversations/{theirs}", gateway.key("acme", "editor")).status_code == 404
        assert gateway.call("GET", f"/v1/conversations/{theirs}", key).status_code == 200


class TestChoosingAVariety:
    def test_holds_for_the_rest_of_the_conversation(self, gateway: Gateway, key: str, rag: FakeRag) -> None:
        same = choose(gateway, key, "yue-Hant-HK")
        gateway.ask(key, "And for dogs?", vernacular={"conversation_id": same})
        assert [asked.options["dialect"] for asked in rag.asked] == ["yue-Hant-HK", "yue-Hant-HK"]
        kept = gateway.call("GET", f"/v1/conversations/{same}", key).json()
        assert kept["preferences"] == {"answer_in": "yue-Hant-HK"}

    def test_can_be_done_anew_at_any_time(self, gateway: Gateway, key: str, rag: FakeRag) -> None:
        same = choose(gateway, key, "yue-Hant-HK")
        choose(gateway, key, "nan-Hant-TW", conversation_id=same)
        gateway.ask(key, "And for cats?", vernacular={"conversation_id": same})
        assert [asked.options["dialect"] for asked in rag.asked] == ["yue-Hant-HK", "nan-Hant-TW", "nan-Hant-TW"]

    def test_can_be_left_to_each_question_again(self, gateway: Gateway, key: str, rag: FakeRag) -> None:
        same = choose(gateway, key, "es-MX")
        choose(gateway, key, "question", conversation_id=same)
        gateway.ask(key, "And for cats?", vernacular={"conversation_id": same})
        assert [asked.options["dialect"] for asked in rag.asked] == ["es-MX", None, None]

    def test_wins_over_what_tenant_and_assistant_wish_for(self, gateway: Gateway, rag: FakeRag) -> None:
        profile: dict[str, Any] = {"dialect": {"answer_in": "es-ES", "script": "Hant"}}
        profile["assistants"] = {"default": {"dialect": {"answer_in": "es-AR"}}}
        gateway.tenant("third", profile=profile)
        key = gateway.key("third")
        choose(gateway, key, "standard")
        begin(gateway, key)
        wishes = [asked.options["wishes"] for asked in rag.asked]
        assert [wish.answer_in for wish in wishes] == ["standard", "es-AR"]
        assert [wish.script for wish in wishes] == ["Hant", "Hant"]

    def test_of_the_standard_language_answers_a_dialect_in_it(self, whole: Gateway) -> None:
        whole.put("acme", "cards", "遺失身份證的市民可到人事登記處補領新證，費用為 425 元。")
        key = whole.key("acme")
        asked = "我唔見咗張身份證，補領要幾多錢呀？"
        assert whole.ask(key, asked).json()["vernacular"]["dialect"] == "yue-Hant-HK"
        standard = whole.ask(key, asked, vernacular={"dialect": "standard"}).json()["vernacular"]
        assert standard["dialect"] == "zh-Hant-HK"
        again = whole.ask(key, asked, vernacular={"conversation_id": standard["conversation_id"]}).json()
        assert again["vernacular"]["dialect"] == "zh-Hant-HK"

    def test_says_nothing_of_other_conversations(self, gateway: Gateway, key: str, rag: FakeRag) -> None:
        choose(gateway, key, "es-MX")
        begin(gateway, key)
        assert rag.asked[-1].options["dialect"] is None


def choose(gateway: Gateway, key: str, dialect: str, **more: str) -> str:
    response = gateway.ask(key, "What does a permit cost?", vernacular={"dialect": dialect, **more})
    return str(response.json()["vernacular"]["conversation_id"])
