from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from tests.ui.fake_gateway import FakeGateway
from ui.bootstrap import KEYS_FILE, Site
from ui.gateway_errors import GatewayError
from vernacular.settings import Settings


class TestTenants:
    def test_there_are_none_before_the_file_is_written(self, tmp_path: Path) -> None:
        assert Site(Settings(home=tmp_path)).tenants() == {}

    def test_a_tenant_added_later_appears(self, tmp_path: Path) -> None:
        site = Site(Settings(home=tmp_path))
        (tmp_path / KEYS_FILE).write_text(json.dumps({"a": "k1"}))
        assert site.tenants() == {"a": "k1"}
        (tmp_path / KEYS_FILE).write_text(json.dumps({"a": "k1", "b": "k2"}))
        assert site.tenants() == {"a": "k1", "b": "k2"}

    def test_a_torn_file_is_as_none(self, tmp_path: Path) -> None:
        (tmp_path / KEYS_FILE).write_text('{"a": ')
        assert Site(Settings(home=tmp_path)).tenants() == {}


class TestGateway:
    def test_is_found_where_the_running_gateway_wrote_its_address(self, tmp_path: Path) -> None:
        asked: list[httpx.URL] = []

        def record(request: httpx.Request) -> httpx.Response:
            asked.append(request.url)
            return httpx.Response(200, json={})

        settings = Settings(home=tmp_path)
        settings.gateway_file.write_text(json.dumps({"url": "http://127.0.0.1:9911", "pid": 1}))
        Site(settings, httpx.MockTransport(record)).gateway("k").tenant()
        assert str(asked[0]) == "http://127.0.0.1:9911/v1/tenant"

    def test_is_unreachable_where_none_runs(self, tmp_path: Path) -> None:
        with pytest.raises(GatewayError, match="No gateway") as caught:
            Site(Settings(home=tmp_path), FakeGateway().transport()).gateway("k")
        assert caught.value.problem == "gateway_unreachable"
