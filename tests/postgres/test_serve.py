"""The gateway's endpoints that touch SQL, on PostgreSQL."""

from __future__ import annotations

import pytest

from tests.serve.chat import test_endpoints as chat
from tests.serve.conversations import test_endpoints as conversations
from tests.serve.documents import test_endpoints as documents
from tests.serve.gateway import Gateway
from tests.serve.jobs import test_endpoints as jobs
from tests.serve.search import test_endpoints as search
from tests.serve.tenants import test_endpoints as tenants

pytestmark = pytest.mark.postgres


class TestCompletionWithTheRealPipeline(chat.TestWithTheRealPipeline): ...


class TestConversations(conversations.TestConversations): ...


class TestRecords(documents.TestRecords): ...


class TestFiles(documents.TestFiles): ...


class TestDocumentList(documents.TestList): ...


class TestContent(documents.TestContent): ...


class TestDelete(documents.TestDelete): ...


class TestShow(jobs.TestShow): ...


class TestJobList(jobs.TestList): ...


class TestCancel(jobs.TestCancel): ...


class TestSearchWithTheRealPipeline(search.TestWithTheRealPipeline): ...


class TestTenant(tenants.TestTenant): ...


class TestNul:
    @pytest.mark.parametrize(
        "path", ["/v1/documents/%00", "/v1/documents/a%00b/content", "/v1/jobs/%00", "/v1/conversations/%00"]
    )
    def test_an_id_with_nul_is_the_id_of_nothing(self, gateway: Gateway, key: str, path: str) -> None:
        assert gateway.call("GET", path, key).status_code == 404

    def test_a_source_with_nul_has_no_documents(self, gateway: Gateway, key: str) -> None:
        assert gateway.call("GET", "/v1/documents?source=%00", key).json()["documents"] == []

    def test_a_question_with_nul_is_answered(self, whole: Gateway) -> None:
        whole.put("acme", "hours", "The pool opens at nine.")
        answer = whole.ask(whole.key("acme"), "When does the \0 pool open?", store=True)
        assert answer.status_code == 200
