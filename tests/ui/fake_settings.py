"""The part of the fake gateway that keeps a tenant's settings, its varieties, and its prompts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.ui.fake_gateway import Reply

PACKS = [
    {"tag": "yue-Hant-HK", "native": "廣東話（香港）", "entries": 300, "domains": {"tax": 12, "housing": 7}},
    {"tag": "nan-Hant-TW", "native": "臺語", "entries": 200, "domains": {"health": 3}},
]
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def _settings() -> dict[str, Any]:
    return {
        "name": "harbour",
        "display_name": "Harbour",
        "languages": ["zh-Hant", "en"],
        "greeting": "Hello!",
        "suggested_questions": ["What does it cost?"],
        "contact": {"phone": "555 0100"},
        "register": "plain",
        "glossary": {"DOG": "dog licence"},
        "branding": {"color": None, "logo": False},
    }


@dataclass
class FakeSettings:
    """`kept`: the settings. `changes`: what was asked for, one by one. `refusal`: what every change is answered with."""

    kept: dict[str, Any] = field(default_factory=_settings)
    varieties: dict[str, Any] = field(
        default_factory=lambda: {
            "dialects": ["yue-Hant-HK"],
            "without_pack": [],
            "preferences": {"answer_in": "standard", "register": "plain"},
            "assistants": {},
            "in_force": {"answer_in": "standard", "script": "as_written", "expansion": True, "detect": True},
        }
    )
    trial: dict[str, Any] = field(default_factory=dict)
    prompts: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {"persona": [], "instructions": []})
    changes: list[tuple[str, str, Any]] = field(default_factory=list)
    refusal: str = ""
    page: int = 100

    def handle(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> Reply | None:
        if not path.startswith(("/v1/admin/settings", "/v1/admin/dialects", "/v1/admin/prompts", "/v1/tenant/logo")):
            return None
        is_json = body.startswith(b"{")
        if method != "GET":
            self.changes.append((method, path, json.loads(body) if is_json else body))
            if self.refusal:
                return _reply({"error": {"name": "bad_request", "message": self.refusal, "hint": ""}}, 400)
        asked = json.loads(body) if is_json else {}
        return self._answer(method, path, asked, query)

    def _answer(self, method: str, path: str, asked: dict[str, Any], query: Mapping[str, str]) -> Reply:
        if path == "/v1/admin/settings":
            branding = {**self.kept["branding"], **asked.pop("branding", {})}
            self.kept |= {**asked, "branding": branding}
            return _reply(self.kept)
        if path == "/v1/admin/settings/logo":
            self.kept["branding"]["logo"] = method == "PUT"
            return _reply({"logo": method == "PUT", "width": 64, "height": 64})
        if path == "/v1/tenant/logo":
            return Reply(200, PNG, "image/png")
        if path == "/v1/admin/dialects":
            return _reply({"data": PACKS})
        if path == "/v1/admin/dialects/settings":
            self.varieties |= asked
            return _reply(self.varieties)
        if path == "/v1/admin/dialects/test":
            return _reply({"question": asked["question"], "query": asked["question"], **self.trial})
        return self._prompt(method, path.split("/")[4], asked, query)

    def _prompt(self, method: str, name: str, asked: dict[str, Any], query: Mapping[str, str]) -> Reply:
        versions = self.prompts[name]
        if method == "POST":
            made = version(len(versions) + 1, asked["text"], asked["note"])
            versions.insert(0, made)
            if asked["activate"]:
                self._activate(versions, made["version"])
            return _reply(made, 201)
        if method == "PUT":
            self._activate(versions, asked["version"])
        before = int(query.get("before", 10**9))
        shown = [each for each in versions if each["version"] < before][: self.page]
        in_force = next((each["version"] for each in versions if each["active"]), None)
        older = shown[-1]["version"] if shown and shown[-1]["version"] > 1 else None
        return _reply({"name": name, "active": in_force, "max_chars": 2000, "versions": shown, "older": older})

    @staticmethod
    def _activate(versions: list[dict[str, Any]], number: int | None) -> None:
        for each in versions:
            each["active"] = each["version"] == number


def version(number: int, text: str, note: str = "", *, active: bool = False, author: str = "Ana") -> dict[str, Any]:
    moment = f"2026-06-0{number}T10:00:00+00:00"
    return {
        "version": number,
        "text": text,
        "note": note,
        "active": active,
        "author": author,
        "created_at": moment,
    }


def _reply(body: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(body, ensure_ascii=False).encode())
