from __future__ import annotations

import pytest

from vernacular.embeddings.presets import find_preset, presets, resolve
from vernacular.errors import InvalidSetting
from vernacular.settings import EmbeddingSettings


def settings(model: str, **fields: object) -> EmbeddingSettings:
    return EmbeddingSettings.model_validate({"backend": "openai", "url": "http://x/v1", "model": model, **fields})


class TestPresets:
    @pytest.mark.parametrize("name", presets())
    def test_each_says_what_is_needed(self, name: str) -> None:
        preset = presets()[name]
        assert preset.dimension > 0
        assert preset.tokens > 0
        assert preset.licence

    @pytest.mark.parametrize(
        ("name", "dimension"),
        [
            ("BAAI/bge-m3", 1024),
            ("intfloat/multilingual-e5-small", 384),
            ("intfloat/multilingual-e5-base", 768),
            ("intfloat/multilingual-e5-large-instruct", 1024),
            ("Qwen/Qwen3-Embedding-0.6B", 1024),
            ("Qwen/Qwen3-Embedding-4B", 2560),
            ("Qwen/Qwen3-Embedding-8B", 4096),
        ],
    )
    def test_names_the_models_in_use(self, name: str, dimension: int) -> None:
        assert presets()[name].dimension == dimension

    def test_finds_a_folder_by_its_name(self) -> None:
        found = find_preset("/models/Multilingual-E5-small")
        assert found is not None
        assert found.query_prefix == "query: "
        assert find_preset("/models/our-own") is None


class TestResolve:
    def test_takes_what_the_maker_says(self) -> None:
        model = resolve(settings("intfloat/multilingual-e5-base"))
        assert (model.query_prefix, model.document_prefix) == ("query: ", "passage: ")
        assert resolve(settings("Qwen/Qwen3-Embedding-0.6B")).query_prefix.startswith("Instruct: ")

    def test_settings_come_first(self) -> None:
        model = resolve(settings("intfloat/multilingual-e5-base", query_prefix="", languages=["el"]))
        assert (model.query_prefix, model.document_prefix) == ("", "passage: ")
        assert model.knows("el")
        assert not model.knows("en")

    def test_more_dimensions_than_there_are_are_refused(self) -> None:
        with pytest.raises(InvalidSetting, match="1024"):
            resolve(settings("Qwen/Qwen3-Embedding-0.6B", dimension=2048))

    def test_only_models_that_were_trained_so_are_shortened(self) -> None:
        assert resolve(settings("Qwen/Qwen3-Embedding-0.6B", dimension=256)).dimension == 256
        with pytest.raises(InvalidSetting, match="Matryoshka"):
            resolve(settings("BAAI/bge-m3", dimension=256))

    def test_an_unknown_model_is_taken_as_it_is(self) -> None:
        model = resolve(settings("our/own", dimension=100))
        assert model.dimension == 100
        assert model.knows("sw")


class TestFingerprint:
    def test_changes_with_what_vectors_of_passages_depend_on(self) -> None:
        one = resolve(settings("Qwen/Qwen3-Embedding-0.6B")).fingerprint
        others = [
            resolve(settings("Qwen/Qwen3-Embedding-4B")).fingerprint,
            resolve(settings("Qwen/Qwen3-Embedding-0.6B", dimension=256)).fingerprint,
            resolve(settings("Qwen/Qwen3-Embedding-0.6B", document_prefix="passage: ")).fingerprint,
            resolve(settings("Qwen/Qwen3-Embedding-0.6B", normalize=False)).fingerprint,
        ]
        assert len({one, *others}) == 5

    def test_does_not_change_with_what_questions_alone_depend_on(self) -> None:
        one = resolve(settings("BAAI/bge-m3")).fingerprint
        assert resolve(settings("BAAI/bge-m3", query_prefix="q: ", languages=["en"])).fingerprint == one
        assert resolve(settings("BAAI/bge-m3", dimension=1024)).fingerprint == one

    def test_fits_where_it_is_stored(self) -> None:
        assert len(resolve(settings("/" + "x" * 300)).fingerprint) <= 120


class TestLanguages:
    @pytest.mark.parametrize("language", ["en", "el", "zh-Hant", "yue-Hant-HK", "nan-Hant-TW", "arz-Arab-EG", "nb"])
    def test_a_multilingual_model_knows_them_and_their_varieties(self, language: str) -> None:
        assert resolve(settings("BAAI/bge-m3")).knows(language)

    def test_an_english_model_knows_no_other(self) -> None:
        model = resolve(settings("sentence-transformers/all-MiniLM-L6-v2"))
        assert model.knows("en-GB")
        assert not any(model.knows(language) for language in ("es", "zh", "ar", "ang"))
