from __future__ import annotations

import pytest

from ui.i18n import load
from ui.widgets.domains import DOMAINS, domain_name, source_name
from ui.widgets.language_choice import OFFERED, native_name
from vernacular.dialects.catalogue import summary
from vernacular.dialects.registry import built_in

STRINGS = load("en")


class TestNativeName:
    @pytest.mark.parametrize(
        ("tag", "name"),
        [
            ("yue-Hant-HK", "粵語"),
            ("uk", "Українська"),
            ("ur", "اردو"),
            ("tlh-Latn", "tlh-Latn"),
            ("family", "family"),
        ],
    )
    def test_is_the_languages_own_or_the_tag(self, tag: str, name: str) -> None:
        assert native_name(tag) == name

    def test_is_known_of_every_language_that_is_offered(self) -> None:
        assert [tag for tag in OFFERED if native_name(tag) == tag] == []
        assert len(set(OFFERED)) == len(OFFERED)


class TestSources:
    def test_name_every_field_of_the_packs(self) -> None:
        registry = built_in()
        known = {domain for pack in registry for domain in summary(registry, pack)["domains"]}
        assert known <= DOMAINS.keys()

    @pytest.mark.parametrize(
        ("kind", "source", "said"),
        [
            ("lexicon", "yue-Hant-HK", "Dialect dictionary · 粵語"),
            ("domain", "zh/public_order", "Everyday words · 中文 · Public order"),
            ("spelling", "documents", "Spelling · words of your documents"),
            ("glossary", "", "Your own words"),
            ("unheard-of", "x/y", "unheard-of · x · y"),
        ],
    )
    def test_say_where_a_word_was_found(self, kind: str, source: str, said: str) -> None:
        assert source_name(STRINGS, kind, source) == said

    def test_of_an_operators_own_pack_keep_their_name(self) -> None:
        assert domain_name(STRINGS, "fishing") == "fishing"
