from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from ui.api import Api
from ui.gateway import search
from ui.gateway.values import day, moment, path_to
from ui.gateway_errors import GatewayError


class TestValues:
    def test_a_day_or_a_moment_that_is_not_told_is_none(self) -> None:
        assert (day(None), moment("")) == (None, None)
        assert day("2026-02-01") == date(2026, 2, 1)
        assert moment("2026-02-01T10:00:00+00:00") == datetime(2026, 2, 1, 10, tzinfo=UTC)

    def test_an_identifier_leads_out_of_no_folder(self) -> None:
        assert path_to("/v1/documents", "../jobs/1?a=b") == "/v1/documents/..%2Fjobs%2F1%3Fa%3Db"


class TestAnswersThatAreNotAsTheyShouldBe:
    @pytest.mark.parametrize(
        "body",
        [
            {"hits": ["no object"]},
            {"hits": [{"start": "far"}]},
            {"hits": [{"updated_at": "yesterday"}]},
            {"facets": [{"kind": "values"}]},
            {"query": {"understood": [{}]}},
        ],
    )
    def test_are_the_gateways_error_and_no_traceback(self, body: dict[str, Any]) -> None:
        http = httpx.Client(transport=httpx.MockTransport(lambda _request: httpx.Response(200, json=body)))
        with http, pytest.raises(GatewayError) as caught:
            search.search(Api(http, "http://gateway.test"), {"query": "permit"})
        assert caught.value.problem == "bad_answer"
