from __future__ import annotations

import pytest

from vernacular.errors import FetchRefused
from vernacular.fetching.urls import check_url, join
from vernacular.settings import FetchSettings

SETTINGS = FetchSettings()


class TestCheckUrl:
    @pytest.mark.parametrize(
        ("written", "read"),
        [
            ("https://Example.com", "https://example.com/"),
            ("HTTPS://example.com.:443/a/./b/../c?d=e#f", "https://example.com/a/c?d=e"),
            ("http://example.com:443/", "http://example.com:443/"),
            ("https://münchen.de/straße?q=weiß", "https://xn--mnchen-3ya.de/stra%C3%9Fe?q=wei%C3%9F"),
            ("https://例子.中国/费用", "https://xn--fsqu00a.xn--fiqs8s/%E8%B4%B9%E7%94%A8"),
            ("http://93.184.216.34/", "http://93.184.216.34/"),
            ("https://[2606:4700:0:0:0:0:0:1111]:443/", "https://[2606:4700::1111]/"),
            ("https://example.com/%7Ea/../../b", "https://example.com/b"),
            ("https://example.com/a%2e%2e/%2E%2e/b", "https://example.com/b"),
        ],
    )
    def test_reads_an_address_into_its_one_form(self, written: str, read: str) -> None:
        found = check_url(written, SETTINGS)
        assert str(found) == read
        assert str(check_url(read, SETTINGS)) == read

    @pytest.mark.parametrize(
        "address",
        ["https://example.com/%", "https://example.com/%zz", "https://example.com/a\tb", "https://example.com/\u202ex",
         "https://example.com:8080/", "https://" + "a" * 64 + ".com/", "https://example.com/" + "a" * 2000,
         "https://127.0.0.1\\@example.com/", "https://user@example.com/", "https://exa_mple/"],
    )  # fmt: skip
    def test_refuses_what_can_be_read_in_two_ways_and_what_is_not_fetched(self, address: str) -> None:
        with pytest.raises(FetchRefused):
            check_url(address, SETTINGS)

    def test_takes_allowed_hosts_by_any_spelling_of_their_name(self) -> None:
        settings = FetchSettings(allow_hosts=["Wiki.Internal", "[fd12::7]:8080", "10.0.0.7"])
        assert check_url("http://WIKI.internal./", settings).inside
        assert check_url("http://[fd12:0::7]:8080/", settings).inside
        assert check_url("http://10.0.0.7/", settings).inside
        for other in ("http://wiki.internal:8080/", "http://[fd12::8]:8080/", "http://10.0.0.8/"):
            with pytest.raises(FetchRefused):
                check_url(other, settings)


class TestJoin:
    @pytest.mark.parametrize(
        ("location", "leads_to"),
        [
            ("/x", "https://example.com/x"), ("x", "https://example.com/a/x"), ("../x", "https://example.com/x"),
            ("?x", "https://example.com/a/b?x"), ("//other.com/x", "https://other.com/x"),
            ("https://other.com", "https://other.com/"),
        ],
    )  # fmt: skip
    def test_leads_where_a_browser_would_go(self, location: str, leads_to: str) -> None:
        assert str(join(check_url("https://example.com/a/b?c", SETTINGS), location, SETTINGS)) == leads_to

    @pytest.mark.parametrize("location", ["javascript:alert(1)", "file:///etc/passwd", "//127.0.0.1/", "\\\\127.0.0.1"])
    def test_is_as_strict_as_with_any_address(self, location: str) -> None:
        with pytest.raises(FetchRefused):
            join(check_url("https://example.com/a/b?c", SETTINGS), location, SETTINGS)
