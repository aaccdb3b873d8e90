"""Makes the environment that holds vLLM for the CPU, unless it is there: `python tests/vllm/environment.py FOLDER`.

Two minutes and 2.1 GB the first time. It is made anew when the pinned versions change, and kept otherwise, so a
folder that is carried from one run to the next costs nothing. Uses the standard library alone.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
PACKAGES, VLLM = HERE / "requirements.txt", HERE / "vllm-requirements.txt"
MARK: Final = "vernacular-lock.sha256"
VERSION: Final = "0.32.0+cpu"
METADATA: Final = f"Metadata-Version: 2.1\nName: vllm\nVersion: {VERSION}\n"
# PyPI's torchvision is built for CUDA and refuses to be imported beside a CPU torch, for want of two operators.
OPERATORS: Final = """

def _define_missing_ops():
    if _has_ops():
        return
    library = torch.library.Library("torchvision", "FRAGMENT")
    library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    globals()["_LIBRARY"] = library


_define_missing_ops()
"""


def ensure(folder: Path) -> bool:
    """Whether the environment had to be made.

    Raises:
        CalledProcessError: pip could not install; what it printed says why.
    """
    mark, wanted = folder / MARK, _lock()
    if mark.exists() and mark.read_text(encoding="ascii") == wanted and (folder / "bin" / "vllm").exists():
        return False
    if sys.version_info[:2] != (3, 11) and sys.version_info[:2] != (3, 12):
        raise SystemExit("The pinned packages are for Python 3.11 or 3.12: make PYTHON=python3.11 test-vllm")
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "-q", "--no-deps", "--no-compile", "--disable-pip-version-check"]
    subprocess.run([*pip, "-r", str(PACKAGES)], check=True)
    subprocess.run([*pip, "--require-hashes", "-r", str(VLLM)], check=True)
    packages = next((folder / "lib").glob("python*")) / "site-packages"
    _name_it_vllm(packages)
    with (packages / "torchvision" / "extension.py").open("a", encoding="utf-8") as file:
        file.write(OPERATORS)
    _compile(python, packages)
    mark.write_text(wanted, encoding="ascii")
    return True


def _lock() -> str:
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    parts = (PACKAGES.read_text(encoding="utf-8"), VLLM.read_text(encoding="utf-8"), METADATA, OPERATORS, python)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _name_it_vllm(packages: Path) -> None:
    """vLLM looks for its version under its own name, which this build does not carry."""
    about = packages / f"vllm-{VERSION}.dist-info"
    about.mkdir()
    for name, text in (("METADATA", METADATA), ("INSTALLER", "pip\n")):
        (about / name).write_text(text, encoding="utf-8")
    lines = [f"{about.name}/{name},," for name in ("METADATA", "INSTALLER", "RECORD")]
    (about / "RECORD").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _compile(python: Path, packages: Path) -> None:
    """Without bytecode each start of vLLM takes a minute longer."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    # Files made for another Python do not compile, which is no failure: `compileall` reports them and goes on.
    subprocess.run([str(python), "-m", "compileall", "-qq", "-j0", str(packages)], env=environment, check=False)


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit("usage: python tests/vllm/environment.py FOLDER")
    folder = Path(sys.argv[1]).resolve()
    begin = time.monotonic()
    sys.stderr.write(f"vLLM for the CPU in {folder}: the first time takes minutes, and little is printed.\n")
    made = ensure(folder)
    sys.stderr.write(f"{'made' if made else 'there already'}: {time.monotonic() - begin:.0f} s\n")


if __name__ == "__main__":
    main()
