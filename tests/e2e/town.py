"""A gateway with widgets, the websites of other origins that they stand on, and what a visitor does with one."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import FrameLocator, Page, expect

from tests.vllm.processes import GatewayServer, Tenant, until

QUESTION: Final = "What does a replacement identity card cost?"
QUOTE: Final = "A replacement identity card costs 425 dollars."
RECORDS: Final = [
    {
        "id": "id-card",
        "title": "Identity cards: fees",
        "text": f"{QUOTE} Bring the old card to the counter.",
        "uri": "https://harbour.example/fees",
        "valid_from": "2026-01-01",
        "valid_until": "2099-12-31",
    },
    {"id": "id-ar", "title": "رسوم بطاقة الهوية", "language": "ar", "text": "تكلفة بطاقة الهوية البديلة 425 دولاراً."},
]


@dataclass
class Site:
    """A website on a port of its own, under a policy that allows the gateway and nobody else. `pages`: HTML for the body, by path."""

    gateway: str
    pages: dict[str, str] = field(default_factory=dict)
    url: str = ""

    @property
    def beside(self) -> str:
        """The same on the gateway's own host: another origin, but to browsers no other site."""
        return self.url.replace("localhost", "127.0.0.1")

    @property
    def policy(self) -> str:
        allowed = "; ".join(f"{kind} {self.gateway}" for kind in ("script-src", "connect-src", "frame-src"))
        return f"default-src 'none'; {allowed}; require-trusted-types-for 'script'"

    def page(self, path: str) -> bytes:
        language, direction = ("ar", "rtl") if path == "/ar" else ("en", "ltr")
        head = f'<!doctype html><html lang="{language}" dir="{direction}"><meta name="viewport" content="width=device-width">'
        body = f"<title>A town</title><main><h1>A town</h1><p>{'Words of the town. ' * 80}</p><a href='#'>A link</a></main>"
        return f"{head}{body}{self.pages.get(path, self.pages['/'])}".encode()


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, site: Site, *arguments: Any) -> None:
        self.site = site
        super().__init__(*arguments)

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", self.site.policy)
        self.end_headers()
        self.wfile.write(self.site.page(self.path))

    def log_message(self, *_told: Any) -> None:
        pass


@contextmanager
def serving(gateway: str) -> Iterator[Site]:
    site = Site(gateway)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, site)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        # Another host than the gateway's, not only another port: another site to browsers too.
        site.url = f"http://localhost:{server.server_port}"
        yield site
        server.shutdown()


@dataclass
class Town:
    """A gateway with two tenants, each with a widget on its own site."""

    gateway: GatewayServer
    harbour: Tenant
    site: Site
    widget: str
    other: Site
    """The site of another tenant's widget."""


@contextmanager
def running_town(folder: Path) -> Iterator[Town]:
    gateway = GatewayServer(folder, {})
    try:
        gateway.wait()
        with serving(gateway.url) as site, serving(gateway.url) as other:
            harbour, delta = (_tenant(gateway, slug) for slug in ("harbour", "delta"))
            _plant(harbour)
            _embed(delta, other)
            yield Town(gateway, harbour, site, _embed(harbour, site), other)
    finally:
        gateway.stop()


def _tenant(gateway: GatewayServer, slug: str) -> Tenant:
    made = gateway.command("tenant", "create", slug, "--languages", "en,ar", "--json")
    assert made.returncode == 0, made.stderr
    return Tenant(gateway, slug, json.loads(made.stdout)["admin_key"])


def _plant(tenant: Tenant) -> None:
    look = {
        "display_name": "Harbour Council",
        "greeting": "Welcome.",
        "suggested_questions": [QUESTION],
        "contact": {"phone": "2835 1473"},
        "branding": {"color": "#7a1f4e"},
    }
    changed = tenant.call("PATCH", "/v1/admin/settings", json=look)
    assert changed.is_success, changed.text
    ndjson = {"Content-Type": "application/x-ndjson"}
    sent = tenant.call("POST", "/v1/documents", content="\n".join(map(json.dumps, RECORDS)), headers=ndjson)
    job = sent.json()["job_id"]
    until(lambda: tenant.call("GET", f"/v1/jobs/{job}").json()["state"] == "succeeded", "the documents")


def _embed(tenant: Tenant, site: Site) -> str:
    made = tenant.call("POST", "/v1/admin/widgets", json={"origins": [site.url, site.beside]}).json()
    site.pages["/"] = made["tag"]
    return str(made["about"]["id"])


def chat(page: Page) -> FrameLocator:
    return page.frame_locator("vernacular-widget iframe")


def opened(page: Page, address: str) -> FrameLocator:
    page.goto(address)
    page.get_by_role("button", name="Harbour Council").click()
    expect(chat(page).locator("#suggested button")).to_be_visible()
    return chat(page)


def answered(page: Page, address: str, question: str = QUESTION) -> FrameLocator:
    frame = opened(page, address)
    frame.get_by_role("textbox").fill(question)
    frame.get_by_role("textbox").press("Enter")
    expect(frame.locator(".rate")).to_be_visible()
    return frame
