from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any, Final

import pytest

from tests.serve.gateway import Gateway

SITE: Final = "https://www.example.org"
OWN: Final = "http://testserver"
"""The gateway's own origin, as its test client calls it."""


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data


def elements(html: str) -> list[tuple[str, dict[str, str]]]:
    page = _Page()
    page.feed(html)
    return page.elements


def text_of(html: str) -> str:
    page = _Page()
    page.feed(html)
    return page.text


def body_of(html: str) -> dict[str, str]:
    """The attributes of its body: what the frame's script is told."""
    return next(attributes for tag, attributes in elements(html) if tag == "body")


@dataclass
class Embedded:
    """A widget on a page, and what a browser does there."""

    gateway: Gateway
    id: str

    def frame(self, site: str = SITE, **more: str) -> Any:
        return self.gateway.call("GET", "/widget/frame", params={"widget": self.id, "site": site, **more})

    def begin(self, frame: str, origin: str | None = SITE, widget: str = "") -> Any:
        headers = {} if origin is None else {"Origin": origin}
        body = {"widget": widget or self.id, "frame": frame}
        return self.gateway.call("POST", "/v1/widget/session", json=body, headers=headers)

    def session(self) -> tuple[str, dict[str, str]]:
        """A token, and the headers that the browser sends with it from the frame that it is for."""
        told = body_of(self.frame().text)
        begun = self.begin(told["data-frame"])
        assert begun.status_code == 201, begun.text
        return begun.json()["token"], {"Origin": OWN, "X-Vernacular-Frame": told["data-secret"]}

    def tenant(self, token: str, headers: dict[str, str]) -> int:
        """The status of asking who the tenant is."""
        return self.gateway.call("GET", "/v1/tenant", token, headers=headers).status_code


def embed(gateway: Gateway, key: str, **form: Any) -> Embedded:
    made = gateway.call("POST", "/v1/admin/widgets", key, json={"origins": [SITE], **form})
    assert made.status_code == 201, made.text
    return Embedded(gateway, made.json()["about"]["id"])


@pytest.fixture
def embedded(gateway: Gateway, key: str) -> Embedded:
    """acme's widget on its site."""
    return embed(gateway, key)
