from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from serve.engine.profiles import registry
from serve.engine.profiles.profile import ModelProfile
from serve.engine.profiles.registry import find, profiles
from vernacular.errors import InvalidSetting, UnknownProfile

EXPECTED = {
    "skyllm-7b",
    "skyllm-13b",
    "skyllm-33b",
    "skyllm-nano",
    "kimi-k2",
    "kimi-k2.6-int4",
    "kimi-vl-a3b",
    "moonlight-16b-a3b",
    "qwen2.5-7b-instruct",
    "qwen2.5-14b-instruct",
    "qwen2.5-32b-instruct",
    "qwen2.5-vl-7b",
    "qwen3-8b",
    "qwen3-14b",
    "qwen3-32b",
    "qwen3-30b-a3b",
    "qwen3-vl-8b",
}
OWN = """
name = "own"
title = "An operator's own"
licence = "Apache-2.0"
languages = ["es"]
figures = "verified"
context_tokens = 4096
lora = true
[architecture]
model_type = "llama"
layers = 2
hidden = 64
heads = 4
kv_heads = 2
head_dim = 16
intermediate = 128
vocab = 1000
max_position = 4096
[[forms]]
precision = "bf16"
repository = "acme/own"
"""


class FakeEntryPoint:
    """What a plugin's package declares; `given` is what loading it gives."""

    def __init__(self, name: str, given: object) -> None:
        self.name, self.value, self._given = name, f"{name}.models:profiles", given

    def load(self) -> object:
        if isinstance(self._given, Exception):
            raise self._given
        return self._given


Install = Callable[..., None]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    def put(*plugins: FakeEntryPoint) -> None:
        def entry_points(*, group: str) -> list[FakeEntryPoint]:
            return list(plugins) if group == "vernacular.models" else []

        monkeypatch.setattr(metadata, "entry_points", entry_points)

    return put


def fields(name: str, **others: Any) -> dict[str, Any]:
    return {**tomllib.loads(OWN), "name": name, **others}


class TestBuiltIn:
    def test_the_models_that_are_promised_are_there(self) -> None:
        names = {profile.name for profile in profiles()}
        assert names >= EXPECTED
        assert any(profile.edge and profile.llama_cpp for profile in profiles())

    def test_vision_wrappers_of_kimi_take_no_adapters(self) -> None:
        assert not find("kimi-vl-a3b").lora
        assert not find("kimi-k2.6-int4").lora
        assert find("kimi-k2").lora

    def test_vision_is_told_by_the_modalities(self) -> None:
        vision = {profile.name for profile in profiles() if profile.vision}
        assert vision == {"kimi-vl-a3b", "kimi-k2.6-int4", "qwen2.5-vl-7b", "qwen3-vl-8b"}

    def test_what_is_not_verified_says_so(self) -> None:
        for name in ("skyllm-7b", "skyllm-13b", "skyllm-33b"):
            profile = find(name)
            assert profile.repository is None
            assert profile.figures == "unverified"
            assert "config.json" in " ".join(profile.notes)

    def test_models_of_the_same_size_exist_and_are_of_the_same_size(self) -> None:
        for profile in profiles():
            for name in profile.same_size:
                share = find(name).architecture.parameters / profile.architecture.parameters
                assert 0.8 < share < 1.3

    def test_models_that_can_think_answer_at_once_unless_asked(self) -> None:
        for profile in profiles():
            if profile.reasoning_parser:
                flag = profile.flags.index("--default-chat-template-kwargs")
                assert set(json.loads(profile.flags[flag + 1]).values()) == {False}

    def test_every_profile_that_runs_code_of_its_repository_says_so(self) -> None:
        for profile in profiles():
            if profile.trust_remote_code:
                assert "Python code" in " ".join(profile.notes)


class TestFigures:
    @pytest.mark.parametrize(
        ("name", "published"),
        [
            ("qwen2.5-7b-instruct", 7_615_616_512),
            ("qwen2.5-14b-instruct", 14_770_033_664),
            ("qwen2.5-32b-instruct", 32_763_876_352),
            ("qwen2.5-vl-7b", 8_292_166_656),
            ("edge-qwen2.5-1.5b", 1_543_714_304),
        ],
    )
    def test_parameters_are_exactly_what_is_published(self, name: str, published: int) -> None:
        assert find(name).architecture.parameters == published

    @pytest.mark.parametrize(
        ("name", "billions"),
        [("qwen3-8b", 8.19), ("qwen3-30b-a3b", 30.53), ("kimi-k2", 1026.4), ("moonlight-16b-a3b", 15.96)],
    )
    def test_parameters_are_within_a_thousandth_of_what_is_published(self, name: str, billions: float) -> None:
        assert find(name).architecture.parameters / 1e9 == pytest.approx(billions, rel=1e-3)

    @pytest.mark.parametrize(("name", "billions"), [("qwen3-30b-a3b", 3.35), ("kimi-k2", 32.9), ("qwen3-8b", 8.19)])
    def test_active_parameters_are_those_a_token_passes(self, name: str, billions: float) -> None:
        assert find(name).architecture.active_parameters / 1e9 == pytest.approx(billions, rel=5e-3)


class TestFind:
    def test_an_unknown_name_is_told_with_those_there_are(self) -> None:
        with pytest.raises(UnknownProfile, match="gpt-9") as told:
            find("gpt-9")
        assert "qwen3-8b" in told.value.hint

    def test_a_file_is_a_profile_too(self, tmp_path: Path) -> None:
        path = tmp_path / "own.toml"
        path.write_text(OWN, encoding="utf-8")
        assert find(str(path)).repository == "acme/own"

    def test_a_file_that_is_not_there_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(UnknownProfile, match="cannot be read"):
            find(str(tmp_path / "none.toml"))

    def test_a_damaged_file_is_told_with_the_place(self, tmp_path: Path) -> None:
        path = tmp_path / "own.toml"
        path.write_text(OWN.replace("heads = 4", "heads = 3"), encoding="utf-8")
        with pytest.raises(InvalidSetting, match="multiple of kv_heads"):
            find(str(path))
        path.write_text(OWN + "\ncolour = 'red'\n", encoding="utf-8")
        with pytest.raises(InvalidSetting, match="colour"):
            find(str(path))
        path.write_text("name = ", encoding="utf-8")
        with pytest.raises(InvalidSetting, match="not TOML"):
            find(str(path))


class TestPlugins:
    def test_a_callable_gives_profiles(self, install: Install) -> None:
        install(FakeEntryPoint("acme", lambda: [fields("acme-8b"), ModelProfile(**fields("acme-9b"))]))
        assert find("acme-8b").title == "An operator's own"
        assert find("acme-9b").name in {profile.name for profile in profiles()}

    def test_a_package_gives_the_profiles_in_its_files(
        self, install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        package = tmp_path / "acme_models"
        package.mkdir()
        (package / "__init__.py").touch()
        (package / "own.toml").write_text(OWN, encoding="utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))
        install(FakeEntryPoint("acme", __import__("acme_models")))
        assert find("own").languages == ("es",)

    def test_a_plugin_takes_the_place_of_a_built_in_profile(self, install: Install) -> None:
        install(FakeEntryPoint("acme", lambda: [fields("qwen3-8b", title="Ours")]))
        assert find("qwen3-8b").title == "Ours"

    def test_two_plugins_of_one_name_are_told(self, install: Install) -> None:
        install(
            FakeEntryPoint("acme", lambda: [fields("same")]),
            FakeEntryPoint("emca", lambda: [fields("same")]),
        )
        with pytest.raises(InvalidSetting, match="acme and emca"):
            profiles()

    @pytest.mark.parametrize("given", [ImportError("no module"), 7, lambda: [{"name": "half"}], lambda: 3])
    def test_a_plugin_that_does_not_work_is_told_by_name(self, install: Install, given: object) -> None:
        install(FakeEntryPoint("acme", given))
        with pytest.raises(InvalidSetting, match="acme"):
            profiles()


def test_the_group_is_the_documented_one() -> None:
    assert registry.GROUP == "vernacular.models"
