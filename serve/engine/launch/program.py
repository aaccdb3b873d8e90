"""The model server's program, and what it was built for."""

from __future__ import annotations

import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vernacular.errors import LaunchFailed
from vernacular.settings import ModelServerSettings

Kind = Literal["vllm", "llama-server"]
INSTALL: dict[Kind, str] = {
    "vllm": "`pip install 'vernacular[gpu]'` installs it; in a venv of its own, or a container, name it by "
    "VERNACULAR_MODEL_SERVER__COMMAND.",
    "llama-server": "Install llama.cpp (https://github.com/ggml-org/llama.cpp), and name its `llama-server` by "
    "VERNACULAR_MODEL_SERVER__COMMAND if it is not on the path.",
}


@dataclass(frozen=True, slots=True)
class Program:
    """`built_for`: `cuda`, `rocm`, `cpu` …, or empty where it cannot be told; `cuda`: that version's major number, or 0."""

    kind: Kind
    path: Path
    built_for: str = ""
    cuda: int = 0


def installed(kind: Kind, settings: ModelServerSettings) -> Path | None:
    """The program that the settings name, that lies beside this Python, or that is on the path."""
    if settings.command:
        found = shutil.which(Path(settings.command).expanduser())
    else:
        beside = Path(sys.executable).with_name(kind)
        found = str(beside) if beside.is_file() else shutil.which(kind)
    return Path(found).absolute() if found else None


def find_program(kind: Kind, settings: ModelServerSettings) -> Program:
    """
    Raises:
        LaunchFailed: it is not installed; the hint says how to get it.
    """
    path = installed(kind, settings)
    if path is None and settings.command:
        raise LaunchFailed(
            f"{settings.command} cannot be run.", "VERNACULAR_MODEL_SERVER__COMMAND must name a program; correct it."
        )
    if path is None:
        raise LaunchFailed(f"`{kind}` is not installed here.", INSTALL[kind])
    return inspect(kind, path) if kind == "vllm" else Program(kind, path)


def inspect(kind: Kind, path: Path) -> Program:
    """Read what the program's torch was built for from its files: importing torch would take seconds."""
    version = _torch_version_file(path)
    if version is None:
        return Program(kind, path)
    text = version.read_text(encoding="utf-8")
    if cuda := _assigned(text, "cuda"):
        return Program(kind, path, "cuda", int(cuda.split(".")[0]))
    others = {"rocm": _assigned(text, "hip"), "xpu": _assigned(text, "xpu")}
    return Program(kind, path, next((name for name, value in others.items() if value), "cpu"))


def _torch_version_file(path: Path) -> Path | None:
    """That of the environment whose `bin` the program, or the Python in its first line, lies in."""
    with path.open("rb") as file:
        first = file.readline(1000)
    folders = [path.parent]
    if first.startswith(b"#!/"):
        folders.append(Path(first[2:].decode("utf-8", "replace").split()[0]).parent)
    for folder in folders:
        if found := next(folder.parent.glob("lib/python3*/site-packages/torch/version.py"), None):
            return found
    return None


def _assigned(text: str, name: str) -> str:
    found = re.search(rf"^{name}\b[^=\n]*=\s*['\"]([\d.]+)", text, re.MULTILINE)
    return found[1] if found else ""
