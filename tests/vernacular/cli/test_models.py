from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.vernacular.cli.command import Result, vernacular

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    def command(*words: str) -> Result:
        return vernacular(capsys, monkeypatch, "model", *words)

    return command


class TestList:
    def test_shows_every_profile(self, run: Any) -> None:
        shown = run("list").out
        assert "qwen3-8b" in shown
        assert "1028.9 GB" in shown

    def test_json_is_for_programs(self, run: Any) -> None:
        rows = {row["profile"]: row for row in run("list", "--json").json}
        assert rows["qwen3-8b"]["repository"] == "Qwen/Qwen3-8B"
        assert rows["skyllm-7b"]["repository"] is None


class TestShow:
    def test_says_what_is_known(self, run: Any) -> None:
        shown = run("show", "skyllm-33b").out
        assert "unverified" in shown
        assert "--weights" in shown
        assert "qwen3-32b" in shown

    def test_json_holds_the_architecture(self, run: Any) -> None:
        assert run("show", "kimi-k2", "--json").json["architecture"]["kv_lora_rank"] == 512

    def test_an_unknown_profile_is_told(self, run: Any) -> None:
        result = run("show", "gpt-9")
        assert result.code == 1
        assert "no model profile 'gpt-9'" in result.err
        assert "qwen3-8b" in result.err


class TestPlan:
    def test_of_a_model_that_fits(self, run: Any) -> None:
        result = run(
            "plan", "qwen2.5-7b-instruct", "--gpus", "h200:1", "--context", "32768", "--users", "200", "--json"
        )
        assert result.code == 0
        found = result.json
        assert found["fits"] is True
        assert found["chosen"]["gpus"] == 1
        assert found["chosen"]["sequences_at_typical_length"] >= 200
        assert found["commands"][0].endswith("--enable-auto-tool-choice")
        assert "servingEngineSpec" in found["helm"]
        assert "services" in found["compose"]

    def test_in_words(self, run: Any) -> None:
        shown = run("plan", "kimi-k2", "--gpus", "h200:8x2", "--users", "50").out
        assert "16 x NVIDIA H200" in shown
        assert "TP8 x PP2" in shown
        assert "on machine 2" in shown
        assert "ray start --head" in shown
        assert "Helm" not in shown, "the chart serves from one machine a replica"

    def test_machines_can_be_told_apart_from_the_gpus(self, run: Any) -> None:
        found = run("plan", "kimi-k2", "--gpus", "h200:8", "--nodes", "2", "--json").json
        assert found["chosen"]["nodes"] == 2

    def test_where_nothing_fits_the_cheapest_that_would_is_named(self, run: Any) -> None:
        result = run("plan", "kimi-k2", "--gpus", "h200:8", "--context", "131072")
        assert result.code == 1
        assert "Nothing that was given fits." in result.out
        assert "The cheapest that would" in result.out
        assert "vllm serve" not in result.out
        assert run("plan", "kimi-k2", "--gpus", "h200:8", "--context", "131072", "--json").json["fits"] is False

    def test_a_local_config_json_is_read(self, run: Any, tmp_path: Path) -> None:
        config = {
            "model_type": "qwen2",
            "hidden_size": 1024,
            "num_hidden_layers": 12,
            "num_attention_heads": 16,
            "num_key_value_heads": 2,
            "intermediate_size": 2816,
            "vocab_size": 32000,
            "max_position_embeddings": 4096,
        }
        (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
        found = run("plan", "skyllm-7b", "--gpus", "l4:1", "--weights", str(tmp_path), "--json").json
        assert found["figures"] == str(tmp_path / "config.json")
        assert found["chosen"]["kv_bytes_per_token"] == 2 * 12 * 2 * 64 * 2
        assert str(tmp_path) in found["commands"][0]

    def test_the_folder_of_weights_is_looked_into(
        self, run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = tmp_path / "models" / "qwen3-8b"
        folder.mkdir(parents=True)
        (folder / "config.json").write_text("{}", encoding="utf-8")
        monkeypatch.setenv("VERNACULAR_MODEL_SERVER__WEIGHTS", str(tmp_path / "models"))
        result = run("plan", "qwen3-8b", "--gpus", "l4:1")
        assert result.code == 1
        assert "describes no transformer" in result.err

    def test_another_repository_is_served(self, run: Any) -> None:
        found = run("plan", "skyllm-7b", "--gpus", "l40s:1", "--weights", "acme/sky-7b", "--json").json
        assert "vllm serve acme/sky-7b " in found["commands"][0]

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (("--gpus", "h300:1"), "'h300' is not known"),
            (("--users", "0"), "at least one user"),
            (("--context", "9999999"), "tokens at most"),
            (("--weights", "/nowhere"), "no model in /nowhere"),
        ],
    )
    def test_errors_are_one_sentence_with_what_to_do(self, run: Any, words: tuple[str, ...], told: str) -> None:
        result = run("plan", "qwen3-8b", *words)
        assert result.code == 1
        assert told in result.err
        assert len(result.err.strip().splitlines()) == 2
