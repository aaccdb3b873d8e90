from __future__ import annotations

from pathlib import Path

import pytest

from serve.engine.launch.hardware import available_memory, gpus


def nvidia_smi(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


class TestGpus:
    def test_are_read_from_the_drivers_program(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        lines = "0, NVIDIA H200, 143771, 143000, 575.57.08\\n1, NVIDIA H200, 143771, [N/A], 575.57.08"
        nvidia_smi(tmp_path, monkeypatch, f"printf '{lines}\\n'")
        (found,) = gpus()
        assert (found.index, found.name, found.driver) == (0, "NVIDIA H200", "575.57.08")
        assert found.free == 143000 * 2**20
        assert found.title == "NVIDIA H200, 140 GiB"

    def test_are_none_where_the_driver_does_not_answer(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        nvidia_smi(tmp_path, monkeypatch, "echo 'Failed to initialize NVML: Driver/library version mismatch'; exit 18")
        assert gpus() == []

    def test_are_none_without_the_program(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        assert gpus() == []


def test_memory_is_left_on_this_machine() -> None:
    assert 2**20 < available_memory() < 2**50
