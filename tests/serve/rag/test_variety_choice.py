from __future__ import annotations

import pytest

from serve.rag.varieties import Varieties
from serve.rag.variety_choice import to_choose, understood
from vernacular.dialects.preferences import DialectPreferences
from vernacular.settings import DialectSettings
from vernacular.tenancy import Tenant
from vernacular.text.language import identify
from vernacular.types import Detection


@pytest.fixture(scope="module")
def varieties() -> Varieties:
    return Varieties(DialectSettings())


def tenant(*dialects: str) -> Tenant:
    return Tenant(id="t", slug="t", dialects=dialects)


class TestToChoose:
    def test_gives_each_declared_variety_once_however_it_is_written(self, varieties: Varieties) -> None:
        packs = to_choose(varieties, tenant("yue", "yue-Hant-HK", "es-mx"), DialectPreferences())
        assert [pack.tag for pack in packs] == ["yue-Hant-HK", "es-MX"]

    def test_adds_the_one_that_is_answered_in(self, varieties: Varieties) -> None:
        packs = to_choose(varieties, tenant("yue"), DialectPreferences(answer_in="nan"))
        assert [pack.tag for pack in packs] == ["yue-Hant-HK", "nan-Hant-TW"]

    def test_gives_nothing_where_the_tenant_declares_nothing(self, varieties: Varieties) -> None:
        assert to_choose(varieties, tenant(), DialectPreferences(answer_in="yue")) == []


class TestUnderstood:
    def told(self, varieties: Varieties, question: str, chosen: str | None = None) -> str | None:
        pack = understood(varieties, varieties.detect(question, identify(question), ["yue-Hant-HK"], chosen))
        return pack.tag if pack else None

    def test_is_the_variety_that_the_words_tell(self, varieties: Varieties) -> None:
        assert self.told(varieties, "我唔見咗張身份證，補領要幾多錢呀？") == "yue-Hant-HK"

    def test_is_not_what_was_merely_chosen(self, varieties: Varieties) -> None:
        assert self.told(varieties, "How much is a new identity card?", "yue-Hant-HK") is None

    def test_is_nothing_for_a_standard_language_or_a_guess(self, varieties: Varieties) -> None:
        assert understood(varieties, None) is None
        assert understood(varieties, Detection("es", "Latn", 0.99, (("es", 0.99),))) is None
        assert understood(varieties, Detection("ary-Arab-MA", "Arab", 0.56, (("ary-Arab-MA", 0.56),))) is None
