"""Makes the environment of the peers, `.bench/peers`, unless it is there: `python -m bench.peers.setup`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENVIRONMENT = ROOT / ".bench" / "peers"
PYTHON = ENVIRONMENT / "bin" / "python"
REQUIREMENTS = Path(__file__).parent / "requirements.txt"


def ensure() -> Path:
    """The peers' Python; the first time, or when the requirements have changed, this takes minutes and 1.5 GB."""
    done = ENVIRONMENT / "requirements.txt"
    wanted = REQUIREMENTS.read_text(encoding="utf-8")
    if not (done.exists() and done.read_text(encoding="utf-8") == wanted):
        print("Installing the peers into .bench/peers …", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
        install = [str(PYTHON), "-m", "pip", "install", "-q", "--no-compile", "--disable-pip-version-check"]
        torch = next(line for line in wanted.splitlines() if line.startswith("torch=="))
        subprocess.run([*install, torch], check=True)
        subprocess.run([*install, "-r", str(REQUIREMENTS)], check=True)
        done.write_text(wanted, encoding="utf-8")
    return PYTHON


if __name__ == "__main__":
    print(ensure())
