from __future__ import annotations

from tests.serve.gateway import Gateway


class TestModels:
    def test_are_those_that_answer(self, gateway: Gateway, key: str) -> None:
        listed = gateway.call("GET", "/v1/models", key).json()
        assert listed["object"] == "list"
        assert [model["id"] for model in listed["data"]] == ["default"]
        for model in listed["data"]:
            assert gateway.ask(key, "x", model=model["id"]).status_code == 200

    def test_can_be_looked_up(self, gateway: Gateway, key: str) -> None:
        assert gateway.call("GET", "/v1/models/default", key).json()["id"] == "default"
        unknown = gateway.call("GET", "/v1/models/gpt-9", key)
        assert (unknown.status_code, unknown.json()["error"]["name"]) == (404, "unknown_model")
