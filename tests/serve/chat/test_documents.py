"""Answers that are kept to some documents."""

from __future__ import annotations

from typing import Any

import pytest

from tests.serve.gateway import Gateway

QUESTION = "What does the parking permit cost?"


@pytest.fixture
def gateway(whole: Gateway) -> Gateway:
    return whole


def answered(gateway: Gateway, key: str, documents: list[str]) -> dict[str, Any]:
    response = gateway.ask(key, QUESTION, vernacular={"documents": documents})
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def cited(body: dict[str, Any]) -> set[str]:
    return {each["file_id"] for each in body["choices"][0]["message"]["annotations"]}


class TestDocuments:
    def test_an_answer_comes_from_these_alone(self, gateway: Gateway) -> None:
        first = gateway.put("acme", "a", "The parking permit costs 450 dollars a month.")
        second = gateway.put("acme", "b", "The parking permit costs 90 dollars for a trailer.")
        key = gateway.key("acme", "member")
        assert cited(answered(gateway, key, [second])) == {second}
        assert cited(answered(gateway, key, [first])) == {first}

    def test_where_they_do_not_tell_it_is_declined(self, gateway: Gateway) -> None:
        gateway.put("acme", "a", "The parking permit costs 450 dollars a month.")
        dogs = gateway.put("acme", "b", "A dog licence lasts three years.")
        body = answered(gateway, gateway.key("acme", "member"), [dogs])
        assert body["vernacular"]["answered"] is False
        assert "450" not in body["choices"][0]["message"]["content"]

    def test_nothing_is_found_in_those_that_cannot_be_read(self, gateway: Gateway) -> None:
        secret = gateway.put("acme", "s", "The parking permit costs 7 dollars for the board.", groups=["board"])
        theirs = gateway.put("other", "t", "The parking permit costs 8 dollars there.")
        key = gateway.key("acme", "member")
        for documents in ([secret], [theirs], [secret, theirs], ["nothing"]):
            body = answered(gateway, key, documents)
            assert body["vernacular"]["answered"] is False
            assert cited(body) == set()
        assert cited(answered(gateway, gateway.key("acme", "member", ["board"]), [secret])) == {secret}

    def test_none_at_all_is_refused(self, gateway: Gateway) -> None:
        assert gateway.ask(gateway.key("acme"), QUESTION, vernacular={"documents": []}).status_code == 400
