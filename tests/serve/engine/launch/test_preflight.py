from __future__ import annotations

import json
from pathlib import Path

import pytest

from serve.engine.launch.hardware import Gpu
from serve.engine.launch.preflight import check_build, check_driver, check_memory, check_weights, choose_gpus
from serve.engine.launch.program import Program
from vernacular.errors import LaunchFailed, WeightsMissing

GIB = 2**30


def gpu(index: int = 0, total: int = 80, free: int | None = None, driver: str = "580.95.05") -> Gpu:
    return Gpu(index, "NVIDIA H100", total * GIB, (total if free is None else free) * GIB, driver)


def vllm(built_for: str = "cuda", cuda: int = 13) -> Program:
    return Program("vllm", Path("/opt/vllm"), built_for, cuda)


class TestCheckWeights:
    def test_takes_a_folder_with_weights_and_a_repository(self, tmp_path: Path) -> None:
        (tmp_path / "model.safetensors").touch()
        check_weights(str(tmp_path))
        check_weights("Qwen/Qwen3-8B")

    def test_names_what_the_index_names_and_the_folder_lacks(self, tmp_path: Path) -> None:
        files = [f"model-0000{number}-of-00003.safetensors" for number in (1, 2, 3)]
        (tmp_path / files[0]).touch()
        index = {"weight_map": {f"layer.{number}": name for number, name in enumerate(files)}}
        (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
        with pytest.raises(WeightsMissing, match=r"lacks model-00002-of-00003\.safetensors and 1 more"):
            check_weights(str(tmp_path))

    def test_refuses_a_folder_without_weights_unless_random_ones_will_do(self, tmp_path: Path) -> None:
        (tmp_path / "config.json").touch()
        with pytest.raises(WeightsMissing, match="no weights"):
            check_weights(str(tmp_path))
        check_weights(str(tmp_path), "dummy")


class TestCheckBuild:
    def test_refuses_a_build_for_gpus_on_a_cpu_and_the_other_way_round(self) -> None:
        with pytest.raises(LaunchFailed, match="built for CUDA"):
            check_build(vllm("cuda"), cpu=True)
        with pytest.raises(LaunchFailed, match="built for the CPU"):
            check_build(vllm("cpu", 0), cpu=False)

    def test_takes_what_fits_or_cannot_be_told(self) -> None:
        check_build(vllm("cuda"), cpu=False)
        check_build(vllm("cpu"), cpu=True)
        check_build(vllm(""), cpu=True)


class TestCheckDriver:
    def test_tells_that_there_is_no_gpu(self) -> None:
        with pytest.raises(LaunchFailed, match="no NVIDIA GPU") as told:
            check_driver(vllm(), [])
        assert "--cpu" in told.value.hint

    def test_tells_that_the_driver_is_too_old(self) -> None:
        with pytest.raises(LaunchFailed, match=r"575\.57\.08 is too old: .* CUDA 13, which needs 580"):
            check_driver(vllm(cuda=13), [gpu(driver="575.57.08")])

    def test_takes_a_driver_that_is_new_enough(self) -> None:
        check_driver(vllm(cuda=12), [gpu(driver="525.60.13")])
        check_driver(vllm(built_for="", cuda=0), [gpu(driver="470.1")])


class TestChooseGpus:
    def test_takes_as_few_as_hold_the_weights(self) -> None:
        four = [gpu(number) for number in range(4)]
        assert [chosen.index for chosen in choose_gpus(four, 15 * GIB, 0.9, heads=32)] == [0]
        assert [chosen.index for chosen in choose_gpus(four, 120 * GIB, 0.9, heads=32)] == [0, 1]

    def test_takes_the_freest(self) -> None:
        found = choose_gpus([gpu(0, free=10), gpu(1), gpu(2, free=75)], 100 * GIB, 0.9, heads=32)
        assert [chosen.index for chosen in found] == [1, 2]

    def test_divides_the_heads_evenly(self) -> None:
        with pytest.raises(LaunchFailed, match="cannot hold them"):
            choose_gpus([gpu(0), gpu(1)], 100 * GIB, 0.9, heads=25)

    def test_tells_that_the_weights_are_too_large(self) -> None:
        with pytest.raises(LaunchFailed, match=r"take 61\.0 GiB, and 1 × NVIDIA H100, 24 GiB cannot hold them"):
            choose_gpus([gpu(total=24)], 61 * GIB, 0.9, heads=32)

    def test_tells_that_others_use_the_gpu(self) -> None:
        with pytest.raises(LaunchFailed, match=r"GPU 0 .* only 30\.0 GiB free, and the server takes 72\.0 GiB"):
            choose_gpus([gpu(free=30)], 15 * GIB, 0.9, heads=32)
        assert choose_gpus([gpu(free=30)], 15 * GIB, 0.3, heads=32)

    def test_tells_that_more_were_asked_for_than_there_are(self) -> None:
        with pytest.raises(LaunchFailed, match="4 GPUs were asked for, and 2"):
            choose_gpus([gpu(0), gpu(1)], GIB, 0.9, heads=32, count=4)


class TestCheckMemory:
    def test_counts_every_replica(self) -> None:
        check_memory(16 * GIB, 3 * GIB, GIB, servers=2)
        with pytest.raises(LaunchFailed, match=r"about 16\.5 GiB of memory here, and 16\.0 GiB are free"):
            check_memory(16 * GIB, 3 * GIB, GIB, servers=3)
