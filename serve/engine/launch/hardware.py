"""What this machine has for a model server: NVIDIA GPUs with their free memory, and memory that is left."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ASK_S = 30.0
_FIELDS = "index,name,memory.total,memory.free,driver_version"
_CGROUPS = (
    (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")),
    (Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"), Path("/sys/fs/cgroup/memory/memory.usage_in_bytes")),
)


@dataclass(frozen=True, slots=True)
class Gpu:
    """One as `nvidia-smi` shows it; sizes in bytes."""

    index: int
    name: str
    total: int
    free: int
    driver: str

    @property
    def title(self) -> str:
        return f"{self.name}, {self.total / 2**30:.0f} GiB"


def gpus() -> list[Gpu]:
    """The NVIDIA GPUs that the driver shows; empty where there is no driver."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    try:
        shown = subprocess.run(
            [program, f"--query-gpu={_FIELDS}", "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            check=False,
            timeout=ASK_S,
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [gpu for line in shown.stdout.splitlines() if (gpu := _gpu(line))] if shown.returncode == 0 else []


def available_memory() -> int:
    """Bytes that can be taken without swapping, within the container's limit if there is one."""
    free = _meminfo_available()
    for limit, used in _CGROUPS:
        try:
            return min(free, int(limit.read_text()) - int(used.read_text()))
        except (OSError, ValueError):  # another version of cgroups, or "max"
            continue
    return free


def _gpu(line: str) -> Gpu | None:
    try:
        index, name, total, free, driver = (field.strip() for field in line.split(","))
        return Gpu(int(index), name, int(total) * 2**20, int(free) * 2**20, driver)
    except ValueError:  # a line of words, or "[N/A]" for a figure
        return None


def _meminfo_available() -> int:
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
