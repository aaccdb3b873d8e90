from __future__ import annotations

from pathlib import Path

import pytest

from serve.engine.profiles.registry import find
from serve.engine.profiles.weights import locate
from vernacular.errors import WeightsMissing


def model_in(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}", encoding="utf-8")
    return folder


class TestLocate:
    def test_takes_the_folder_that_is_given(self, tmp_path: Path) -> None:
        folder = model_in(tmp_path / "weights")
        assert locate(find("skyllm-7b"), str(folder)) == str(folder)

    def test_takes_the_repository_that_is_given(self) -> None:
        assert locate(find("skyllm-7b"), "acme/sky-7b") == "acme/sky-7b"

    @pytest.mark.parametrize("given", ["/nowhere/at/all", "./none", "onlyname", "a/b/c"])
    def test_says_so_where_no_model_is(self, given: str) -> None:
        with pytest.raises(WeightsMissing, match="no model in"):
            locate(find("qwen3-8b"), given)

    def test_a_folder_without_a_model_is_not_taken_for_a_repository(self, tmp_path: Path) -> None:
        with pytest.raises(WeightsMissing):
            locate(find("qwen3-8b"), str(tmp_path))

    def test_prefers_the_folder_of_weights_to_the_network(self, tmp_path: Path) -> None:
        folder = model_in(tmp_path / "qwen3-8b")
        assert locate(find("qwen3-8b"), folder=tmp_path) == str(folder)
        assert locate(find("qwen3-14b"), folder=tmp_path) == "Qwen/Qwen3-14B"

    def test_takes_the_repository_of_the_form_that_was_planned(self) -> None:
        assert locate(find("qwen3-8b"), repository="Qwen/Qwen3-8B-AWQ") == "Qwen/Qwen3-8B-AWQ"

    def test_names_open_models_of_the_same_size_where_no_address_is_known(self) -> None:
        with pytest.raises(WeightsMissing, match="No public address is known for the weights of SkyLLM 13B") as told:
            locate(find("skyllm-13b"))
        assert "--weights" in told.value.hint
        assert "qwen2.5-14b-instruct (Qwen2.5 14B Instruct)" in told.value.hint
        assert "qwen3-14b" in told.value.hint
