"""The part of the fake gateway that knows people: accounts with passwords, and tokens of a provider."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

Answer = tuple[int, dict[str, Any] | str]
"""A status, and a body or the name of an error."""


@dataclass
class FakePeople:
    """`passwords` by (tenant, name). `fresh`: those who were given theirs by someone else. `sessions`: names by token.

    `roles`: of those who are more than members. `provided`: tenant and name of the person of a provider's token. `ended` collects the tokens that were signed out.
    """

    passwords: dict[tuple[str, str], str] = field(default_factory=dict)
    fresh: set[tuple[str, str]] = field(default_factory=set)
    sessions: dict[str, tuple[str, str]] = field(default_factory=dict)
    provided: dict[str, tuple[str, str]] = field(default_factory=dict)
    roles: dict[tuple[str, str], str] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)
    refusal: str = "wrong_password"
    begun: int = 0

    def key_of(self, credential: str) -> str:
        """The public key of the tenant whose person that is; the credential itself where it is nobody's."""
        person = self.sessions.get(credential) or self.provided.get(credential)
        return f"vn-{person[0]}" if person else credential

    def handle(self, method: str, path: str, credential: str, body: bytes) -> Answer | None:
        """None: it is not about people."""
        route = f"{method} {path}"
        if route == "GET /v1/sign-in":
            return 200, {"passwords": bool(self.passwords)}
        if route == "POST /v1/login":
            return self._log_in(json.loads(body))
        if route not in ("GET /v1/me", "POST /v1/logout", "POST /v1/password"):
            return None
        person = self.sessions.get(credential) or self.provided.get(credential)
        if person is None:
            return 401, "unauthorized"
        if route == "POST /v1/logout":
            self.ended.append(credential)
            self.sessions.pop(credential, None)
            return 200, {"sessions": 1}
        if route == "POST /v1/password":
            return self._change(person, json.loads(body))
        return 200, self._me(person)

    def _log_in(self, asked: dict[str, str]) -> Answer:
        person = (asked["tenant"], asked["username"])
        if self.passwords.get(person) != asked["password"]:
            return 401, self.refusal
        return 200, self._begin(person)

    def _change(self, person: tuple[str, str], asked: dict[str, str]) -> Answer:
        if self.passwords[person] != asked["current"]:
            return 401, "wrong_password"
        if len(asked["new"]) < 12:
            return 400, "password_refused"
        self.passwords[person] = asked["new"]
        self.fresh.discard(person)
        self.sessions = {token: who for token, who in self.sessions.items() if who != person}
        return 200, self._begin(person)

    def _begin(self, person: tuple[str, str]) -> dict[str, Any]:
        self.begun += 1
        token = f"vs_{self.begun}_{person[1]}"
        self.sessions[token] = person
        return {"token": token, "expires_at": "2030-01-01T00:00:00Z", "me": self._me(person)}

    def _me(self, person: tuple[str, str]) -> dict[str, Any]:
        return {
            "tenant": person[0],
            "name": person[1],
            "role": self.roles.get(person, "member"),
            "must_change": person in self.fresh,
        }
