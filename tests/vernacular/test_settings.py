from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from vernacular.errors import InvalidSetting
from vernacular.settings import get_settings


@pytest.fixture(autouse=True)
def read_anew() -> Iterator[None]:
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


class TestSecrets:
    @pytest.mark.parametrize(
        ("variable", "value"),
        [
            ("VERNACULAR_SQL__URL", "postgresql://vernacular:postgres@db/vernacular"),
            ("VERNACULAR_SQL__URL", "postgresql://vernacular:ChangeMe@db/vernacular"),
            ("VERNACULAR_VECTORS__API_KEY", "short"),
            ("VERNACULAR_EMBEDDINGS__API_KEY", "aaaaaaaaaaaa"),
            ("VERNACULAR_QUOTAS__REDIS_URL", "redis://:password@cache:6379/0"),
            ("VERNACULAR_GENERATION__ENDPOINTS", '[{"url": "http://gpu1:8000/v1", "api_key": "changeme"}]'),
        ],
    )
    def test_that_everybody_knows_are_refused(self, monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
        monkeypatch.setenv(variable, value)
        with pytest.raises(InvalidSetting, match=variable) as told:
            get_settings()
        assert value not in str(told.value)
        assert "openssl rand" in told.value.hint

    @pytest.mark.parametrize("value", ["EMPTY", "f3b0c9d81e6a4f27"])
    def test_may_be_the_conventional_none_or_a_real_one(self, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
        monkeypatch.setenv("VERNACULAR_EMBEDDINGS__API_KEY", value)
        key = get_settings().embeddings.api_key
        assert key is not None
        assert key.get_secret_value() == value

    def test_are_read_from_files_too(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        (tmp_path / "VERNACULAR_SQL__URL").write_text("postgresql://v:f3b0c9d81e6a4f27@db/v", encoding="utf-8")
        monkeypatch.setenv("VERNACULAR_SECRETS_DIR", str(tmp_path))
        assert get_settings().sql.url.endswith("@db/v")
        monkeypatch.setenv("VERNACULAR_SQL__URL", "sqlite:///elsewhere")
        get_settings.cache_clear()
        assert get_settings().sql.url == "sqlite:///elsewhere"

    def test_in_a_folder_that_holds_other_things_are_told_of(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        (tmp_path / "film").write_bytes(b"0" * 17_000_000)
        monkeypatch.setenv("VERNACULAR_SECRETS_DIR", str(tmp_path))
        with pytest.raises(InvalidSetting, match="VERNACULAR_SECRETS_DIR"):
            get_settings()


class TestListsInTheEnvironment:
    def test_are_read_as_json(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("VERNACULAR_GENERATION__ENDPOINTS", '[{"url": "http://gpu1:8000/v1"}]')
        assert [endpoint.url for endpoint in get_settings().generation.endpoints] == ["http://gpu1:8000/v1"]

    @pytest.mark.parametrize("value", ["http://gpu1:8000/v1", "[{", "'[]'"])
    def test_that_cannot_be_read_are_told_with_an_example(self, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
        monkeypatch.setenv("VERNACULAR_GENERATION__ENDPOINTS", value)
        with pytest.raises(InvalidSetting, match="VERNACULAR_GENERATION is not valid JSON") as told:
            get_settings()
        assert "VERNACULAR_GENERATION__ENDPOINTS=" in told.value.hint
