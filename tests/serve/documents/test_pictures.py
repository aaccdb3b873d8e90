from __future__ import annotations

from typing import Any

import pytest

from serve.documents.upload import PICTURE_SUFFIXES
from tests.serve.gateway import Gateway
from vernacular.db.models import JobRow
from vernacular.tenancy import TenantScope

PICTURE = b"RIFF\x00\x00\x00\x00WEBPVP8 "


def product(gateway: Gateway, slug: str = "acme", **more: Any) -> str:
    return gateway.put(slug, "SG-1", "A wok.", picture=gateway.keep(slug, PICTURE), **more)


class TestPicture:
    def test_is_a_webp(self, gateway: Gateway, key: str) -> None:
        response = gateway.call("GET", f"/v1/documents/{product(gateway)}/picture", key)
        assert (response.status_code, response.content) == (200, PICTURE)
        assert response.headers["content-type"] == "image/webp"
        assert response.headers["x-content-type-options"] == "nosniff"

    def test_is_told_of_by_the_document(self, gateway: Gateway, key: str) -> None:
        ids = product(gateway), gateway.put("acme", "plain", "text")
        assert [gateway.call("GET", f"/v1/documents/{each}", key).json()["picture"] for each in ids] == [True, False]

    def test_that_there_is_not_is_not_found(self, gateway: Gateway, key: str) -> None:
        response = gateway.call("GET", f"/v1/documents/{gateway.put('acme', 'plain', 'text')}/picture", key)
        assert (response.status_code, response.json()["error"]["message"]) == (404, "This document has no picture.")

    def test_is_nothing_for_those_who_may_not_read_the_document(self, gateway: Gateway) -> None:
        document = product(gateway, groups=["hr"])
        assert gateway.call(
            "GET", f"/v1/documents/{document}/picture", gateway.key("acme", "member", ["hr"])
        ).is_success
        for stranger in (gateway.key("other"), gateway.key("acme", "public"), gateway.key("acme", "member", ["it"])):
            response = gateway.call("GET", f"/v1/documents/{document}/picture", stranger)
            assert (response.status_code, response.json()["error"]["name"]) == (404, "unknown_document")

    @pytest.mark.parametrize("path", ["/v1/documents/{}", "/v1/admin/documents/{}"])
    def test_goes_with_its_document(self, whole: Gateway, path: str) -> None:
        document = product(whole)
        assert whole.call("DELETE", path.format(document), whole.key("acme")).status_code == 200
        assert [file for file in whole.services.settings.blobs_path.rglob("*") if file.is_file()] == []


class TestUpload:
    def test_takes_pictures_beside_a_feed_as_they_are(self, gateway: Gateway, key: str) -> None:
        files = [("file", ("shop.csv", b"sku,name,image\n1,pot,a.png\n")), ("file", ("a.png", b"\x89PNG"))]
        fields = {"mapping": '{"id": "sku", "picture": "image"}'}
        job_id = gateway.call("POST", "/v1/documents", key, files=files, data=fields).json()["job_id"]
        with gateway.services.database.read() as session:
            row = TenantScope(session, gateway.tenants["acme"]).get(JobRow, job_id)
        assert row is not None
        assert [item["kind"] for item in row.spec["items"]] == ["feed", "file"]
        assert "mapping" not in row.spec["items"][1]
        assert ".png" in PICTURE_SUFFIXES
