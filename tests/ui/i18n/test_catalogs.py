from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest

from docs.update_messages import Message, catalogs, messages
from ui.i18n import DEFAULT, available, choose, load, match
from ui.i18n.catalog import translations
from ui.i18n.error_texts import ERRORS
from ui.i18n.languages import direction, language_name

WRITTEN = tuple(tag for tag in available() if tag != DEFAULT)
MESSAGES = dict(messages())


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def forms(message: Message) -> tuple[str, ...]:
    return (message,) if isinstance(message, str) else message


def translated(tag: str, message: Message) -> list[str]:
    """What the language says for it, in each of its plural forms; a missing one is the English text."""
    strings = load(tag)
    if isinstance(message, str):
        return [strings.translations.gettext(message)]
    return [strings.translations.ngettext(message[0], message[1], n) for n in (0, 1, 2, 3, 5, 11, 21, 100)]


class TestCatalogs:
    def test_the_interface_speaks_these_languages(self) -> None:
        spoken = {"en", "zh-Hans", "zh-Hant", "yue", "ar", "es", "fr", "pt", "ru", "vi", "id", "th", "he", "fa", "ur"}
        assert set(available()) == spoken
        assert len(catalogs()) == len(WRITTEN)

    @pytest.mark.parametrize("tag", WRITTEN)
    def test_each_has_every_text_of_the_source_with_its_placeholders(self, tag: str) -> None:
        """`make messages` brings new ones in."""
        known = load(tag).translations._catalog  # type: ignore[attr-defined]
        missing = [each for each in MESSAGES if forms(each)[0] not in known and (forms(each)[0], 0) not in known]
        assert missing == []
        for message in MESSAGES:
            wanted = placeholders(forms(message)[-1])
            for told in translated(tag, message):
                assert told.strip()
                assert placeholders(told) == wanted or (not isinstance(message, str) and placeholders(told) <= wanted)

    @pytest.mark.parametrize("tag", WRITTEN)
    def test_none_has_a_text_that_the_source_has_no_more(self, tag: str) -> None:
        known = load(tag).translations._catalog  # type: ignore[attr-defined]
        texts = {text for message in MESSAGES for text in forms(message)[:1]} | {""}
        assert {key if isinstance(key, str) else key[0] for key in known} <= texts

    def test_texts_that_are_shown_stand_in_their_call(self) -> None:
        """A text put together at run time could not be found, nor translated."""
        assert [place for file in Path("ui").rglob("*.py") for place in built_texts(file)] == []

    def test_these_read_from_the_right(self) -> None:
        assert [tag for tag in available() if load(tag).direction == "rtl"] == ["ar", "fa", "he", "ur"]

    def test_every_error_says_what_happened_and_what_to_do(self) -> None:
        for name in ERRORS:
            assert load("es").error(name) != (message := load(DEFAULT).error(name))
            assert message is not None
            assert all(message)
        assert load("es").error("no_such_error") is None


def built_texts(file: Path) -> list[str]:
    calls = [node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    named = [
        call
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in {"text", "plural"}
        and ast.unparse(call.func.value).endswith("strings")
    ]
    wrong = [call for call in named if not call.args or isinstance(call.args[0], ast.JoinedStr | ast.BinOp)]
    return [f"{file}:{call.lineno}" for call in wrong]


class TestNames:
    @pytest.mark.parametrize("tag", available())
    def test_each_language_is_offered_by_its_name_in_itself(self, tag: str) -> None:
        assert load(tag).name != tag


class TestPlural:
    def test_counts_as_the_language_does(self) -> None:
        english = load("en")
        assert english.plural("{n} document", "{n} documents", 1) == "1 document"
        assert english.plural("{n} document", "{n} documents", 1200, shown="1,200") == "1,200 documents"

    @pytest.mark.parametrize(("tag", "forms"), [("ar", 6), ("ru", 3), ("es", 2), ("vi", 1)])
    def test_takes_each_of_a_languages_plural_forms(self, tag: str, forms: int) -> None:
        assert len({translations(tag).plural(number) for number in range(200)}) == forms  # type: ignore[attr-defined]


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
            ("nan-Hant-TW", "zh-Hant"),
            ("yue-Hant-HK", "yue"),
            ("es-MX", "es"),
            ("pt-BR", "pt"),
            ("arz-Arab-EG", "ar"),
            ("iw", "he"),
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
