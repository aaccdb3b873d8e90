from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from tests.ui.fake_gateway import DECLINE, DOCUMENTS, FakeGateway
from ui.client import Gateway, TextDelta, Variety, Verdict
from ui.gateway_errors import GatewayError


def _gateway(fake: FakeGateway, key: str = "vn-harbour") -> Gateway:
    return Gateway(httpx.Client(transport=fake.transport()), "http://gateway.test/", key)


def _replying(respond: Callable[[httpx.Request], httpx.Response]) -> Gateway:
    return Gateway(httpx.Client(transport=httpx.MockTransport(respond)), "http://gateway.test", "key")


def _ask(gateway: Gateway, question: str) -> tuple[str, Verdict]:
    *deltas, verdict = gateway.ask([{"role": "user", "content": question}])
    assert isinstance(verdict, Verdict)
    return "".join(delta.text for delta in deltas if isinstance(delta, TextDelta)), verdict


class TestTenant:
    def test_reads_what_a_visitor_may_know(self) -> None:
        tenant = _gateway(FakeGateway()).tenant()
        assert tenant.display_name == "海港市政府服務"
        assert tenant.languages == ("zh-Hant", "yue-Hant-HK", "en")
        assert tenant.contact["phone"] == "555 0100"

    def test_reads_the_varieties_that_answers_can_be_had_in(self) -> None:
        tenant = _gateway(FakeGateway()).tenant()
        assert tenant.varieties == (Variety("yue-Hant-HK", "廣東話（香港）"),)
        assert tenant.answer_in == "question"

    def test_has_no_varieties_where_an_older_gateway_tells_none(self) -> None:
        gateway = _replying(lambda _: httpx.Response(200, json={"name": "acme", "dialects": ["yue-Hant-HK"]}))
        assert gateway.tenant().varieties == ()

    def test_an_unknown_key_is_unauthorized(self) -> None:
        with pytest.raises(GatewayError, match="not known") as caught:
            _gateway(FakeGateway(), "wrong").tenant()
        assert caught.value.problem == "unauthorized"

    def test_a_page_that_is_no_gateway_is_a_bad_answer(self) -> None:
        gateway = _replying(lambda _: httpx.Response(200, text="<html>hello</html>"))
        with pytest.raises(GatewayError) as caught:
            gateway.tenant()
        assert caught.value.problem == "bad_answer"


class TestAsk:
    def test_joins_the_pieces_and_ends_with_the_verdict(self) -> None:
        text, verdict = _ask(_gateway(FakeGateway()), "補領身份證要幾多錢？")
        assert text == "根據文件：\n補領身份證的費用為港幣 425 元。 [1]"
        assert verdict.answered
        [source] = verdict.sources
        assert DOCUMENTS[source.document_id]["text"][source.start : source.end] == source.quote
        assert (source.page, source.valid_from, source.valid_until) == (2, "2026-04-01", None)

    def test_a_decline_has_no_sources(self) -> None:
        text, verdict = _ask(_gateway(FakeGateway()), "菠蘿包？")
        assert text == DECLINE
        assert not verdict.answered
        assert verdict.sources == ()

    def test_a_stream_without_its_last_chunk_is_interrupted(self) -> None:
        with pytest.raises(GatewayError) as caught:
            _ask(_gateway(FakeGateway(trouble="cut")), "身份證")
        assert caught.value.problem == "interrupted"

    def test_an_error_within_the_stream_is_raised(self) -> None:
        body = b'data: {"error": {"name": "vector_store_down", "message": "The index is down.", "hint": "Wait."}}\n\n'
        gateway = _replying(lambda _: httpx.Response(200, content=body))
        with pytest.raises(GatewayError, match="The index is down") as caught:
            _ask(gateway, "anything")
        assert (caught.value.problem, caught.value.hint) == ("vector_store_down", "Wait.")

    @pytest.mark.parametrize(
        ("error", "problem"),
        [
            (httpx.ConnectError("refused"), "gateway_unreachable"),
            (httpx.ReadTimeout("slow"), "timeout"),
            (httpx.ReadError("reset"), "interrupted"),
        ],
    )
    def test_what_fails_on_the_way_is_told_apart(self, error: httpx.HTTPError, problem: str) -> None:
        def fail(_request: httpx.Request) -> httpx.Response:
            raise error

        with pytest.raises(GatewayError) as caught:
            _ask(_replying(fail), "anything")
        assert caught.value.problem == problem

    def test_what_breaks_off_and_is_no_answer_is_not_called_one(self) -> None:
        def fail(_request: httpx.Request) -> httpx.Response:
            raise httpx.ReadError("reset")

        with pytest.raises(GatewayError) as caught:
            _replying(fail).api.post("/v1/documents", content=b"{}")
        assert caught.value.problem == "gateway_unreachable"

    def test_a_question_that_is_too_long_is_named_by_the_gateway(self) -> None:
        with pytest.raises(GatewayError) as caught:
            _ask(_gateway(FakeGateway()), "字" * 8001)
        assert caught.value.problem == "too_long"


class TestDocument:
    def test_reads_the_text_that_offsets_refer_to(self) -> None:
        document = _gateway(FakeGateway()).document("id-card")
        assert document.text == DOCUMENTS["id-card"]["text"]

    def test_an_identifier_cannot_leave_its_place_in_the_path(self) -> None:
        paths: list[bytes] = []

        def record(request: httpx.Request) -> httpx.Response:
            paths.append(request.url.raw_path)
            return httpx.Response(200, json={})

        _replying(record).document("../../v1/tenant?x=#y")
        assert paths == [b"/v1/documents/..%2F..%2Fv1%2Ftenant%3Fx%3D%23y/content"]

    def test_a_document_that_is_gone_is_unknown(self) -> None:
        with pytest.raises(GatewayError) as caught:
            _gateway(FakeGateway()).document("gone")
        assert caught.value.problem == "unknown_document"
