"""Calls to the gateway, over HTTP: what every reader of it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import httpx

from ui.gateway_errors import bad_answer, raise_for_status, unreachable

# An extractive answer takes milliseconds; a generated one may think for a while before its first word.
TIMEOUT: Final = httpx.Timeout(10.0, read=120.0)


class Api:
    """The gateway at `url`, as whoever `credential` belongs to may use it (None: nobody). Raises GatewayError only.

    `personal`: the credential is what a person signed in with. `address`: where the visitor comes from, so that the gateway does not take
    everyone's wrong passwords for one person's.
    """

    def __init__(
        self, http: httpx.Client, url: str, credential: str | None = None, *, personal: bool = False, address: str = ""
    ) -> None:
        self.http = http
        self.url = url.rstrip("/")
        self.personal = personal
        self.headers = {"Authorization": f"Bearer {credential}"} if credential else {}
        self.headers |= {"X-Forwarded-For": address} if address else {}

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        """The JSON object of an answer. Parameters that are None are left out."""
        return self._json("GET", path, params=_given(params))

    def post(
        self,
        path: str,
        json: Any = None,
        *,
        content: bytes | None = None,
        media_type: str = "",
        files: Any = None,
        data: Mapping[str, str] | None = None,
        **params: Any,
    ) -> dict[str, Any]:
        """`json`, `content` of a media type, or a form of `files` and `data`."""
        headers = {"Content-Type": media_type} if media_type else {}
        return self._json(
            "POST", path, params=_given(params), json=json, content=content, files=files, data=data, headers=headers
        )

    def put(self, path: str, json: Any = None, *, content: bytes | None = None, media_type: str = "") -> dict[str, Any]:
        headers = {"Content-Type": media_type} if media_type else {}
        return self._json("PUT", path, json=json, content=content, headers=headers)

    def patch(self, path: str, json: Any) -> dict[str, Any]:
        return self._json("PATCH", path, json=json)

    def delete(self, path: str, **params: Any) -> dict[str, Any]:
        return self._json("DELETE", path, params=_given(params))

    def content(self, path: str, **params: Any) -> tuple[bytes, str]:
        """The bytes of an answer and their media type."""
        response = self._send("GET", path, params=_given(params))
        return response.content, response.headers.get("content-type", "").partition(";")[0]

    def _json(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        response = self._send(method, path, **request)
        if response.status_code == httpx.codes.NO_CONTENT:
            return {}
        try:
            body = response.json()
        except ValueError as error:
            raise bad_answer() from error
        if not isinstance(body, dict):
            raise bad_answer()
        return body

    def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        headers = {**self.headers, **(request.pop("headers", None) or {})}
        try:
            response = self.http.request(method, self.url + path, headers=headers, timeout=TIMEOUT, **request)
        except httpx.HTTPError as error:
            raise unreachable(error) from error
        raise_for_status(response, personal=self.personal)
        return response


def _given(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value is not None}
