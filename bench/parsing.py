"""How the parser does on a folder of files: per type how many are read or refused, seconds, and memory.

    python bench/parsing.py FOLDER [--show]

`--show` also prints every refusal with its reason. Memory is the peak of the sandboxed worker.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from ingest.parse.sandbox import SandboxedParser
from ingest.sources.archives import Unpacker, is_called_archive
from vernacular.errors import UnreadableFile, VernacularError


@dataclass
class Tally:
    read: int = 0
    seconds: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    peak_mb: float = 0.0


def peak_mb(pid: int | None) -> float:
    """The highest resident memory of a process so far; 0 where the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def measure(folder: Path, show: bool) -> dict[str, Tally]:
    tallies: dict[str, Tally] = defaultdict(Tally)
    with SandboxedParser() as parser:
        for path in sorted(each for each in folder.rglob("*") if each.is_file()):
            tally = tallies[path.suffix.lower()]
            start = time.perf_counter()
            try:
                if is_called_archive(path.name):
                    _read_archive(parser, path)
                else:
                    parser.parse(path.read_bytes(), path.name)
                tally.read += 1
            except VernacularError as error:
                tally.refused[error.name if isinstance(error, UnreadableFile) else f"! {error.name}"] += 1
                if show:
                    print(f"{path.name}: {error.name}: {error.message} {error.hint}")
            tally.seconds.append(time.perf_counter() - start)
            tally.peak_mb = max(tally.peak_mb, peak_mb(parser.worker_pid))
    return tallies


def _read_archive(parser: SandboxedParser, path: Path) -> None:
    """Unpack it; the files in it are told of by a line."""
    with tempfile.TemporaryDirectory() as folder:
        contents = Unpacker(parser, Path(folder) / "unpacked").unpack(path, path.name)
        if contents is None or not contents.whole:
            raise UnreadableFile(f"`{path.name}` is no archive that can be read.")
        read = 0
        for each in contents.files:
            try:
                parser.parse(Path(each.file).read_bytes(), Path(each.name).name)
                read += 1
            except VernacularError:
                continue
        print(f"{path.name}: {read} of {len(contents.files)} files read, {len(contents.problems)} set aside")


def report(tallies: dict[str, Tally]) -> None:
    print(f"{'type':8}{'files':>7}{'read':>7}{'mean ms':>9}{'max ms':>9}{'peak MB':>9}  refused")
    for kind, tally in sorted(tallies.items()):
        files, total = len(tally.seconds), sum(tally.seconds)
        reasons = ", ".join(f"{name} {count}" for name, count in tally.refused.most_common())
        times = f"{1000 * total / files:9.0f}{1000 * max(tally.seconds):9.0f}{tally.peak_mb:9.0f}"
        print(f"{kind:8}{files:7}{tally.read:7}{times}  {reasons}")
    files, read = sum(len(each.seconds) for each in tallies.values()), sum(each.read for each in tallies.values())
    print(
        f"{files} files, {read} read ({read / max(files, 1):.1%}), {sum(sum(t.seconds) for t in tallies.values()):.1f} s"
    )


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--show", action="store_true")
    chosen = arguments.parse_args()
    report(measure(chosen.folder, chosen.show))
