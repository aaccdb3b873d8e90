from __future__ import annotations

from typing import Any

from tests.serve.gateway import Gateway

FIELDS = {"Label", "ContentProducer", "ProduceID", "ReservedCode1", "ContentPropagator", "PropagateID", "ReservedCode2"}


def asked(gateway: Gateway, **more: Any) -> tuple[str, Any]:
    gateway.tenant("harbour", languages=["en"], profile={"aigc_producer": "91440300MA5TEST00X"})
    gateway.put("harbour", "fees", "A dog licence costs 12 dollars a year. It is valid for the calendar year.")
    key = gateway.key("harbour")
    return key, gateway.ask(key, "How much is a dog licence?", **more)


class TestAnswers:
    def test_carry_a_label_that_programs_read(self, gateway: Gateway) -> None:
        _, response = asked(gateway)
        body = response.json()
        label = body["vernacular"]["label"]
        assert label["ai_generated"] is True
        assert label["mode"] == "extractive"
        assert set(label["AIGC"]) == FIELDS
        assert label["AIGC"]["Label"] == "1"
        assert label["AIGC"]["ProduceID"] == body["id"]
        assert label["AIGC"]["ContentProducer"] == "91440300MA5TEST00X"

    def test_carry_it_in_streams_too(self, gateway: Gateway) -> None:
        _, response = asked(gateway, stream=True)
        assert '"AIGC":{"Label":"1"' in response.text


class TestExports:
    def test_are_labelled_for_people_and_programs(self, gateway: Gateway) -> None:
        key, response = asked(gateway)
        path = f"/v1/conversations/{response.json()['vernacular']['conversation_id']}/export"
        exported = gateway.call("GET", path, key)
        assert exported.headers["content-disposition"].endswith('.json"')
        assert exported.json()["label"]["AIGC"]["Label"] == "1"
        assert exported.json()["label"]["visible"] == "AI-generated"
        assert exported.json()["messages"][1]["details"]["label"]["ai_generated"] is True
        text = gateway.call("GET", f"{path}?format=markdown", key).text
        head, _, rest = text.removeprefix("---\n").partition("\n---\n")
        assert "AIGC:" in head
        assert rest.lstrip().startswith("**AI-generated**")
        assert response.json()["choices"][0]["message"]["content"] in rest

    def test_of_someone_elses_conversation_are_not_there(self, gateway: Gateway) -> None:
        _, response = asked(gateway)
        path = f"/v1/conversations/{response.json()['vernacular']['conversation_id']}/export"
        assert gateway.call("GET", path, gateway.key("harbour", role="member")).status_code == 404
