from __future__ import annotations

from typing import Any

import pytest

from tests.serve.gateway import Gateway
from vernacular.colours import READABLE, WHITE, contrast

PATH = "/v1/admin/settings"


def show(gateway: Gateway, slug: str = "acme") -> Any:
    response = gateway.call("GET", PATH, gateway.key(slug))
    assert response.status_code == 200, response.text
    return response.json()


def change(gateway: Gateway, **fields: Any) -> Any:
    response = gateway.call("PATCH", PATH, gateway.key("acme"), json=fields)
    assert response.status_code == 200, response.text
    return response.json()


def refusal(gateway: Gateway, **fields: Any) -> str:
    response = gateway.call("PATCH", PATH, gateway.key("acme"), json=fields)
    assert response.status_code == 400
    return str(response.json()["error"]["message"])


class TestSettings:
    def test_begin_empty(self, gateway: Gateway) -> None:
        assert show(gateway) == {
            "name": "acme",
            "display_name": "Acme",
            "languages": [],
            "greeting": "",
            "suggested_questions": [],
            "contact": {},
            "register": "",
            "glossary": {},
            "branding": {"color": None, "logo": False},
        }

    def test_are_where_everything_else_reads_them(self, gateway: Gateway) -> None:
        public = gateway.key("acme", "public")
        gateway.call("GET", "/v1/tenant", public)
        contact = {"name": "Town office", "phone": "555 0100", "email": "a@example.org", "uri": "https://example.org/x"}
        change(
            gateway,
            display_name="Acme  Town",
            languages=["zh-Hant", "en", "en"],
            greeting="Hello!\nAsk me.",
            suggested_questions=["What does a card cost?"],
            contact=contact,
            register="formal",
            glossary={"DOG": "dog licence", "CAT": ""},
            branding={"color": "#0B6B5D"},
        )
        shown = gateway.call("GET", "/v1/tenant", public).json()
        assert (shown["display_name"], shown["languages"]) == ("Acme Town", ["zh-Hant", "en"])
        assert (shown["greeting"], shown["contact"]) == ("Hello!\nAsk me.", contact)
        assert shown["suggested_questions"] == ["What does a card cost?"]
        assert shown["branding"] == {"color": "#0b6b5d", "logo": None}
        profile = gateway.services.keys.authenticate(public).tenant.profile
        assert (profile["register"], profile["glossary"]) == ("formal", {"DOG": "dog licence", "CAT": ""})

    def test_leave_what_is_not_given_and_take_away_what_is_empty(self, gateway: Gateway) -> None:
        change(gateway, greeting="Hello!", register="plain", glossary={"DOG": "x"}, branding={"color": "#0b6b5d"})
        found = change(gateway, greeting="", branding={"color": None})
        assert (found["greeting"], found["branding"]["color"]) == ("", None)
        assert (found["register"], found["glossary"]) == ("plain", {"DOG": "x"})
        tenant = gateway.services.keys.authenticate(gateway.key("acme")).tenant
        assert not {"greeting", "branding"} & tenant.profile.keys()

    def test_leave_the_rest_of_the_profile_alone(self, gateway: Gateway) -> None:
        profile = {"persona": "You are Rita.", "safety": {"pack": "eu"}, "dialect": {"script": "Hant"}}
        gateway.tenant("harbour", profile=profile)
        gateway.call("PATCH", PATH, gateway.key("harbour"), json={"greeting": "Hi"})
        tenant = gateway.services.keys.authenticate(gateway.key("harbour")).tenant
        assert tenant.profile == {**profile, "greeting": "Hi"}

    def test_show_a_contact_that_is_one_text_as_such(self, gateway: Gateway) -> None:
        gateway.tenant("harbour", profile={"contact": "Counter 4", "glossary": ["x"], "suggested_questions": "y"})
        found = show(gateway, "harbour")
        assert (found["contact"], found["glossary"], found["suggested_questions"]) == ({"text": "Counter 4"}, {}, [])

    def test_are_for_administrators(self, gateway: Gateway) -> None:
        for role in ("editor", "public"):
            assert gateway.call("GET", PATH, gateway.key("acme", role)).status_code == 403
            assert gateway.call("PATCH", PATH, gateway.key("acme", role), json={"greeting": "x"}).status_code == 403

    def test_are_logged_by_the_names_of_their_fields(self, gateway: Gateway) -> None:
        change(gateway, greeting="Hello!")
        assert gateway.audited("acme") == ["settings.changed"]


class TestRefusal:
    @pytest.mark.parametrize(
        "fields",
        [
            {"languages": ["no tag"]},
            {"languages": ["en"] * 101},
            {"display_name": "x" * 201},
            {"display_name": "a\u0000b"},
            {"greeting": "x" * 1001},
            {"suggested_questions": ["x"] * 13},
            {"suggested_questions": ["x" * 201]},
            {"suggested_questions": [""]},
            {"contact": {"uri": "javascript:alert(1)"}},
            {"contact": {"uri": "https://"}},
            {"contact": {"uri": "//example.org"}},
            {"contact": {"email": "nobody"}},
            {"contact": {"fax": "1"}},
            {"register": "loud"},
            {"glossary": {"": "x"}},
            {"glossary": {f"term {number}": "" for number in range(2001)}},
            {"branding": {"color": "teal"}},
            {"branding": {"color": "#fff"}},
            {"branding": {"logo": "x"}},
            {"persona": "You are Rita."},
        ],
    )
    def test_says_what_is_wrong_and_changes_nothing(self, gateway: Gateway, fields: dict[str, Any]) -> None:
        before = show(gateway)
        assert refusal(gateway, **fields)
        assert show(gateway) == before

    def test_of_a_colour_names_the_nearest_that_can_be_read_on(self, gateway: Gateway) -> None:
        said = refusal(gateway, branding={"color": "#FFCC00"})
        assert "contrast is 1.5:1" in said
        nearest = said.rstrip(".").rpartition(" ")[2]
        assert contrast(WHITE, nearest) >= READABLE
        assert change(gateway, branding={"color": nearest})["branding"]["color"] == nearest
