from __future__ import annotations

from collections.abc import Iterator

import pytest

from vernacular.errors import InvalidSetting
from vernacular.settings import get_settings


@pytest.fixture(autouse=True)
def read_anew() -> Iterator[None]:
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


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
