from __future__ import annotations

import pytest

from vernacular.access.names import one_line, origin_of, tenant_name, username_of
from vernacular.access.scopes import GRANTED, Scope, parse_scopes
from vernacular.errors import BadRequest


class TestUsername:
    @pytest.mark.parametrize("text", ["Maria", " MARIA ", "ｍａｒｉａ", "maria"])
    def test_is_one_however_it_is_typed(self, text: str) -> None:
        assert username_of(text) == "maria"

    @pytest.mark.parametrize("text", ["", " ", "a\nb", "a\u202eb", "a\u200bb", "a\0b", "x" * 201])
    def test_can_be_seen(self, text: str) -> None:
        with pytest.raises(BadRequest):
            username_of(text)

    @pytest.mark.parametrize("text", ["王小明", "مريم", "josé@example.org", "o'neill"])
    def test_may_be_in_any_script(self, text: str) -> None:
        assert username_of(text) == text


class TestOrigin:
    @pytest.mark.parametrize(
        ("text", "origin"),
        [
            ("https://www.example.org", "https://www.example.org"),
            ("HTTPS://WWW.Example.ORG:443/", "https://www.example.org"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://[::1]:80", "http://[::1]"),
            ("https://Straße.example", "https://xn--strae-oqa.example"),
            ("https://市政.example", "https://xn--7st04n.example"),
        ],
    )
    def test_is_as_browsers_send_it(self, text: str, origin: str) -> None:
        assert origin_of(text) == origin

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "null",
            "*",
            "www.example.org",
            "https://",
            "https://*.example.org",
            "https://example.org/path",
            "https://example.org#x",
            "https://user@example.org",
            "https://example.org:99999",
            "javascript:alert(1)",
            "https://exa mple.org",
            "https://example.org\\@evil.org",
        ],
    )
    def test_is_refused_if_it_is_none(self, text: str) -> None:
        with pytest.raises(BadRequest):
            origin_of(text)


class TestOthers:
    def test_a_tenants_name_is_small_letters_digits_and_hyphens(self) -> None:
        assert tenant_name("acme-2") == "acme-2"
        for text in ("", "Acme", "-a", "a/b", "..", "a" * 64, "a\n"):
            with pytest.raises(BadRequest):
                tenant_name(text)

    def test_a_line_is_composed_and_stripped(self) -> None:
        assert one_line(" Jose\u0301 ", 10, "A name") == "José"

    def test_scopes_are_listed_once_in_their_order(self) -> None:
        assert parse_scopes(["search", "chat", "search"]) == (Scope.chat, Scope.search)
        assert parse_scopes([]) == ()
        for scope in GRANTED:
            assert parse_scopes([scope.value]) == (scope,)

    @pytest.mark.parametrize("name", ["", "CHAT", "tenant", "account", "everything"])
    def test_no_other_scope_is_given(self, name: str) -> None:
        with pytest.raises(BadRequest):
            parse_scopes([name])
