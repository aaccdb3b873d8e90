"""A model server and a gateway as an operator starts them, each a process of its own, and the ways a test reaches them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from bench.memory import tree
from bench.nano.facts import Place

READY_S: Final = 150.0
MODEL: Final = "skyllm-nano"


def until(done: Callable[[], bool], what: str, seconds: float = READY_S) -> None:
    """Wait for it; a test that waits in vain fails, and says for what."""
    give_up = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < give_up, f"waited {seconds:.0f} s in vain: {what}"
        time.sleep(0.1)


def free_port() -> int:
    """Not one that other tests on this machine would choose too while vLLM, which listens only when it is loaded, does not."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


class Program:
    """A `vernacular` command that runs until it is stopped; what it prints goes into a log on its home."""

    def __init__(self, home: Path, *arguments: str, settings: Mapping[str, str]) -> None:
        self.home = home
        self.environment = {**os.environ, "VERNACULAR_HOME": str(home), **settings}
        self.log = home / f"{arguments[0]}.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "vernacular", *arguments],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def alive(self) -> bool:
        status = self.process.poll()
        assert status is None, f"ended with {status}:\n{self.log.read_text(encoding='utf-8')[-3000:]}"
        return True

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class ModelServer(Program):
    """`vernacular model serve`, by default of skyllm-nano, and the vLLM that it looks after."""

    def __init__(
        self,
        home: Path,
        weights: Path,
        settings: Mapping[str, str],
        profile: str = MODEL,
        options: Sequence[str] = ("--loras", "4", "--context", "2048"),
    ) -> None:
        super().__init__(
            home, "model", "serve", profile, "--weights", str(weights), "--cpu", *options, settings=settings
        )
        self._told = home / "models" / f"{profile}.json"

    def wait(self) -> None:
        try:
            until(lambda: self.alive() and self.answers(), "a vLLM that answers")
        except AssertionError as error:
            logs = [self.log, *sorted((self.home / "logs").glob("model-*.log"))]
            error.add_note("\n".join(path.read_text(encoding="utf-8", errors="replace")[-2000:] for path in logs))
            raise

    def answers(self) -> bool:
        if not self._told.exists():
            return False
        try:
            return self.request("GET", "/models").is_success
        except httpx.TransportError:
            return False

    @property
    def endpoint(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._told.read_text(encoding="utf-8"))
        return found

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """A request of vLLM's own API, past the gateway."""
        headers = {"Authorization": f"Bearer {self.endpoint['api_key']}"}
        return httpx.request(method, f"{self.endpoint['url']}{path}", headers=headers, timeout=60.0, **more)

    def models(self) -> set[str]:
        """The model, and the adapters that are loaded."""
        return {model["id"] for model in self.request("GET", "/models").json()["data"]}

    def metric(self, name: str, **labels: str) -> float:
        """The sum of the samples of `vllm:<name>` that have these labels."""
        url = self.endpoint["url"].removesuffix("/v1")
        lines = httpx.get(f"{url}/metrics", timeout=30.0).text.splitlines()
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        found = [line for line in lines if line.startswith(f"vllm:{name}{{") and all(part in line for part in wanted)]
        return sum(float(line.rpartition(" ")[2]) for line in found)

    def kill(self) -> None:
        """End vLLM itself, at once and without a word, as a kernel does that is out of memory."""
        os.kill(self.vllm_pid(), signal.SIGKILL)

    def vllm_pid(self) -> int:
        for pid in tree(self.process.pid):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if len(words) > 2 and words[1].endswith(b"/vllm") and words[2] == b"serve":
                return pid
        raise AssertionError("there is no vLLM")


class GatewayServer(Program):
    """`vernacular serve` on a free port."""

    def __init__(self, home: Path, settings: Mapping[str, str]) -> None:
        super().__init__(home, "serve", "--port", "0", settings=settings)

    def wait(self) -> None:
        until(
            lambda: self.alive() and (self.home / "gateway.json").exists() and self.ready(), "a gateway that is ready"
        )

    def ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5.0).is_success
        except httpx.TransportError:
            return False

    @property
    def url(self) -> str:
        return str(json.loads((self.home / "gateway.json").read_text(encoding="utf-8"))["url"])

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A `vernacular` command of the same home, run to its end."""
        command = [sys.executable, "-m", "vernacular", *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, timeout=120)

    def tenant(self, slug: str) -> Tenant:
        done = self.command("tenant", "create", slug, "--languages", "en,es,zh", "--json")
        assert done.returncode == 0, done.stderr
        return Tenant(self, slug, json.loads(done.stdout)["admin_key"])


@dataclass
class Tenant:
    gateway: GatewayServer
    slug: str
    key: str
    places: list[Place] = field(default_factory=list)

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.key}", **more.pop("headers", {})}
        return httpx.request(method, f"{self.gateway.url}{path}", headers=headers, timeout=90.0, **more)

    def learn(self, places: Sequence[Place]) -> None:
        """Take in a document for each place, and wait until they are found."""
        records = [
            {"id": place.name, "title": place.title, "text": place.text, "language": place.language} for place in places
        ]
        body = "\n".join(map(json.dumps, records)).encode()
        sent = self.call("POST", "/v1/documents", content=body, headers={"Content-Type": "application/x-ndjson"})
        job = f"/v1/jobs/{sent.json()['job_id']}"
        until(lambda: self.call("GET", job).json()["state"] == "succeeded", "the documents", 60)
        self.places += places

    def ask(self, question: str, **more: Any) -> httpx.Response:
        body = {"model": "default", "messages": [{"role": "user", "content": question}], **more}
        return self.call("POST", "/v1/chat/completions", json=body)

    def answer(self, question: str) -> Answer:
        response = self.ask(question)
        assert response.status_code == 200, response.text
        return Answer(response.json())


@dataclass(frozen=True)
class Answer:
    body: dict[str, Any]

    @property
    def text(self) -> str:
        return str(self.body["choices"][0]["message"]["content"])

    @property
    def about(self) -> dict[str, Any]:
        found: dict[str, Any] = self.body["vernacular"]
        return found

    @property
    def citations(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.body["choices"][0]["message"]["annotations"]
        return found
