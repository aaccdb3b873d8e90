from __future__ import annotations

import json
from importlib import resources

import pytest

from serve.transparency.notices import FALLBACK, label, languages, notice, notices
from ui.i18n import available


class TestNotice:
    def test_there_is_one_in_every_language_that_the_product_speaks(self) -> None:
        spoken = json.loads(resources.files("serve.rag.phrases").joinpath("phrases.json").read_text(encoding="utf-8"))
        assert set(spoken) | set(available()) <= set(languages())

    @pytest.mark.parametrize("language", languages())
    def test_names_who_answers_and_is_in_words_of_its_own(self, language: str) -> None:
        told = notice(language, "Harbour")
        assert "Harbour" in told
        assert "{" not in told
        assert language == FALLBACK or told != notice(FALLBACK, "Harbour")
        assert label(language)

    @pytest.mark.parametrize(
        ("tag", "as_in"),
        [
            ("yue-Hant-HK", "yue"),
            ("nan-Hant-TW", "zh-Hant"),
            ("zh-TW", "zh-Hant"),
            ("zh", "zh-Hans"),
            ("wuu-Hans", "zh-Hans"),
            ("cmn-Hans-x-sichuan", "zh-Hans"),
            ("arz-Arab-EG", "ar"),
            ("es-MX", "es"),
            ("pt-BR", "pt"),
            ("xx", "en"),
        ],
    )
    def test_varieties_are_told_in_the_nearest_language(self, tag: str, as_in: str) -> None:
        assert notice(tag, "Harbour") == notice(as_in, "Harbour")

    def test_a_tenant_without_languages_is_told_in_english(self) -> None:
        assert list(notices((), "Harbour")) == ["en"]

    def test_chinese_labels_read_as_the_national_standard_asks(self) -> None:
        assert {label(tag) for tag in ("zh-Hans", "zh-Hant", "yue-Hant-HK")} == {"AI生成"}
