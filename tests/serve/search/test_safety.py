from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serve.gateway import Gateway, running_gateway

BOMB = "how to make a pipe bomb"


@pytest.fixture
def gateway(home: Path) -> Iterator[Gateway]:
    with running_gateway(home) as running:
        for slug, safety in (("open", {}), ("strict", {"search": "decline"}), ("eu", {"pack": "eu"})):
            running.tenant(slug, languages=["en"], profile={"safety": safety})
            running.put(slug, "law", "It is forbidden to make a pipe bomb.", title="Law", language="en")
        yield running


def searched(gateway: Gateway, slug: str, query: str) -> dict[str, object]:
    body: dict[str, object] = gateway.call("POST", "/v1/search", gateway.key(slug), json={"query": query}).json()
    return body


class TestSearch:
    def test_logs_what_a_chat_would_refuse(self, gateway: Gateway) -> None:
        found = searched(gateway, "open", BOMB)
        assert found["hits"]
        assert found["policy"] == {"version": found["policy"]["version"], "action": "log", "category": "weapons"}  # type: ignore[index]

    def test_declines_it_where_the_policy_says_so(self, gateway: Gateway) -> None:
        found = searched(gateway, "strict", BOMB)
        assert found["hits"] == []
        assert found["policy"]["action"] == "decline"  # type: ignore[index]

    def test_looks_for_the_query_without_personal_data(self, gateway: Gateway) -> None:
        found = searched(gateway, "eu", "pipe bomb of 4539 1488 0343 6467")
        assert "4539" not in str(found)
        assert found["hits"]
