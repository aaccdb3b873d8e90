"""Schemathesis sends what the OpenAPI document allows, and what it does not, to every route of a gateway as operators start it."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import pytest

from tests.vllm.processes import GatewayServer

pytestmark = [pytest.mark.security, pytest.mark.timeout(900)]
CHECKS: Final = (
    "not_a_server_error,ignored_auth,response_schema_conformance,content_type_conformance,status_code_conformance"
)
EXAMPLES: Final = 20


@dataclass(frozen=True, slots=True)
class Subject:
    """A gateway with something in it. `keys`: none, a tenant's administrator's, an operator's."""

    gateway: GatewayServer
    keys: dict[str, str]


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subject]:
    gateway = GatewayServer(tmp_path_factory.mktemp("schemathesis"), {})
    try:
        gateway.wait()
        tenant = gateway.tenant("library")
        made = json.loads(gateway.command("operator", "create", "--json").stdout)
        yield Subject(gateway, {"none": "", "administrator": tenant.key, "operator": made["key"]})
    finally:
        gateway.stop()


def schemathesis(folder: Path, url: str, key: str) -> subprocess.CompletedProcess[str]:
    """In `folder`, for it leaves notes where it runs."""
    program = Path(os.environ.get("VERNACULAR_TESTS_TOOLS", ".venv-security/bin")).absolute() / "st"
    header = ("-H", f"Authorization: Bearer {key}") if key else ()
    options = (
        "--max-examples",
        str(EXAMPLES),
        "--seed",
        "1",
        "--continue-on-failure",
        "--no-color",
        "--warnings",
        "off",
    )
    kept = ("--generation-database", "none")
    command = [str(program), "run", f"{url}/openapi.json", *header, "-c", CHECKS, *options, *kept]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


class TestTheWholeApi:
    @pytest.mark.parametrize("who", ["none", "administrator", "operator"])
    def test_fails_nowhere_and_asks_for_credentials_where_it_says(
        self, subject: Subject, who: str, tmp_path: Path
    ) -> None:
        done = schemathesis(tmp_path, subject.gateway.url, subject.keys[who])
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-1000:]
        tested = next(line for line in done.stdout.splitlines() if "Tested:" in line)
        selected = next(line for line in done.stdout.splitlines() if "Selected:" in line)
        assert tested.split(":")[1].strip() == selected.split("/")[1].strip(), "not every operation was tested"


class Careless(BaseHTTPRequestHandler):
    """An API that says it asks for a key and does not, and breaks on what it did not expect."""

    DOCUMENT: Final = {
        "openapi": "3.1.0",
        "info": {"title": "careless", "version": "1"},
        "security": [{"key": []}],
        "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
        "paths": {
            "/open": {"get": {"responses": {"200": {"description": "all"}}}},
            "/broken": {"get": {"responses": {"200": {"description": "none"}}}},
        },
    }

    def do_GET(self) -> None:
        broken = self.path.startswith("/broken")
        body = json.dumps(self.DOCUMENT if self.path == "/openapi.json" else {}).encode()
        self.send_response(500 if broken else 200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def careless() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Careless)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class TestTheTool:
    def test_finds_a_server_error_and_credentials_that_are_not_asked_for(self, tmp_path: Path) -> None:
        with careless() as url:
            done = schemathesis(tmp_path, url, "any")
        assert done.returncode != 0
        assert "Server error" in done.stdout
        assert "authentication" in done.stdout.lower()
