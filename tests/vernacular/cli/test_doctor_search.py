"""What `vernacular doctor` says of the models that search uses."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from vernacular.cli.context import opened_database
from vernacular.cli.doctor import dense, rerank
from vernacular.db.models import TenantRow
from vernacular.settings import EmbeddingSettings, RerankSettings, Settings
from vernacular.tenancy import ACTIVE, Platform, TenantScope

NOWHERE = "http://127.0.0.1:9/v1"


def settings(home: Path, **sections: object) -> Settings:
    return Settings.model_validate({"home": home, **sections})


class TestDense:
    def test_without_a_model_search_is_lexical(self, tmp_path: Path) -> None:
        finding = dense(settings(tmp_path))
        assert finding.ok
        assert finding.now == "lexical search only"

    def test_a_setting_that_is_missing_fails(self, tmp_path: Path) -> None:
        finding = dense(settings(tmp_path, embeddings=EmbeddingSettings(backend="openai", model="m")))
        assert not finding.ok
        assert "VERNACULAR_EMBEDDINGS__URL" in finding.now

    def test_a_server_that_is_away_fails(self, tmp_path: Path) -> None:
        finding = dense(settings(tmp_path, embeddings=EmbeddingSettings(backend="openai", model="m", url=NOWHERE)))
        assert not finding.ok
        assert NOWHERE in finding.now

    def test_a_package_that_is_missing_fails(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
        options = EmbeddingSettings(backend="sentence_transformers", model="BAAI/bge-m3")
        finding = dense(settings(tmp_path, embeddings=options))
        assert not finding.ok
        assert "vernacular[models]" in finding.next_step

    def test_says_how_many_indexes_are_of_another_model(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(importlib.util, "find_spec", lambda _: object())
        options = EmbeddingSettings(backend="sentence_transformers", model="BAAI/bge-m3")
        configured = settings(tmp_path, embeddings=options)
        with opened_database(configured) as database, database.write() as session:
            tenant = Platform(session).create_tenant(TenantRow(slug="town"))
            TenantScope(session, tenant).add_generation("1-1", ACTIVE)
        finding = dense(configured)
        assert finding.ok
        assert "BAAI/bge-m3 in process; tenants whose index the worker has yet to build for it: 1" in finding.now


class TestRerank:
    def test_without_a_model_it_is_lexical(self, tmp_path: Path) -> None:
        assert rerank(settings(tmp_path)).now == "lexical"

    @pytest.mark.parametrize(
        "options",
        [RerankSettings(backend="vllm", model="m", url=NOWHERE), RerankSettings(backend="vllm", url=NOWHERE)],
    )
    def test_what_cannot_be_asked_fails(self, tmp_path: Path, options: RerankSettings) -> None:
        assert not rerank(settings(tmp_path, rerank=options)).ok
