"""The front end in a process of its own, before a fake gateway, in Chromium."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.e2e.demo import Demo, running_demo
from tests.e2e.runs import watch
from tests.ui.fake_gateway import PUBLIC_KEYS, FakeGateway
from tests.vllm.processes import GatewayServer, Tenant, until
from ui.bootstrap import KEYS_FILE

_START = "from ui.main import run; from vernacular.settings import get_settings; run(get_settings())"


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(FakeGateway(), tmp_path_factory.mktemp("home")) as address:
        yield address


@pytest.fixture(scope="session")
def seeing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a front end whose assistants read images."""
    with served(FakeGateway(vision=True), tmp_path_factory.mktemp("home")) as address:
        yield address


@pytest.fixture(scope="session")
def answering(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a front end before a real gateway, whose tenant `harbour` declares Cantonese."""
    gateway = GatewayServer(tmp_path_factory.mktemp("gateway"), {})
    try:
        gateway.wait()
        made = gateway.command("tenant", "create", "harbour", "--languages", "zh-Hant,en", "--json")
        assert made.returncode == 0, made.stderr
        harbour = Tenant(gateway, "harbour", json.loads(made.stdout)["admin_key"])
        declared = harbour.call("PUT", "/v1/admin/dialects/settings", json={"dialects": ["yue-Hant-HK"]})
        assert declared.is_success, declared.text
        record = {"id": "id-card", "title": "補領身份證", "text": "補領身份證的費用為港幣 425 元。"}
        ndjson = {"Content-Type": "application/x-ndjson"}
        job = harbour.call("POST", "/v1/documents", content=json.dumps(record), headers=ndjson).json()["job_id"]
        until(lambda: harbour.call("GET", f"/v1/jobs/{job}").json()["state"] == "succeeded", "the document")
        with front_end(gateway.url, tmp_path_factory.mktemp("home"), {"harbour": harbour.key}) as address:
            yield address
    finally:
        gateway.stop()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A gateway, worker and front end with a city's, a province's and a shop's documents, one for all tests: what a test adds, others see."""
    with running_demo(tmp_path_factory.mktemp("demo") / "home", ["harbour", "delta", "shuguo"]) as demo:
        yield demo


@contextmanager
def served(gateway: FakeGateway, home: Path) -> Iterator[str]:
    with gateway.listen() as gateway_url, front_end(gateway_url, home, PUBLIC_KEYS) as address:
        yield address


@contextmanager
def front_end(gateway_url: str, home: Path, keys: Mapping[str, str], **more: str) -> Iterator[str]:
    """`more`: further settings, by variable."""
    (home / KEYS_FILE).write_text(json.dumps(keys), encoding="utf-8")
    settings = {
        "VERNACULAR_HOME": str(home),
        "VERNACULAR_UI__PORT": "0",
        "VERNACULAR_UI__GATEWAY_URL": gateway_url,
        **more,
    }
    process = subprocess.Popen(
        [sys.executable, "-c", _START],
        env={**os.environ, **settings},
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    address = process.stdout.readline().split()[-1]
    _wait_for(address)
    yield address
    process.terminate()
    process.wait(timeout=20)
    process.stdout.close()


def _wait_for(address: str) -> None:
    """It is told a moment before it can be reached."""
    for _ in range(200):
        try:
            httpx.get(address, trust_env=False)
            return
        except httpx.ConnectError:
            time.sleep(0.05)
    raise AssertionError(f"nothing listens at {address}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
            args=["--no-sandbox", "--disable-dev-shm-usage"],
        )
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page, and what it did that a person does not see."""

    page: Page
    hosts: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)

    def note_request(self, request: Request) -> None:
        if request.url.startswith(("http:", "https:", "ws:", "wss:")):
            self.hosts.add(request.url.split("/")[2].split(":")[0])

    def note_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)


@pytest.fixture
def visit(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A fresh visitor. `@pytest.mark.parametrize("visit", [{"locale": …, "viewport": …}], indirect=True)` says who."""
    context = watch(browser.new_context(**getattr(request, "param", {})))
    context.set_default_timeout(20_000)
    visit = Visit(context.new_page())
    visit.page.on("request", visit.note_request)
    visit.page.on("console", visit.note_console)
    yield visit
    context.close()
