"""Makes the environment that holds Schemathesis and garak, unless it is there: `python tests/security/environment.py FOLDER`.

They need versions of packages that the product does not take, and garak takes pip's resolver minutes: so they have an
environment of their own, of pinned packages without their dependencies. It is made anew when the pins change. Uses the
standard library alone.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
REQUIREMENTS: Final = tuple(
    HERE / name for name in ("requirements.txt", "requirements-garak.txt", "requirements-sbom.txt")
)
MARK: Final = "vernacular-lock.sha256"


def ensure(folder: Path) -> bool:
    """Whether the environment had to be made.

    Raises:
        CalledProcessError: pip could not install; what it printed says why.
    """
    files = [path for path in REQUIREMENTS if path.exists()]
    mark, wanted = folder / MARK, _lock(files)
    if mark.exists() and mark.read_text(encoding="ascii") == wanted:
        return False
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", "--no-deps", "--disable-pip-version-check"]
    named = [argument for path in files for argument in ("-r", str(path))]
    subprocess.run([*pip, *named], check=True)
    mark.write_text(wanted, encoding="ascii")
    return True


def _lock(files: list[Path]) -> str:
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return hashlib.sha256(
        "\n".join((*(path.read_text(encoding="utf-8") for path in files), python)).encode()
    ).hexdigest()


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit("usage: python tests/security/environment.py FOLDER")
    folder = Path(sys.argv[1]).resolve()
    sys.stderr.write(f"Tools for security tests in {folder}: the first time takes a minute, and little is printed.\n")
    sys.stderr.write("made\n" if ensure(folder) else "there already\n")


if __name__ == "__main__":
    main()
