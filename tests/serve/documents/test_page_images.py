from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import islice

import pytest

from serve.page_images.renderer import PageImage
from tests.ingest import samples
from tests.serve.gateway import Gateway

TEXT = "Opening hours\n\nA library card costs 12 crowns.\n\nBring a photograph."
PAGES = [{"number": 1, "start": 0, "end": 46, "label": ""}, {"number": 2, "start": 48, "end": 67, "label": ""}]
FILE = samples.pdf(
    [
        [(50, 700, 12, "Opening hours"), (50, 600, 12, "A library card costs 12 crowns.")],
        [(50, 700, 12, "Bring a photograph.")],
    ]
)
pytestmark = pytest.mark.integration


def kept(gateway: Gateway, slug: str = "acme", **more: object) -> str:
    columns = {"media_type": "application/pdf", "filename": "library.pdf", "structure": {"pages": PAGES}, **more}
    return gateway.put(slug, "library", TEXT, original=gateway.keep(slug, FILE), **columns)


class TestPage:
    def test_is_a_png_with_the_passage_marked(self, gateway: Gateway, key: str) -> None:
        document = kept(gateway)
        start = TEXT.index("12 crowns")
        response = gateway.call("GET", f"/v1/documents/{document}/pages/1?start={start}&end={start + 9}&width=300", key)
        assert (response.status_code, response.headers["content-type"]) == (200, "image/png")
        assert response.headers["vernacular-marked"] == "yes"
        assert response.content.startswith(b"\x89PNG")

    def test_has_no_mark_where_the_passage_stands_on_another(self, gateway: Gateway, key: str) -> None:
        document = kept(gateway)
        start = TEXT.index("12 crowns")
        response = gateway.call("GET", f"/v1/documents/{document}/pages/2?start={start}&end={start + 9}", key)
        assert response.headers["vernacular-marked"] == "no"

    def test_is_told_of_by_the_documents_content(self, gateway: Gateway, key: str) -> None:
        plain = gateway.put("acme", "plain", "text")
        told = [gateway.call("GET", f"/v1/documents/{each}/content", key).json() for each in (kept(gateway), plain)]
        assert [each["page_images"] for each in told] == [True, False]

    def test_of_what_has_no_pages_is_not_there(self, gateway: Gateway, key: str) -> None:
        plain = gateway.put("acme", "plain", "text")
        response = gateway.call("GET", f"/v1/documents/{plain}/pages/1", key)
        assert (response.status_code, response.json()["error"]["message"]) == (
            404,
            "This document has no pages to show.",
        )

    def test_past_the_last_is_not_there(self, gateway: Gateway, key: str) -> None:
        response = gateway.call("GET", f"/v1/documents/{kept(gateway)}/pages/3", key)
        assert (response.status_code, response.json()["error"]["message"]) == (
            404,
            "There is no page 3: the document has 2.",
        )

    def test_with_a_number_that_no_document_has_is_refused(self, gateway: Gateway, key: str) -> None:
        response = gateway.call("GET", f"/v1/documents/{kept(gateway)}/pages/{10**30}", key)
        assert response.status_code == 400

    def test_keeps_nobody_else_waiting(self, gateway: Gateway, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
        document, ended = kept(gateway), threading.Event()
        monkeypatch.setattr(gateway.services.pages, "_rendered", lambda *_: ended.wait(20) and PageImage(b"", False))
        with ThreadPoolExecutor(60) as pool:
            asked = [
                pool.submit(gateway.call, "GET", f"/v1/documents/{document}/pages/1?width={200 + number}", key)
                for number in range(60)
            ]
            try:
                refused = [each.result().status_code for each in islice(as_completed(asked), 10)]
                with_pages = gateway.call("GET", "/v1/documents", key)
            finally:
                ended.set()
            statuses = Counter(each.result().status_code for each in asked)
        assert refused == [429] * 10
        assert with_pages.status_code == 200
        assert statuses == {200: 50, 429: 10}

    def test_is_nothing_for_those_who_may_not_read_it(self, gateway: Gateway) -> None:
        document = kept(gateway, groups=["hr"])
        reader = gateway.key("acme", "member", ["hr"])
        assert gateway.call("GET", f"/v1/documents/{document}/pages/1", reader).status_code == 200
        for stranger in (gateway.key("other"), gateway.key("acme", "public"), gateway.key("acme", "member", ["it"])):
            response = gateway.call("GET", f"/v1/documents/{document}/pages/1", stranger)
            assert (response.status_code, response.json()["error"]["name"]) == (404, "unknown_document")

    @pytest.mark.parametrize("path", ["/v1/documents/{}", "/v1/admin/documents/{}"])
    def test_is_forgotten_with_its_document(self, whole: Gateway, path: str) -> None:
        key, document = whole.key("acme"), kept(whole)
        address = f"/v1/documents/{document}/pages/1"
        assert whole.call("GET", address, key).status_code == 200
        assert whole.services.pages._kept
        assert whole.call("DELETE", path.format(document), key).status_code == 200
        assert not whole.services.pages._kept
        assert whole.call("GET", address, key).status_code == 404

    def test_of_a_broken_file_says_so(self, gateway: Gateway, key: str) -> None:
        digest = gateway.keep("acme", b"%PDF-1.7 broken")
        document = gateway.put("acme", "b", "text", media_type="application/pdf", filename="x/b.pdf", original=digest)
        error = gateway.call("GET", f"/v1/documents/{document}/pages/1", key).json()["error"]
        assert (error["name"], error["message"]) == ("unreadable_file", "This page of `b.pdf` is damaged.")

    def test_is_noted_in_the_audit_log(self, gateway: Gateway, key: str) -> None:
        gateway.call("GET", f"/v1/documents/{kept(gateway)}/pages/1", key)
        assert "document.read" in gateway.audited("acme")
