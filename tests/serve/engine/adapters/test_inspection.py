from __future__ import annotations

import json
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from serve.engine.adapters.base import Base, base_of, plain
from serve.engine.adapters.inspection import Inspection, inspect_adapter, take_copy
from serve.engine.profiles.architecture import Architecture
from serve.engine.profiles.profile import ModelProfile, WeightForm
from tests.serve.engine.adapters.made import HIDDEN, INNER, KEYS, adapter, both, packed, tensors, weights
from vernacular.errors import AdapterRefused

ARCHITECTURE = Architecture(
    model_type="qwen2",
    layers=2,
    hidden=HIDDEN,
    heads=4,
    kv_heads=2,
    head_dim=32,
    intermediate=INNER,
    vocab=512,
    max_position=2048,
)
TINY = Base("tiny", frozenset({"tiny"}), architecture=ARCHITECTURE)
WEIGHTS = "adapter_model.safetensors"
FIRST = "base_model.model.model.layers.0.self_attn.q_proj"


def profile(**changes: Any) -> ModelProfile:
    fields: dict[str, Any] = {
        "name": "tiny-7b",
        "title": "Tiny",
        "licence": "Apache-2.0",
        "languages": ("en",),
        "architecture": ARCHITECTURE,
        "figures": "verified",
        "forms": (WeightForm(precision="bf16", size_bytes=1, repository="Maker/Tiny-7B-Instruct"),),
        "context_tokens": 2048,
        "lora": True,
    }
    return ModelProfile(**(fields | changes))


def look(source: Path, base: Base = TINY, max_rank: int = 16) -> Inspection:
    """As the registry does: the two files copied out, and inspected."""
    copy = source.parent / "copy"
    copy.mkdir(exist_ok=True)
    for old in copy.iterdir():
        old.unlink()
    take_copy(source, copy)
    return inspect_adapter(copy, base, max_rank)


class TestASoundAdapter:
    def test_is_let_in_and_described(self, tmp_path: Path) -> None:
        found = look(adapter(tmp_path / "a"))
        assert (found.rank, found.modules) == (8, ("q_proj", "v_proj"))
        assert found.size == sum(path.stat().st_size for path in (tmp_path / "a").iterdir())

    def test_may_have_come_with_the_papers_that_trainers_write(self, tmp_path: Path) -> None:
        folder = adapter(tmp_path / "a")
        for name in ("README.md", "tokenizer.json", "LICENSE", ".gitattributes", "chat_template.jinja"):
            (folder / name).write_text("…", encoding="utf-8")
        look(folder)
        assert sorted(path.name for path in (tmp_path / "copy").iterdir()) == ["adapter_config.json", WEIGHTS]

    @pytest.mark.parametrize(
        "changes",
        [
            {"use_rslora": True},
            {"init_lora_weights": "gaussian"},
            {"auto_mapping": {"base_model_class": "Qwen2Model", "parent_library": "transformers.models.qwen2"}},
            {"auto_map": None},
            {"target_modules": "all-linear"},
            {"rank_pattern": {"q_proj": 8}, "alpha_pattern": {"v_proj": 4}},
            {"trust_remote_code": False},
        ],
    )
    def test_may_say_what_vllm_serves(self, tmp_path: Path, changes: dict[str, Any]) -> None:
        assert look(adapter(tmp_path / "a", **changes)).rank == 8

    def test_may_be_of_half_precision(self, tmp_path: Path) -> None:
        halves = {name: array.astype(np.float16) for name, array in tensors().items()}
        assert look(adapter(tmp_path / "a", halves)).rank == 8

    def test_may_have_ranks_of_its_own_for_some_modules(self, tmp_path: Path) -> None:
        arrays = tensors()
        arrays[f"{FIRST}.lora_A.weight"] = np.zeros((4, HIDDEN), np.float32)
        arrays[f"{FIRST}.lora_B.weight"] = np.zeros((HIDDEN, 4), np.float32)
        assert look(adapter(tmp_path / "a", arrays, rank_pattern={"layers.0.self_attn.q_proj": 4})).rank == 8


class TestFiles:
    @pytest.mark.parametrize(
        "name",
        [
            "adapter_model.bin",
            "adapter_model.pt",
            "optimizer.pth",
            "x.PKL",
            "model.ckpt",
            "training_args.bin",
            "scaler.npy",
        ],
    )
    def test_a_pickle_is_refused_by_its_name(self, tmp_path: Path, name: str) -> None:
        folder = adapter(tmp_path / "a")
        (folder / name).write_bytes(b"anything")
        with pytest.raises(AdapterRefused, match="is a pickle"):
            look(folder)

    def test_a_pickle_is_refused_by_its_content(self, tmp_path: Path) -> None:
        folder = adapter(tmp_path / "a")
        (folder / WEIGHTS).write_bytes(pickle.dumps({"a": [1.0]}))
        with pytest.raises(AdapterRefused, match="are a pickle"):
            look(folder)
        with zipfile.ZipFile(folder / WEIGHTS, "w") as archive:
            archive.writestr("archive/data.pkl", pickle.dumps({}))
        with pytest.raises(AdapterRefused, match="are a pickle"):
            look(folder)

    @pytest.mark.parametrize("name", ["modeling_tiny.py", "setup.sh", "kernel.so"])
    def test_code_is_refused(self, tmp_path: Path, name: str) -> None:
        folder = adapter(tmp_path / "a")
        (folder / name).write_text("print()", encoding="utf-8")
        with pytest.raises(AdapterRefused, match="is code"):
            look(folder)

    def test_a_link_is_refused_wherever_it_leads(self, tmp_path: Path) -> None:
        folder = adapter(tmp_path / "a")
        (tmp_path / "elsewhere").write_bytes((folder / WEIGHTS).read_bytes())
        (folder / WEIGHTS).unlink()
        (folder / WEIGHTS).symlink_to(tmp_path / "elsewhere")
        with pytest.raises(AdapterRefused, match="link to somewhere else"):
            look(folder)
        (tmp_path / "alias").symlink_to(adapter(tmp_path / "b"))
        with pytest.raises(AdapterRefused, match="not a folder"):
            look(tmp_path / "alias")

    def test_a_pipe_is_refused_without_waiting_for_it(self, tmp_path: Path) -> None:
        folder = adapter(tmp_path / "a")
        (folder / WEIGHTS).unlink()
        os.mkfifo(folder / WEIGHTS)
        with pytest.raises(AdapterRefused, match="is not a file"):
            look(folder)

    @pytest.mark.parametrize(
        "odd", ["checkpoint-300/", "model.safetensors", "adapter_model.safetensors.index.json", "x"]
    )
    def test_nothing_else_has_a_place_there(self, tmp_path: Path, odd: str) -> None:
        folder = adapter(tmp_path / "a")
        if odd.endswith("/"):
            adapter(folder / odd)
        else:
            (folder / odd).write_text("{}", encoding="utf-8")
        with pytest.raises(AdapterRefused, match=r"has no place|is not a file"):
            look(folder)

    @pytest.mark.parametrize("name", ["adapter_config.json", WEIGHTS])
    def test_both_files_are_needed(self, tmp_path: Path, name: str) -> None:
        folder = adapter(tmp_path / "a")
        (folder / name).unlink()
        with pytest.raises(AdapterRefused, match=f"no {name}"):
            look(folder)


class TestConfiguration:
    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"auto_map": {"AutoModel": "modeling.Tiny"}}, "code of its own"),
            ({"nested": [{"auto_map": {"AutoModel": "m.T"}}]}, "code of its own"),
            ({"trust_remote_code": True}, "code of its own"),
            ({"auto_mapping": {"base_model_class": "T", "parent_library": "modeling_tiny"}}, "code of its own"),
            ({"auto_mapping": {"parent_library": "transformers_modules.x"}}, "code of its own"),
            ({"peft_type": "IA3"}, "only LORA"),
            ({"peft_type": None}, "only LORA"),
            ({"use_dora": True}, "DoRA"),
            ({"bias": "all"}, "biases"),
            ({"lora_bias": True}, "biases"),
            ({"modules_to_save": ["lm_head"]}, "modules_to_save"),
            ({"layer_replication": [[0, 2]]}, "repeats layers"),
            ({"init_lora_weights": "pissa"}, "changed by its start"),
            ({"trainable_token_indices": [1]}, "embeddings of tokens"),
            ({"r": 32}, "rank is 32"),
            ({"rank_pattern": {"q_proj": 64}}, "rank is 64"),
            ({"r": 0}, "whole number"),
            ({"r": True}, "whole number"),
            ({"r": "8"}, "whole number"),
            ({"lora_alpha": -1}, "positive number"),
            ({"lora_alpha": None}, "positive number"),
            ({"target_modules": []}, "target_modules"),
            ({"base_model_name_or_path": 5}, "must be a text"),
            ({"rank_pattern": {"(a+)+$": 8}}, "without patterns"),
            ({"alpha_pattern": {".*": 8}}, "without patterns"),
        ],
    )
    def test_is_refused_for_what_it_says(self, tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
        folder = adapter(tmp_path / "a", tensors(), **changes)
        with pytest.raises(AdapterRefused, match=reason):
            look(folder)

    @pytest.mark.parametrize(
        "content", [b"", b"[]", b"{", b"\xff\xfe", b"[" * 100_000, b'{"r": NaN}', b" " * 2_000_000]
    )
    def test_is_refused_if_it_is_no_json_object(self, tmp_path: Path, content: bytes) -> None:
        folder = adapter(tmp_path / "a")
        (folder / "adapter_config.json").write_bytes(content)
        with pytest.raises(AdapterRefused, match=r"adapter_config\.json"):
            look(folder)


def _entry(shape: list[Any], offsets: list[Any], dtype: str = "F32") -> dict[str, Any]:
    return {f"{FIRST}.lora_A.weight": {"dtype": dtype, "shape": shape, "data_offsets": offsets}}


class TestWeights:
    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"", "length of its header"),
            (b"\x01", "length of its header"),
            ((1 << 62).to_bytes(8, "little") + b"{}", "length of its header"),
            (packed(b"not json"), "not JSON"),
            (packed(b"[" * 200_000), "not JSON"),
            (packed(b"[1]"), "not a JSON object"),
            (packed(b"{}"), "holds 0 tensors"),
            (packed(b'{"__metadata__": {"a": 1}}'), "metadata"),
            (packed(b'{"a": 1}'), "not written as it must be"),
            (packed(b'{"a": 1, "a": 2}'), "not JSON"),
            (packed(json.dumps(_entry([8, 4], [0, 127])).encode(), bytes(127)), "does not match its bytes"),
            (packed(json.dumps(_entry([8, 4], [0, 128])).encode(), bytes(100)), "cut off"),
            (packed(json.dumps(_entry([8, 4], [0, 128])).encode(), bytes(200)), "belong to no tensor"),
            (packed(json.dumps(_entry([8, 4], [64, 192])).encode(), bytes(192)), "leave a gap"),
            (packed(json.dumps(_entry([8, -4], [0, 128])).encode(), bytes(128)), "cannot be"),
            (packed(json.dumps(_entry([8, 4.0], [0, 128])).encode(), bytes(128)), "cannot be"),
            (packed(json.dumps(_entry([True, 32], [0, 128])).encode(), bytes(128)), "cannot be"),
            (packed(json.dumps(_entry([1 << 40, 1 << 40], [0, 128])).encode(), bytes(128)), "cannot be"),
            (packed(json.dumps(_entry([8, 4], [0, 256], "I64")).encode(), bytes(256)), "adapters do not have"),
        ],
    )
    def test_that_do_not_add_up_are_refused(self, tmp_path: Path, content: bytes, reason: str) -> None:
        folder = adapter(tmp_path / "a")
        (folder / WEIGHTS).write_bytes(content)
        with pytest.raises(AdapterRefused, match=reason):
            look(folder)

    def test_that_overlap_are_refused(self, tmp_path: Path) -> None:
        arrays = tensors()
        last = list(arrays)[-1]
        raw = arrays[last]
        folder = adapter(tmp_path / "a")
        entry = {last: {"dtype": "F32", "shape": list(raw.shape), "data_offsets": [0, raw.nbytes]}}
        (folder / WEIGHTS).write_bytes(weights(arrays, entry))
        with pytest.raises(AdapterRefused, match="overlap"):
            look(folder)

    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
    @pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
    def test_that_are_no_numbers_are_refused(self, tmp_path: Path, value: float, dtype: type[Any]) -> None:
        arrays = {name: array.astype(dtype) for name, array in tensors().items()}
        arrays[f"{FIRST}.lora_B.weight"][3, 3] = value
        with pytest.raises(AdapterRefused, match="not all numbers"):
            look(adapter(tmp_path / "a", arrays))

    @pytest.mark.parametrize(
        "name",
        [
            "base_model.model.lm_head.weight",
            f"{FIRST}.lora_magnitude_vector",
            f"{FIRST}.lora_A.bias",
            "base_model.model.model.embed_tokens.lora_embedding_A",
            "../../etc/passwd",
        ],
    )
    def test_that_are_no_lora_are_refused(self, tmp_path: Path, name: str) -> None:
        arrays = tensors() | {name: np.zeros((8, 8), np.float32)}
        with pytest.raises(AdapterRefused, match="not a weight of a LoRA"):
            look(adapter(tmp_path / "a", arrays))

    def test_of_which_half_is_missing_are_refused(self, tmp_path: Path) -> None:
        arrays = tensors()
        arrays.pop(f"{FIRST}.lora_B.weight")
        with pytest.raises(AdapterRefused, match="Half of the weights"):
            look(adapter(tmp_path / "a", arrays))

    def test_of_another_rank_than_was_said_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(AdapterRefused, match=r"have the rank 8, and adapter_config\.json says 16"):
            look(adapter(tmp_path / "a", tensors(8), r=16))


class TestTheBaseModel:
    def test_of_other_sizes_is_told_by_the_shapes(self, tmp_path: Path) -> None:
        with pytest.raises(AdapterRefused, match="maps 256 to 256 values, not 128 to 128"):
            look(adapter(tmp_path / "a", tensors(hidden=256)))

    def test_of_more_layers_is_told_by_their_numbers(self, tmp_path: Path) -> None:
        with pytest.raises(AdapterRefused, match=r"layers\.2\.self_attn"):
            look(adapter(tmp_path / "a", tensors(layers=3)))

    def test_of_another_repository_is_told_by_its_name(self, tmp_path: Path) -> None:
        base = base_of("tiny-7b", profile())
        folder = adapter(tmp_path / "a", base_model_name_or_path="Maker/Tiny-7B")
        with pytest.raises(AdapterRefused, match="made for Maker/Tiny-7B, not for tiny-7b"):
            look(folder, base)

    @pytest.mark.parametrize(
        "told",
        [
            "Maker/Tiny-7B-Instruct",
            "mirror/tiny-7b-instruct-bnb-4bit",
            "/srv/models/Tiny-7B-Instruct/",
            "tiny-7b",
            "./out",
        ],
    )
    def test_may_be_called_in_several_ways(self, tmp_path: Path, told: str) -> None:
        assert look(adapter(tmp_path / "a", base_model_name_or_path=told), base_of("tiny-7b", profile())).rank == 8

    def test_that_nothing_tells_of_is_refused(self, tmp_path: Path) -> None:
        unknown = Base("mine", frozenset({"mine"}))
        with pytest.raises(AdapterRefused, match="Nothing tells"):
            look(adapter(tmp_path / "a", base_model_name_or_path="/tmp/run-7"), unknown)
        with pytest.raises(AdapterRefused, match="it names no model"):
            look(adapter(tmp_path / "a", base_model_name_or_path=None), unknown)
        assert look(adapter(tmp_path / "a", base_model_name_or_path="/srv/mine"), unknown).rank == 8

    def test_whose_figures_were_not_compared_is_told_by_its_name_alone(self) -> None:
        assert base_of("tiny-7b", profile(figures="unverified")).architecture is None

    def test_that_takes_no_adapters_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(AdapterRefused, match="takes no adapters for tiny-7b"):
            look(adapter(tmp_path / "a"), base_of("tiny-7b", profile(lora=False)))

    @pytest.mark.parametrize(
        ("module", "shape"),
        [
            ("self_attn.k_proj", (HIDDEN, KEYS)),
            ("self_attn.o_proj", (HIDDEN, HIDDEN)),
            ("mlp.gate_proj", (HIDDEN, INNER)),
            ("mlp.down_proj", (INNER, HIDDEN)),
        ],
    )
    def test_is_compared_module_by_module(self, tmp_path: Path, module: str, shape: tuple[int, int]) -> None:
        name = f"base_model.model.model.layers.1.{module}"
        nameless = "/tmp/run-7"
        assert look(adapter(tmp_path / "a", both(name, *shape), base_model_name_or_path=nameless)).rank == 8
        with pytest.raises(AdapterRefused, match="made for another model"):
            look(adapter(tmp_path / "a", both(name, shape[0], shape[1] + 1), base_model_name_or_path=nameless))

    @pytest.mark.parametrize(
        ("name", "found"),
        [
            ("Qwen/Qwen2.5-7B-Instruct", "qwen2.5-7b-instruct"),
            ("x/Qwen2.5-7B-Instruct-AWQ", "qwen2.5-7b-instruct"),
            ("x/qwen2.5-7b-instruct-unsloth-bnb-4bit", "qwen2.5-7b-instruct"),
            ("C:\\models\\Tiny", "tiny"),
        ],
    )
    def test_is_called_plainly(self, name: str, found: str) -> None:
        assert plain(name) == found
