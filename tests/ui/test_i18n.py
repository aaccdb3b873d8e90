from __future__ import annotations

import string

import pytest

from ui.i18n import DEFAULT, available, choose, load, match
from ui.i18n.languages import direction, language_name


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


class TestFiles:
    def test_the_languages_of_the_demo_are_there(self) -> None:
        assert {"en", "zh-Hans", "zh-Hant", "yue", "ar", "es"} <= set(available())

    @pytest.mark.parametrize("tag", available())
    def test_each_has_every_string_with_its_placeholders(self, tag: str) -> None:
        english, strings = load(DEFAULT), load(tag)
        assert strings.texts.keys() == english.texts.keys()
        assert strings.errors.keys() == english.errors.keys()
        for key, text in english.texts.items():
            assert _placeholders(strings.texts[key]) == _placeholders(text), key
        assert all(text.strip() for text in strings.texts.values())
        assert all(error["message"] and error["hint"] for error in strings.errors.values())

    def test_only_arabic_reads_from_the_right(self) -> None:
        assert [tag for tag in available() if load(tag).direction == "rtl"] == ["ar"]


class TestMatch:
    @pytest.mark.parametrize(
        ("asked", "offered"),
        [
            ("zh-HK", "zh-Hant"),
            ("zh-TW", "zh-Hant"),
            ("zh-CN", "zh-Hans"),
            ("zh", "zh-Hans"),
            ("zh-Hant-TW", "zh-Hant"),
            ("cmn-Hans-x-sichuan", "zh-Hans"),
            ("yue-Hant-HK", "yue"),
            ("es-MX", "es"),
            ("arz-Arab-EG", "ar"),
            ("EN_us", "en"),
            ("fi", None),
            ("", None),
            (None, None),
        ],
    )
    def test_a_tag_finds_the_language_that_is_offered(self, asked: str | None, offered: str | None) -> None:
        assert match(asked) == offered


class TestChoose:
    def test_what_was_picked_goes_first(self) -> None:
        assert choose("es", "zh-HK", ["zh-Hant"]) == "es"

    def test_then_the_browsers_where_the_tenant_serves_it(self) -> None:
        assert choose(None, "en-GB", ["zh-Hant", "en"]) == "en"

    def test_then_the_tenants_first(self) -> None:
        assert choose(None, "es-ES", ["zh-Hant", "en"]) == "zh-Hant"

    def test_a_nonsense_choice_is_no_choice(self) -> None:
        assert choose("../../etc", "fi", []) == DEFAULT


class TestLanguageName:
    def test_is_found_by_ever_shorter_prefixes(self) -> None:
        assert language_name("yue-Hant-HK") == "粵語"
        assert language_name("es-MX") == "Español de México"
        assert language_name("tlh") == "tlh"

    def test_direction_follows_the_language(self) -> None:
        assert direction("arz-Arab-EG") == "rtl"
        assert direction("en") == "ltr"
