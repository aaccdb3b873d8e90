"""From an empty folder to the first cited answer: seconds and memory.

    python -m bench.first_run [--keep-venv]

Clones this checkout into a temporary folder, runs `make demo` there with a fresh home, asks each tenant its first suggested
question as soon as it can be asked, and prints the seconds of each stage and the PSS of every process. The time that pip takes
to download is printed by itself (`pip download` of the same packages into an empty cache would be measured twice otherwise:
the install stage is download + unpacking, and is told apart from the rest).
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from bench.memory import command, pss_mb, tree

ROOT = Path(__file__).parent.parent
PATIENCE_S = 900.0


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def ask(port: int, key: str, question: str) -> dict[str, Any]:
    body = {"model": "default", "messages": [{"role": "user", "content": question}]}
    headers = {"Authorization": f"Bearer {key}"}
    found: dict[str, Any] = httpx.post(
        f"http://127.0.0.1:{port}/v1/chat/completions", json=body, headers=headers, timeout=10.0
    ).json()
    return found


class FirstRun:
    def __init__(self, folder: Path) -> None:
        self.clone, self.home = folder / "vernacular", folder / "home"
        self.gateway_port, self.ui_port = free_port(), free_port()
        self.peak_mb = 0.0
        subprocess.run(["git", "clone", "-q", str(ROOT), str(self.clone)], check=True)
        self.began = time.monotonic()
        environment = {
            **os.environ,
            "VERNACULAR_HOME": str(self.home),
            "VERNACULAR_SERVE__PORT": str(self.gateway_port),
            "VERNACULAR_UI__PORT": str(self.ui_port),
        }
        self.process = subprocess.Popen(
            ["make", "demo"],
            cwd=self.clone,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait(self, done: Any) -> float:
        """Seconds from the start until `done()` is true, watching the memory meanwhile."""
        while time.monotonic() - self.began < PATIENCE_S:
            if self.process.poll() is not None:
                raise SystemExit(
                    f"make demo ended with {self.process.returncode}:\n{self.process.stdout.read() if self.process.stdout else ''}"
                )
            if done():
                return time.monotonic() - self.began
            if self.installed():
                self.peak_mb = max(self.peak_mb, sum(pss_mb(pid) for pid in tree(self.process.pid)))
            time.sleep(0.2)
        raise SystemExit("gave up waiting")

    def installed(self) -> bool:
        return (self.clone / ".venv" / ".base").exists()

    def ready(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.gateway_port}/readyz", timeout=2.0).is_success
        except httpx.TransportError:
            return False

    def answered(self, slug: str, question: str) -> bool:
        keys = self.home / "ui-keys.json"
        if not keys.exists():
            return False
        found = ask(self.gateway_port, json.loads(keys.read_text())[slug], question)
        return bool(found.get("vernacular", {}).get("answered")) and bool(
            found["choices"][0]["message"].get("annotations")
        )

    def page_up(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.ui_port}/_stcore/health", timeout=2.0).is_success
        except httpx.TransportError:
            return False

    def stop(self) -> float:
        """Seconds that Ctrl-C takes to stop everything."""
        begin = time.monotonic()
        for pid in tree(self.process.pid)[1:2]:
            os.kill(pid, signal.SIGINT)
        self.process.wait(60)
        return time.monotonic() - begin


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    profiles = [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "examples").glob("*/tenant.json"))
    ]
    with tempfile.TemporaryDirectory(prefix="vernacular-first-run-") as folder:
        run = FirstRun(Path(folder))
        stages = {"packages installed": run.wait(run.installed), "gateway ready": run.wait(run.ready)}
        for profile in profiles:
            slug, question = profile["name"], profile["suggested_questions"][0]
            stages[f"first cited answer of {slug}"] = run.wait(lambda: run.answered(slug, question))  # noqa: B023
        stages["front end up"] = run.wait(run.page_up)
        time.sleep(5)
        memory = {f"{command(pid)} ({pid})": pss_mb(pid) for pid in tree(run.process.pid)}
        stopped = run.stop()
    for stage, seconds in stages.items():
        print(f"{seconds:8.1f} s  {stage}  (+{seconds - stages['packages installed']:.1f} s after the packages)")
    for name, megabytes in memory.items():
        print(f"{megabytes:8.1f} MB PSS  {name}")
    print(f"{sum(memory.values()):8.1f} MB PSS  all processes at rest; peak while loading {run.peak_mb:.1f} MB")
    print(f"{stopped:8.1f} s  to stop on Ctrl-C")
    print(
        json.dumps(
            {"stages_s": stages, "pss_mb": memory, "pss_sum_mb": sum(memory.values()), "pss_peak_mb": run.peak_mb}
        )
    )


if __name__ == "__main__":
    main()
