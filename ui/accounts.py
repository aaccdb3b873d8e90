"""Signing in and out at the gateway, and who a credential belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from ui.api import Api
from ui.gateway_errors import bad_answer


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
        self._http, self._url, self._address = http, url, address

    def takes_passwords(self) -> bool:
        """Whether anybody can sign in with one."""
        return bool(self._api().get("/v1/sign-in").get("passwords"))

    def me(self, credential: str) -> Me:
        """
        Raises:
            GatewayError: `signed_out`: the gateway does not take the credential, or no longer.
        """
        return _me(self._api(credential, personal=True).get("/v1/me"))

    def sign_in(self, tenant: str, username: str, password: str) -> Session:
        asked = {"tenant": tenant, "username": username, "password": password}
        return _session(self._api().post("/v1/login", asked))

    def sign_out(self, token: str) -> None:
        self._api(token).post("/v1/logout")

    def change_password(self, token: str, current: str, new: str) -> Session:
        """The sign-in that begins with the new password; the one of `token` ends."""
        return _session(self._api(token).post("/v1/password", {"current": current, "new": new}))

    def _api(self, credential: str | None = None, *, personal: bool = False) -> Api:
        return Api(self._http, self._url, credential, personal=personal, address=self._address)


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
