from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.serve.gateway import Gateway
from vernacular.dialects.imports import write_whole

PATH = "/v1/admin/dialects"
SETTINGS = f"{PATH}/settings"


def get(gateway: Gateway, path: str = PATH, role: str = "admin", **query: str) -> Any:
    response = gateway.call("GET", path, gateway.key("acme", role), params=query)
    assert response.status_code == 200, response.text
    return response.json()


def put(gateway: Gateway, body: dict[str, Any]) -> Any:
    response = gateway.call("PUT", SETTINGS, gateway.key("acme"), json=body)
    assert response.status_code == 200, response.text
    return response.json()


def import_word(home: Path, tag: str, word: str, standard: str) -> None:
    write_whole(home / "dialects" / tag / "words.tsv", f"dialect\tstandard\n{word}\t{standard}\n")


def try_out(gateway: Gateway, question: str, **more: Any) -> Any:
    response = gateway.call("POST", f"{PATH}/test", gateway.key("acme"), json={"question": question, **more})
    assert response.status_code == 200, response.text
    return response.json()


class TestPacks:
    def test_are_listed_with_what_they_hold(self, gateway: Gateway) -> None:
        packs = {pack["tag"]: pack for pack in get(gateway)["data"]}
        cantonese = packs["yue-Hant-HK"]
        assert cantonese["entries"] >= 300
        assert (cantonese["family"], cantonese["imported"]) == ("zh", 0)

    def test_count_what_was_imported_meanwhile(self, gateway: Gateway, home: Path) -> None:
        import_word(home, "yue-Hant-HK", "搲水", "取錢")
        assert get(gateway, f"{PATH}/yue-Hant-HK")["imported"] == 1

    def test_are_found_by_an_alias_and_asked_for_a_word(self, gateway: Gateway) -> None:
        found = get(gateway, f"{PATH}/yue", word="屋企")
        assert found["tag"] == "yue-Hant-HK"
        assert any("家" in entry["standard"] for entry in found["found"])

    def test_that_are_not_there_are_404(self, gateway: Gateway, key: str) -> None:
        response = gateway.call("GET", f"{PATH}/tlh", key)
        assert (response.status_code, response.json()["error"]["name"]) == (404, "unknown_dialect")

    @pytest.mark.parametrize("path", [PATH, SETTINGS, f"{PATH}/yue"])
    def test_are_for_administrators(self, gateway: Gateway, path: str) -> None:
        assert gateway.call("GET", path, gateway.key("acme", "editor")).status_code == 403
        assert gateway.call("GET", path).status_code == 401


class TestTryingAQuestion:
    def test_tells_how_it_is_understood_and_what_it_finds_with_and_without(self, whole: Gateway, home: Path) -> None:
        import_word(home, "yue-Hant-HK", "搲水飛", "提款卡")
        whole.put("acme", "cards", "遺失提款卡的客戶應通知本行。")
        whole.put("acme", "hours", "本行的辦公時間為上午九時至下午五時。")
        found = try_out(whole, "我唔見咗張搲水飛，點算好呀？")
        assert found["detection"]["tag"] == "yue-Hant-HK"
        assert {sign["text"] for sign in found["detection"]["signs"]} & {"唔", "唔見", "唔見咗", "咗"}
        [added] = [each for each in found["expansions"] if each["text"] == "搲水飛"]
        assert (added["terms"], added["kind"]) == (["提款卡"], "lexicon")
        assert found["query"][added["start"] : added["end"]] == "搲水飛"
        assert [hit["source_id"] for hit in found["hits_with"]][:1] == ["cards"]
        assert "cards" not in [hit["source_id"] for hit in found["hits_without"]]
        assert found["hits_with"][0]["other_rank"] is None

    def test_takes_the_variety_that_is_given(self, whole: Gateway) -> None:
        found = try_out(whole, "糧尾幾時出糧", dialect="yue-Hans-CN", top_k=3)
        assert found["dialect"] == "yue-Hans-CN"
        assert found["detection"]["decided_by"] == "person"

    def test_adds_nothing_for_a_tenant_that_wants_nothing_added(self, whole: Gateway) -> None:
        put(whole, {"preferences": {"expansion": False}})
        assert try_out(whole, "我唔見咗屋企鎖匙")["expansions"] == []

    def test_uses_the_tenants_own_words(self, whole: Gateway) -> None:
        put(whole, {"preferences": {"synonyms": {"the blue form": ["application P-12"]}}})
        added = try_out(whole, "Where do I get the blue form?")["expansions"]
        assert [(each["text"], each["terms"]) for each in added if each["kind"] == "glossary"] == [
            ("the blue form", ["application P-12"])
        ]

    def test_refuses_an_empty_question(self, whole: Gateway) -> None:
        response = whole.call("POST", f"{PATH}/test", whole.key("acme"), json={"question": " "})
        assert response.status_code == 400


class TestSettings:
    def test_begin_with_the_defaults(self, gateway: Gateway) -> None:
        found = get(gateway, SETTINGS)
        assert (found["dialects"], found["preferences"], found["assistants"]) == ([], {}, {})
        assert found["in_force"]["answer_in"] == "question"

    def test_are_kept_and_in_force_at_once(self, gateway: Gateway) -> None:
        key = gateway.key("acme")
        assert gateway.call("GET", "/v1/tenant", key).json()["dialects"] == []
        put(gateway, {"dialects": ["yue-Hant-HK"], "preferences": {"script": "Hant", "register": "plain"}})
        assert gateway.call("GET", "/v1/tenant", key).json()["dialects"] == ["yue-Hant-HK"]
        found = get(gateway, SETTINGS)
        assert found["preferences"] == {"script": "Hant", "register": "plain"}
        assert (found["in_force"]["script"], found["in_force"]["register"]) == ("Hant", "plain")

    def test_replace_what_is_given_as_a_whole_and_leave_the_rest(self, gateway: Gateway) -> None:
        put(gateway, {"dialects": ["es-MX"], "preferences": {"script": "Hant", "register": "plain"}})
        found = put(gateway, {"preferences": {"detect": False}})
        assert (found["dialects"], found["preferences"]) == (["es-MX"], {"detect": False})
        assert put(gateway, {"preferences": {}})["preferences"] == {}

    def test_of_an_assistant_win_over_the_tenants(self, gateway: Gateway) -> None:
        body = {"preferences": {"answer_in": "standard"}, "assistants": {"default": {"answer_in": "es-AR"}}}
        found = put(gateway, body)
        assert found["assistants"] == {"default": {"answer_in": "es-AR"}}
        assert found["in_force"]["answer_in"] == "es-AR"
        assert put(gateway, {"assistants": {"default": {}}})["in_force"]["answer_in"] == "standard"

    def test_say_which_varieties_have_no_pack(self, gateway: Gateway) -> None:
        assert put(gateway, {"dialects": ["yue", "tlh-Latn"]})["without_pack"] == ["tlh-Latn"]

    @pytest.mark.parametrize(
        "body",
        [
            {"preferences": {"answer_in": "no tag"}},
            {"preferences": {"tone": "plain"}},
            {"dialects": ["no tag"]},
            {"assistants": {"nobody": {}}},
            {"something": 1},
        ],
    )
    def test_that_are_none_are_refused_and_change_nothing(
        self, gateway: Gateway, key: str, body: dict[str, Any]
    ) -> None:
        assert gateway.call("PUT", SETTINGS, key, json={"dialects": ["es-MX"], **body}).status_code == 400
        assert get(gateway, SETTINGS)["dialects"] == []

    def test_are_each_tenants_own(self, gateway: Gateway) -> None:
        put(gateway, {"dialects": ["es-MX"]})
        assert gateway.call("GET", SETTINGS, gateway.key("other")).json()["dialects"] == []
