from __future__ import annotations

import sys
from pathlib import Path

import pytest

from serve.engine.launch.program import find_program
from vernacular.errors import LaunchFailed
from vernacular.settings import ModelServerSettings

CUDA = "from typing import Optional\n__version__ = '2.11.0+cu130'\ncuda: Optional[str] = '13.0'\nhip: Optional[str] = None\n"
CPU = "__version__ = '2.13.0+cpu'\ncuda: Optional[str] = None\nhip: Optional[str] = None\nxpu: Optional[str] = None\n"
ROCM = "cuda: Optional[str] = None\nhip: Optional[str] = '6.3.42134'\n"


def environment(folder: Path, torch: str) -> Path:
    """A virtual environment as far as it is looked at; its `vllm`."""
    (folder / "bin").mkdir(parents=True)
    package = folder / "lib" / "python3.12" / "site-packages" / "torch"
    package.mkdir(parents=True)
    (package / "version.py").write_text(torch, encoding="utf-8")
    program = folder / "bin" / "vllm"
    program.write_text(f"#!{folder}/bin/python\n", encoding="utf-8")
    program.chmod(0o755)
    return program


class TestFindProgram:
    @pytest.mark.parametrize(("torch", "built_for", "cuda"), [(CUDA, "cuda", 13), (CPU, "cpu", 0), (ROCM, "rocm", 0)])
    def test_tells_what_it_was_built_for(self, tmp_path: Path, torch: str, built_for: str, cuda: int) -> None:
        path = environment(tmp_path, torch)
        found = find_program("vllm", ModelServerSettings(command=str(path)))
        assert (found.path, found.built_for, found.cuda) == (path, built_for, cuda)

    def test_looks_where_a_copied_script_says_its_python_is(self, tmp_path: Path) -> None:
        path = environment(tmp_path / "venv", CUDA)
        copied = tmp_path / "vllm"
        copied.write_bytes(path.read_bytes())
        copied.chmod(0o755)
        assert find_program("vllm", ModelServerSettings(command=str(copied))).built_for == "cuda"

    def test_finds_one_beside_this_python_or_on_the_path(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = environment(tmp_path / "venv", CPU)
        monkeypatch.setenv("PATH", str(path.parent))
        monkeypatch.setattr(sys, "executable", str(tmp_path / "elsewhere" / "python"))
        assert find_program("vllm", ModelServerSettings()).path == path
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setattr(sys, "executable", str(path.with_name("python")))
        assert find_program("vllm", ModelServerSettings()).path == path

    def test_says_how_to_install_what_is_missing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
        with pytest.raises(LaunchFailed, match="not installed") as told:
            find_program("vllm", ModelServerSettings())
        assert "pip install 'vernacular[gpu]'" in told.value.hint
        with pytest.raises(LaunchFailed, match="cannot be run"):
            find_program("vllm", ModelServerSettings(command=str(tmp_path / "none")))
