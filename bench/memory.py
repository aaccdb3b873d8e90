"""Memory and CPU time of a tree of processes, from the kernel's own figures."""

from __future__ import annotations

import os
from pathlib import Path


def pss_mb(pid: int) -> float:
    """Proportional set size of one process in MB: shared pages are divided among those who share them; 0 when it is gone."""
    return _rollup_mb(pid, "Pss:")


def rss_mb(pid: int) -> float:
    """Resident set size of one process in MB, shared pages counted whole; 0 when it is gone."""
    return _rollup_mb(pid, "Rss:")


def tree_cpu_s(pid: int) -> float:
    """CPU seconds of `pid` and all that descends from it, the ended ones that were waited for included."""
    ticks = 0
    for each in tree(pid):
        try:
            after_name = Path(f"/proc/{each}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        ticks += sum(map(int, after_name.split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """`pid` and all that descend from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                after_name = (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            children.setdefault(int(after_name[1]), []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += children.get(one, [])
    return found


def command(pid: int) -> str:
    """What the process runs, in short."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return "?"
    shown = [Path(word).name if "/" in word else word for word in words if word and not word.startswith("--")]
    return " ".join(shown)[:48]


def _rollup_mb(pid: int, field: str) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024
