from __future__ import annotations

from tests.serve.gateway import Gateway
from vernacular.dialects.registry import built_in


class TestTenant:
    def test_is_the_callers_own_with_all_a_front_end_shows(self, gateway: Gateway) -> None:
        profile = {
            "greeting": "你好！",
            "contact": {"phone": "555 0100"},
            "suggested_questions": ["补领要几多钱？"],
            "internal": "not for people",
        }
        gateway.tenant("harbour", languages=["zh-Hant", "en"], dialects=["yue-Hant-HK"], profile=profile)
        shown = gateway.call("GET", "/v1/tenant", gateway.key("harbour", "public")).json()
        cantonese = built_in().get("yue-Hant-HK").manifest
        notices = shown.pop("ai_notice")
        assert list(notices) == ["zh-Hant", "en"]
        assert all("Harbour" in text for text in notices.values())
        assert shown == {
            "name": "harbour",
            "display_name": "Harbour",
            "languages": ["zh-Hant", "en"],
            "dialects": ["yue-Hant-HK"],
            "varieties": [{"tag": "yue-Hant-HK", "name": cantonese.name, "native": cantonese.native}],
            "answer_in": "question",
            "greeting": "你好！",
            "contact": {"phone": "555 0100"},
            "suggested_questions": ["补领要几多钱？"],
            "assistants": ["default"],
            "role": "public",
            "sign_in": False,
            "vision": False,
            "max_images": 4,
            "max_image_mb": 8.0,
            "branding": {"color": None, "logo": None},
        }

    def test_tells_the_variety_that_it_answers_in_though_it_is_declared_by_another_tag(self, gateway: Gateway) -> None:
        gateway.tenant("harbour", dialects=["yue", "x-unheard-of"], profile={"dialect": {"answer_in": "nan"}})
        shown = gateway.call("GET", "/v1/tenant", gateway.key("harbour", "public")).json()
        assert [variety["tag"] for variety in shown["varieties"]] == ["yue-Hant-HK", "nan-Hant-TW"]
        assert shown["answer_in"] == "nan-Hant-TW"

    def test_without_a_profile_has_its_name(self, gateway: Gateway, key: str) -> None:
        shown = gateway.call("GET", "/v1/tenant", key).json()
        assert (shown["name"], shown["greeting"], shown["contact"], shown["suggested_questions"]) == (
            "acme",
            "",
            {},
            [],
        )
