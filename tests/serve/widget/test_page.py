"""The script, the frame and its words: what a browser gets, and with which rules."""

from __future__ import annotations

import json
import re
from importlib import resources

import pytest

from serve.transparency.notices import label, notice
from serve.widget.page import file, frame_page
from serve.widget.wording import choose, direction, languages
from tests.serve.gateway import Gateway
from tests.serve.widget.conftest import OWN, SITE, Embedded, body_of, elements, embed, text_of
from vernacular.access.widget_sessions import FrameKey
from vernacular.colours import WHITE, contrast
from vernacular.tenancy import Platform

WANTED = {"en", "zh-Hans", "zh-Hant", "yue", "ar", "es", "fr", "pt", "ru", "vi", "id", "th", "he", "fa", "ur"}
MOST_BYTES = 30_000
_PLACE = re.compile(r"\{\w+\}")


def directives(policy: str) -> dict[str, str]:
    return dict(part.partition(" ")[::2] for part in policy.split("; "))


class TestScript:
    def test_is_one_file_for_everyone(self, gateway: Gateway) -> None:
        found = gateway.call("GET", "/widget.js")
        assert found.status_code == 200
        assert found.headers["content-type"] == "text/javascript; charset=utf-8"
        assert found.headers["cross-origin-resource-policy"] == "cross-origin"
        assert found.headers["x-content-type-options"] == "nosniff"
        again = gateway.call("GET", "/widget.js", headers={"If-None-Match": found.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")

    @pytest.mark.parametrize("name", ["widget.js", "frame.js", "frame.css", "frame.html"])
    def test_nothing_makes_markup_of_text_or_asks_another_host(self, name: str) -> None:
        source = file(name).content.decode()
        forbidden = r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function|setTimeout|srcdoc|localStorage|cookie"
        assert not re.findall(forbidden, source)
        assert set(re.findall(r"https?://[^\s'\"]+", source)) <= {
            "https://GATEWAY/widget.js",
            "http://www.w3.org/2000/svg",
        }

    @pytest.mark.parametrize("language", sorted(WANTED))
    def test_and_all_that_comes_with_it_stays_small(self, language: str) -> None:
        key = FrameKey("x" * 32, "y" * 64)
        page = frame_page(
            widget="x" * 36,
            assistant="",
            site="https://www.harbour.example",
            key=key,
            language=language,
            name="Harbour District Council",
            color="#123456",
        )
        files = sum(len(file(name).content) for name in ("widget.js", "frame.js", "frame.css"))
        assert files + len(page.encode()) < MOST_BYTES


class TestLook:
    def test_is_told_to_the_widgets_site_alone(self, gateway: Gateway, embedded: Embedded) -> None:
        asked = {"widget": embedded.id, "languages": "fr-CA,en"}
        found = gateway.call("GET", "/v1/widget", params=asked, headers={"Origin": SITE})
        look = found.json()
        assert (look["language"], look["direction"], look["title"]) == ("fr", "ltr", "Discuter avec Acme")
        assert contrast(look["color"], WHITE) >= 4.5
        assert found.headers["access-control-allow-origin"] == SITE
        for origin in ("https://evil.example", "null"):
            refused = gateway.call("GET", "/v1/widget", params=asked, headers={"Origin": origin})
            assert refused.status_code == 403
            assert "access-control-allow-origin" not in refused.headers

    def test_has_the_tenants_colour_as_dark_as_white_needs_it(self, gateway: Gateway, embedded: Embedded) -> None:
        with gateway.services.database.write() as session:
            Platform(session).tenant_row("acme").profile = {"branding": {"color": "#ffd500"}}
        gateway.services.keys.forget()
        asked = gateway.call("GET", "/v1/widget", params={"widget": embedded.id}, headers={"Origin": SITE}).json()
        assert asked["color"] != "#ffd500"
        assert contrast(asked["color"], WHITE) >= 4.5
        assert body_of(embedded.frame().text)["data-color"] == asked["color"]

    def test_is_told_to_a_page_beside_the_gateway(self, gateway: Gateway, key: str) -> None:
        """Browsers send no `Origin` with what a page asks of its own."""
        beside = embed(gateway, key, origins=[OWN])
        asked = {"widget": beside.id}
        own = {"Sec-Fetch-Site": "same-origin"}
        assert gateway.call("GET", "/v1/widget", params=asked, headers=own).status_code == 200
        assert gateway.call("GET", "/v1/widget", params=asked).status_code == 403


class TestFrame:
    def test_is_for_one_site_and_loads_nothing_but_its_own_files(self, embedded: Embedded) -> None:
        found = embedded.frame()
        policy = directives(found.headers["content-security-policy"])
        assert policy == {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "img-src": "blob:",
            "connect-src": "'self'",
            "base-uri": "'none'",
            "form-action": "'none'",
            "frame-ancestors": SITE,
            "require-trusted-types-for": "'script'",
            "trusted-types": "'none'",
        }
        assert "x-frame-options" not in found.headers
        assert found.headers["cache-control"] == "no-store"
        assert found.headers["referrer-policy"] == "no-referrer"
        assert "microphone=()" in found.headers["permissions-policy"]
        assert "set-cookie" not in found.headers
        inline = [
            tag
            for tag, has in elements(found.text)
            if tag == "style" or "style" in has or (tag == "script" and not has.get("src"))
        ]
        assert not inline
        assert not [has for _tag, has in elements(found.text) for name in has if name.startswith("on")]

    def test_is_refused_for_another_site(self, embedded: Embedded) -> None:
        for site in ("https://evil.example", "*", f"{SITE} https://evil.example", "", "null"):
            refused = embedded.frame(site)
            assert refused.status_code == 403, site
            assert refused.headers["x-frame-options"] == "DENY"
            assert directives(refused.headers["content-security-policy"])["frame-ancestors"] == "'none'"

    def test_is_not_there_for_a_widget_that_is_not(self, gateway: Gateway, key: str, embedded: Embedded) -> None:
        gateway.call("DELETE", f"/v1/admin/widgets/{embedded.id}", key)
        assert embedded.frame().status_code == 404

    def test_has_a_secret_of_its_own_each_time(self, embedded: Embedded) -> None:
        told = [body_of(embedded.frame().text) for _ in range(2)]
        for name in ("data-secret", "data-frame"):
            assert told[0][name] != told[1][name]

    def test_tells_before_the_first_input_that_an_ai_answers(self, embedded: Embedded) -> None:
        page = embedded.frame(languages="yue-Hant-HK").text
        assert ("html", {"lang": "yue", "dir": "ltr"}) in elements(page)
        assert notice("yue", "Acme") in text_of(page)
        assert json.loads(body_of(page)["data-words"])["label"] == label("yue")

    def test_reads_from_the_right_where_its_language_does(self, embedded: Embedded) -> None:
        assert ("html", {"lang": "ar", "dir": "rtl"}) in elements(embedded.frame(languages="arz-EG,en").text)

    def test_shows_the_tenants_name_as_text(self, gateway: Gateway, embedded: Embedded) -> None:
        name = """<img src=x onerror="alert(1)">'"&amp;</script>"""
        with gateway.services.database.write() as session:
            Platform(session).tenant_row("acme").display_name = name
        gateway.services.keys.forget()
        page = embedded.frame().text
        assert f"Chat with {name}" in text_of(page)
        assert [has["id"] for tag, has in elements(page) if tag == "img"] == ["logo"]

    def test_its_files_are_known_by_their_content(self, gateway: Gateway, embedded: Embedded) -> None:
        page = embedded.frame().text
        addresses = [has[name] for tag, has in elements(page) for name in ("href", "src") if name in has]
        assert [address.partition("?v=")[0] for address in addresses] == ["frame.css", "frame.js"]
        for address in addresses:
            served = gateway.call("GET", f"/widget/{address}")
            assert served.headers["etag"] == f'"{address.partition("?v=")[2]}"'


class TestWords:
    def test_are_there_in_every_language_that_is_wanted(self) -> None:
        assert set(languages()) >= WANTED

    @pytest.mark.parametrize("language", sorted(languages()))
    def test_are_whole_in_each(self, language: str) -> None:
        english, words = languages()["en"], languages()[language]
        assert set(words) == set(english)
        for name, text in words.items():
            assert text.strip(), name
            assert set(_PLACE.findall(text)) == set(_PLACE.findall(english[name])), name
        same = {name for name in words if words[name] == english[name]}
        assert language == "en" or len(same) <= 4, f"left in English: {sorted(same)}"

    def test_are_those_that_the_frame_says(self) -> None:
        files = "".join(file(name).content.decode() for name in ("frame.js", "frame.html"))
        said = set(re.findall(r"(?:'|\bwords\.|\$)(\w+)", files))
        assert set(languages()["en"]) - said == set()

    def test_are_packed_with_the_rest(self) -> None:
        packed = resources.files("serve.widget").joinpath("strings")
        assert {each.name for each in packed.iterdir()} == {f"{tag}.json" for tag in languages()}

    @pytest.mark.parametrize(
        ("wanted", "chosen"),
        [
            ("zh-HK", "zh-Hant"),
            ("zh-hant-hk", "zh-Hant"),
            ("zh_TW", "zh-Hant"),
            ("zh", "zh-Hans"),
            ("yue-Hant-HK,en", "yue"),
            ("es-AR", "es"),
            ("iw", "he"),
            ("in-ID", "id"),
            ("de-AT,fr,en", "fr"),
            ("de", "en"),
            ("", "en"),
            ("-,<x>,ar", "ar"),
        ],
    )
    def test_are_chosen_by_the_first_wish_that_can_be_met(self, wanted: str, chosen: str) -> None:
        assert choose(wanted.split(",")) == chosen

    def test_say_which_way_they_run(self) -> None:
        assert {tag for tag in languages() if direction(tag) == "rtl"} == {"ar", "fa", "he", "ur"}


class TestTag:
    def test_is_ready_to_be_pasted(self, gateway: Gateway, key: str) -> None:
        made = gateway.call("POST", "/v1/admin/widgets", key, json={"origins": [SITE]}).json()
        tag = f'<script src="http://testserver/widget.js" data-widget="{made["about"]["id"]}" async></script>'
        assert made["tag"] == made["about"]["tag"] == tag
        assert gateway.call("GET", "/v1/admin/widgets", key).json()["data"][0]["tag"] == tag
