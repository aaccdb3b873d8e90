from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from ingest.sources.items import SourceError
from ingest.sources.web import file_name
from tests.ingest.conftest import Home
from vernacular.errors import FetchFailed, VernacularError
from vernacular.fetching import Fetched

PAGE = "https://city.example.org/fees"
HTML = b"<html><head><title>Fees</title>%s</head><body><h1>Fees</h1><p>The fee is %s crowns.</p></body></html>"


def page(fee: bytes = b"3", head: bytes = b"", **more: Any) -> Fetched:
    return Fetched(**{"url": PAGE, "status": 200, "media_type": "text/html", "body": HTML % (head, fee), **more})


@dataclass
class FakeWeb:
    """Answers in turn; `asked` holds what was asked for: the address and the validators."""

    answers: list[Fetched | VernacularError]
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def fetch(self, url: str, etag: str = "", last_modified: str = "") -> Fetched:
        self.asked.append((url, etag, last_modified))
        answer = self.answers.pop(0)
        if isinstance(answer, VernacularError):
            raise answer
        return answer


def fetch(
    home: Home, web: FakeWeb, uris: Sequence[str] = (PAGE,), *, sync: bool = False, **described: Any
) -> dict[str, Any]:
    extra = {"described": described} if described else {}
    items = [{"kind": "url", "uri": uri, **extra} for uri in uris]
    online = replace(home, parts=replace(home.parts, web=web))
    return online.run(home.enqueue({"source": "web", "sync": sync, "items": items}))


class TestWebSource:
    def test_a_page_becomes_a_document_with_its_original(self, home: Home) -> None:
        view = fetch(home, FakeWeb([page(etag='"1"')]), groups=["staff"])
        assert (view["state"], view["done"], view["total"], view["failed"]) == ("succeeded", 1, 1, 0)
        row = home.documents()[PAGE]
        assert (row.title, row.uri, row.filename, row.media_type, row.groups) == (
            "Fees",
            PAGE,
            "fees",
            "text/html",
            ["staff"],
        )
        assert row.attributes["fetched"] == {"etag": '"1"'}
        assert row.original is not None
        assert home.parts.store.blobs.open(home.tenant.id, row.original).read() == HTML % (b"", b"3")
        assert home.found("fee crowns") == [PAGE]

    def test_an_unchanged_page_is_asked_for_on_condition_and_stays(self, home: Home) -> None:
        web = FakeWeb([page(etag='"1"', last_modified="Mon, 05 Jan 2026 10:00:00 GMT"), Fetched(PAGE, 304)])
        fetch(home, web)
        before = home.documents()[PAGE]
        view = fetch(home, web)
        assert web.asked[1] == (PAGE, '"1"', "Mon, 05 Jan 2026 10:00:00 GMT")
        after = home.documents()[PAGE]
        assert (view["state"], after.updated_at, after.content_hash) == (
            "succeeded",
            before.updated_at,
            before.content_hash,
        )

    def test_the_same_bytes_under_another_tag_are_unchanged_too(self, home: Home) -> None:
        web = FakeWeb([page(etag='"1"'), page(etag='"2"')])
        fetch(home, web)
        before = home.documents()[PAGE].updated_at
        fetch(home, web)
        assert home.documents()[PAGE].updated_at == before

    def test_an_unchanged_page_is_described_anew(self, home: Home) -> None:
        web = FakeWeb([page(etag='"1"'), Fetched(PAGE, 304)])
        fetch(home, web)
        fetch(home, web, groups=["staff"])
        row = home.documents()[PAGE]
        assert (row.groups, row.title, row.attributes["fetched"]) == (["staff"], "Fees", {"etag": '"1"'})

    def test_a_changed_page_replaces_the_one_before(self, home: Home) -> None:
        web = FakeWeb([page(), page(b"400")])
        fetch(home, web)
        fetch(home, web)
        assert list(home.documents()) == [PAGE]
        assert home.found("400") == [PAGE]

    @pytest.mark.parametrize("status", [404, 410])
    def test_a_page_that_is_gone_is_reported_and_stays(self, home: Home, status: int) -> None:
        web = FakeWeb([page(), Fetched(PAGE, status)])
        fetch(home, web)
        view = fetch(home, web)
        assert view["state"] == "partial"
        assert [(error["source_id"], error["name"]) for error in view["errors"]] == [(PAGE, "page_gone")]
        assert "stays" in view["errors"][0]["message"]
        assert list(home.documents()) == [PAGE]

    def test_a_page_that_is_gone_is_deleted_where_the_job_follows_deletions(self, home: Home) -> None:
        other = "https://city.example.org/hours"
        web = FakeWeb(
            [
                page(),
                page(url=other, body=b"Nine to five.", media_type="text/plain"),
                Fetched(PAGE, 404),
                Fetched(other, 304),
            ]
        )
        fetch(home, web, (PAGE, other), sync=True)
        view = fetch(home, web, (PAGE, other), sync=True)
        assert [(error["name"]) for error in view["errors"]] == ["page_gone"]
        assert list(home.documents()) == [other]

    def test_a_page_that_cannot_be_had_this_time_stays_even_then(self, home: Home) -> None:
        web = FakeWeb([page(), FetchFailed("It broke off.")])
        fetch(home, web, sync=True)
        view = fetch(home, web, sync=True)
        assert [(error["source_id"], error["name"]) for error in view["errors"]] == [(PAGE, "fetch_failed")]
        assert list(home.documents()) == [PAGE]

    def test_a_page_gives_its_own_address_on_its_own_host_alone(self, home: Home) -> None:
        own = b'<link rel="canonical" href="https://www.city.example.org/all-fees">'
        other = b'<link rel="canonical" href="https://bank.example.net/login">'
        fetch(home, FakeWeb([page(head=own)]))
        assert home.documents()[PAGE].uri == "https://www.city.example.org/all-fees"
        fetch(home, FakeWeb([page(head=other)]))
        assert home.documents()[PAGE].uri == PAGE

    def test_a_redirect_leaves_the_document_its_id_and_tells_the_last_address(self, home: Home) -> None:
        fetch(home, FakeWeb([page(url="https://city.example.org/new/fees.html")]))
        row = home.documents()[PAGE]
        assert (row.uri, row.filename) == ("https://city.example.org/new/fees.html", "fees.html")

    def test_an_address_inside_is_refused_by_the_worker_too(self, home: Home) -> None:
        items = [{"kind": "url", "uri": "http://169.254.169.254/latest/meta-data/"}]
        view = home.run(home.enqueue({"source": "web", "sync": False, "items": items}))
        assert [error["name"] for error in view["errors"]] == ["fetch_refused"]

    def test_an_archive_is_not_opened_from_an_address(self, home: Home) -> None:
        view = fetch(home, FakeWeb([page(body=b"PK\x05\x06" + bytes(18), media_type="application/zip")]))
        assert view["errors"][0]["name"] in ("unsupported_file", "empty_file")


class TestFileName:
    @pytest.mark.parametrize(
        ("url", "name"),
        [
            ("https://a.example/b/c.pdf?d=e", "c.pdf"), ("https://a.example/", "a.example"),
            ("https://a.example/%E8%B4%B9%E7%94%A8.html", "费用.html"), ("https://a.example/..%2F..%2Fetc%2Fpasswd", "_.._etc_passwd"),
            ("https://a.example/%00%0a.html", "_.html"), ("https://a.example/%2e%2e", "a.example"),
        ],
    )  # fmt: skip
    def test_is_a_plain_name(self, url: str, name: str) -> None:
        assert file_name(url) == name


def test_errors_are_gone_only_where_they_say_so() -> None:
    assert not SourceError("a", "b", "c").gone
