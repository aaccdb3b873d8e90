"""Signing in and out at the gateway, and who a credential belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from ui.gateway_errors import bad_answer, raise_for_status, unreachable

_TIMEOUT = httpx.Timeout(10.0)


@dataclass(frozen=True, slots=True)
class Me:
    """Whom the gateway takes someone for. `must_change`: she may do nothing before she has a password of her own."""

    tenant: str
    name: str
    role: str
    must_change: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in with a password; `token` is what the gateway takes."""

    token: str
    me: Me


class Accounts:
    """The gateway at `url`, for people. Raises GatewayError only.

    `address`: where the visitor comes from, so that the gateway does not take everyone's wrong passwords for one person's.
    """

    def __init__(self, http: httpx.Client, url: str, address: str = "") -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._forwarded = {"X-Forwarded-For": address} if address else {}

    def takes_passwords(self) -> bool:
        """Whether anybody can sign in with one."""
        return bool(self._call("GET", "/v1/sign-in").get("passwords"))

    def me(self, credential: str) -> Me:
        """
        Raises:
            GatewayError: `signed_out`: the gateway does not take the credential, or no longer.
        """
        return _me(self._call("GET", "/v1/me", credential, personal=True))

    def sign_in(self, tenant: str, username: str, password: str) -> Session:
        asked = {"tenant": tenant, "username": username, "password": password}
        return _session(self._call("POST", "/v1/login", body=asked))

    def sign_out(self, token: str) -> None:
        self._call("POST", "/v1/logout", token)

    def change_password(self, token: str, current: str, new: str) -> Session:
        """The sign-in that begins with the new password; the one of `token` ends."""
        return _session(self._call("POST", "/v1/password", token, body={"current": current, "new": new}))

    def _call(
        self,
        method: str,
        path: str,
        credential: str | None = None,
        *,
        body: Mapping[str, str] | None = None,
        personal: bool = False,
    ) -> Mapping[str, Any]:
        headers = {"Authorization": f"Bearer {credential}"} if credential else {}
        headers |= self._forwarded
        try:
            response = self._http.request(method, self._url + path, json=body, headers=headers, timeout=_TIMEOUT)
            raise_for_status(response, personal=personal)
            answer = response.json()
        except httpx.HTTPError as error:
            raise unreachable(error) from error
        except ValueError as error:
            raise bad_answer() from error
        if not isinstance(answer, dict):
            raise bad_answer()
        return answer


def _session(body: Mapping[str, Any]) -> Session:
    token, me = body.get("token"), body.get("me")
    if not isinstance(token, str) or not isinstance(me, dict):
        raise bad_answer()
    return Session(token, _me(me))


def _me(body: Mapping[str, Any]) -> Me:
    return Me(
        tenant=str(body.get("tenant") or ""),
        name=str(body.get("name") or ""),
        role=str(body.get("role") or ""),
        must_change=bool(body.get("must_change")),
    )
