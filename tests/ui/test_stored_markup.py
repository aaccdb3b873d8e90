"""What stands in documents, names and questions is shown as it is written: on every page, wherever it is put."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.conftest import OpenView
from tests.ui.fake_control import FakeControl, credential, entry, evaluation, outcome, user
from tests.ui.fake_documents import FakeDocuments, document, job, problem
from tests.ui.fake_gateway import FakeGateway, Reply
from tests.ui.fake_quality import FakeQuality, answer, cluster, opinion
from tests.ui.fake_search import FakeSearch, hit, values
from tests.ui.fake_settings import FakeSettings, version
from ui.navigation import VIEWS

_MARKUP: Final = " ![p](http://evil.example/p.png) [a](http://evil.example) <img src=x onerror=alert(1)> :red[b] {c}"
_WRITTEN: Final = {
    *(
        "title",
        "name",
        "display_name",
        "question",
        "answer",
        "text",
        "note",
        "comment",
        "filename",
        "source",
        "source_id",
        "message",
    ),
    *("author", "detail", "currency", "native", "username", "email", "greeting", "version", "value", "terms"),
    *("reason", "outcome", "change", "state", "stage"),
}
"""What people write, and names that a later gateway may have more of."""
_MARKDOWN: Final = ("label", "help", "title", "content")


class Spoiled:
    """Another fake gateway's answers with markup in all that someone wrote."""

    def __init__(self, topic: Any) -> None:
        self.topic = topic

    def handle(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> Reply | None:
        reply = self.topic.handle(method, path, query, body)
        return reply if reply is None else _spoiled_reply(reply)


def _spoiled_reply(reply: Reply) -> Reply:
    if reply.media_type != "application/json" or not reply.body:
        return reply
    return Reply(reply.status, json.dumps(_spoiled(json.loads(reply.body))).encode())


def _spoiled(told: Any, name: str = "") -> Any:
    if isinstance(told, dict):
        return {key: _spoiled(value, key) for key, value in told.items()}
    if isinstance(told, list):
        return [_spoiled(each, name) for each in told]
    return f"{told}{_MARKUP}" if isinstance(told, str) and name in _WRITTEN else told


@pytest.fixture
def spoiled(gateway: FakeGateway) -> FakeGateway:
    documents = FakeDocuments(
        documents=[document("fees")],
        jobs=[job("late", "failed", errors=[problem("fetch_failed")]), job("now", "running")],
        quarantine=[
            {**problem("fetch_failed"), "job_id": "late", "source": "web", "created_at": "2026-03-01T09:00:00+00:00"}
        ],
    )
    control = FakeControl(
        told={
            "/v1/admin/users": {"data": [user(0), user(1, groups=["staff"])], "total": 2},
            "/v1/admin/groups": {"data": [{"id": "g1", "name": "staff", "members": 1}]},
            "/v1/admin/groups/g1": {"people": [{"id": "u1", "username": "person1"}]},
            "/v1/admin/keys": {"data": [credential(1, role="member", scopes=[], groups=["staff"])]},
            "/v1/admin/models": {"data": [{"name": "qwen", "replicas": []}]},
            "/v1/admin/evaluations": {"data": [evaluation(1)]},
            "/v1/admin/evaluations/r1": {"outcomes": [outcome("q1")]},
            "/v1/audit": {"entries": [entry(1, facts={"title": "Fees"})], "next_before": None},
        }
    )
    found = FakeSearch(
        hits=[hit("id-card", "Fees", "It costs 425.", metadata={"price": 9, "currency": "HKD"})],
        facets=[values("source", laws=2), {"field": "metadata.price", "kind": "range", "min": 1, "max": 9}],
        understood=[{"text": "fee", "terms": ["charge"], "kind": "lexicon"}],
        saved={
            "s1": {
                "id": "s1",
                "name": "Fees",
                "query": {"query": "fees"},
                "created_at": "2026-03-01T09:00:00+00:00",
                "new": 2,
            }
        },
        changes=[
            {
                "document_id": "id-card",
                "title": "Fees",
                "source": "laws",
                "change": "added",
                "at": "2026-03-01T09:00:00+00:00",
            }
        ],
    )
    settings = FakeSettings()
    settings.prompts["persona"] = [version(2, "You are Otto.", "a name", active=True), version(1, "You are Rita.")]
    quality = FakeQuality(answers=[answer()], clusters=[cluster()], opinions=[opinion()])
    gateway.topics += [Spoiled(topic) for topic in (quality, found, settings, control, documents)]
    return gateway


def told_to_browser(page: AppTest) -> Iterator[tuple[str, str, str]]:
    """Each text of a page: of what kind of element, in which field, and the text."""
    for node in _nodes(page._tree):
        if getattr(node, "proto", None) is not None:
            yield from _texts(node.proto)


def _nodes(node: Any) -> Iterator[Any]:
    for each in getattr(node, "children", {}).values():
        yield each
        yield from _nodes(each)


def _texts(proto: Any) -> Iterator[tuple[str, str, str]]:
    for field, value in proto.ListFields():
        for each in [value] if isinstance(value, str) or hasattr(value, "ListFields") else _listed(value):
            if isinstance(each, str):
                yield proto.DESCRIPTOR.name, field.name, each
            elif hasattr(each, "ListFields"):
                yield from _texts(each)


def _listed(value: Any) -> list[Any]:
    return list(value) if hasattr(value, "__iter__") else []


class TestStoredMarkup:
    @pytest.mark.parametrize("path", [view.path for view in VIEWS if view.path not in ("", "tenants", "dialects")])
    def test_is_text_on_every_page(self, open_view: OpenView, spoiled: FakeGateway, path: str) -> None:
        if path == "documents":  # what the overview asks for of jobs is less
            spoiled.topics.reverse()
        page = open_view(path, "admin", q="fees", tenant="harbour")
        assert not page.exception
        texts = list(told_to_browser(page))
        assert any("evil.example" in text.replace("\\", "").replace("\u2060", "") for _, _, text in texts)
        for kind, name, text in texts:
            if kind in ("Html", "Markdown"):
                assert "<img src=x" not in text, text
            elif name in _MARKDOWN:
                assert not re.search(r"(?<!\\)\]\(|(?<!\\):red|http://evil", text), f"{kind}.{name}: {text}"
