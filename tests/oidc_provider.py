"""An OpenID provider for tests and for trying things out, on a port of this machine: discovery, keys that rotate, the
authorization-code flow with PKCE behind a sign-in page, access and ID tokens as separate as they should be, and sign-out.

`python -m tests.oidc_provider --port 9400` runs it by itself; docs/access.md tells the settings for it. It believes anyone
who types a name, so it is never for real people.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import hashlib
import html
import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

PEOPLE: dict[str, dict[str, Any]] = {
    "ana": {"name": "Ana Ruiz", "email": "ana@city.example", "tenant": "city", "roles": ["staff"], "groups": ["/hr"]},
    "bo": {"name": "Bo Lin", "email": "bo@city.example", "tenant": "city", "roles": ["boss"], "groups": []},
}


@dataclass
class SigningKey:
    kid: str
    private: PrivateKey
    algorithm: str

    @classmethod
    def rsa(cls, kid: str, bits: int = 2048) -> SigningKey:
        return cls(kid, rsa.generate_private_key(public_exponent=65537, key_size=bits), "RS256")

    @classmethod
    def ec(cls, kid: str) -> SigningKey:
        return cls(kid, ec.generate_private_key(ec.SECP256R1()), "ES256")

    def jwk(self) -> dict[str, Any]:
        """The public half."""
        algorithm = jwt.get_algorithm_by_name(self.algorithm)
        public: dict[str, Any] = algorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {**public, "kid": self.kid, "use": "sig", "alg": self.algorithm}


@dataclass
class OidcProvider:
    """`issuer` is known once it listens. `requests` counts what was asked of each path; `trouble`: "down" (500), "away" (without a socket: refuses to connect) or none.

    `client_id`, `client_secret` ("" for a public client, which must use PKCE): the one client. `audience`: that of access tokens.
    """

    issuer: str = ""
    audience: str = "vernacular"
    client_id: str = "front-end"
    client_secret: str = "of-the-client"
    access_s: int = 300
    people: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: PEOPLE)
    keys: list[SigningKey] = field(default_factory=lambda: [SigningKey.rsa("k1")])
    trouble: str = ""
    requests: dict[str, int] = field(default_factory=dict)
    signed_out: list[str] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def rotate(self, key: SigningKey) -> None:
        """Sign with `key` from now on; the older keys are no longer published."""
        self.keys[:] = [key]

    def access_token(self, who: str, **changes: Any) -> str:
        """An access token of that person; a change to None leaves a claim out."""
        claims = {
            **self._common(who),
            "aud": self.audience,
            "client_id": self.client_id,
            "scope": "openid profile email",
        }
        return self.sign({**claims, **changes}, headers={"typ": "at+jwt"})

    def id_token(self, who: str, nonce: str | None = "n", **changes: Any) -> str:
        return self.sign({**self._common(who), "aud": self.client_id, "nonce": nonce, **changes})

    def sign(self, claims: Mapping[str, Any], headers: Mapping[str, Any] | None = None) -> str:
        key = self.keys[0]
        said = {name: value for name, value in claims.items() if value is not None}
        # PyJWS, because a test may want claims that PyJWT refuses to sign.
        return jwt.PyJWS().encode(
            json.dumps(said).encode(), key.private, key.algorithm, {"kid": key.kid, **(headers or {})}
        )

    def _common(self, who: str) -> dict[str, Any]:
        now = int(time.time())
        person = {name: value for name, value in self.people[who].items() if value}
        return {
            "iss": self.issuer,
            "sub": f"id-of-{who}",
            "preferred_username": who,
            **person,
            "iat": now,
            "auth_time": now,
            "exp": now + self.access_s,
            "jti": secrets.token_hex(8),
        }

    # -- HTTP ------------------------------------------------------------------------------------------------------

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "end_session_endpoint": f"{self.issuer}/logout",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        }

    def handle(self, method: str, url: str, authorization: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body."""
        path, query = urlsplit(url).path, _one_each(urlsplit(url).query)
        self.requests[path] = self.requests.get(path, 0) + 1
        if self.trouble == "down":
            return 500, {}, b"down"
        if path == "/.well-known/openid-configuration":
            return _json(self.discovery())
        if path == "/jwks":
            return _json({"keys": [key.jwk() for key in self.keys]})
        if path == "/authorize":
            return self._authorize({**query, **_one_each(body.decode())} if method == "POST" else query)
        if path == "/token" and method == "POST":
            return self._token(_one_each(body.decode()), authorization)
        if path == "/logout":
            self.signed_out.append(query.get("id_token_hint", ""))
            return 302, {"Location": query.get("post_logout_redirect_uri", "/")}, b""
        return 204 if path == "/favicon.ico" else 404, {}, b""

    def _authorize(self, asked: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
        if asked.get("client_id") != self.client_id or asked.get("response_type") != "code":
            return 400, {}, b"unknown client"
        who = asked.get("username", "")
        if who not in self.people:
            return 200, {"Content-Type": "text/html; charset=utf-8"}, _page(asked).encode()
        code = secrets.token_urlsafe(16)
        self._codes[code] = {**asked, "who": who}
        target = f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked.get('state', '')})}"
        return 302, {"Location": target}, b""

    def _token(self, form: Mapping[str, str], authorization: str) -> tuple[int, dict[str, str], bytes]:
        began = self._codes.pop(form.get("code", ""), None)  # a code serves once
        if (
            began is None
            or form.get("redirect_uri") != began["redirect_uri"]
            or not self._is_client(form, authorization)
        ):
            return _json({"error": "invalid_grant"}, 400)
        challenge = began.get("code_challenge")
        if challenge is None and not self.client_secret:
            return _json({"error": "invalid_grant"}, 400)
        if challenge is not None:
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != challenge:
                return _json({"error": "invalid_grant"}, 400)
        tokens = {
            "token_type": "Bearer",
            "expires_in": self.access_s,
            "access_token": self.access_token(began["who"]),
            "id_token": self.id_token(began["who"], began.get("nonce")),
        }
        return _json(tokens)

    def _is_client(self, form: Mapping[str, str], authorization: str) -> bool:
        name, secret = form.get("client_id", ""), form.get("client_secret", "")
        if authorization.startswith("Basic "):
            name, _, secret = base64.b64decode(authorization[6:]).decode().partition(":")
        return (name, secret) == (self.client_id, self.client_secret)

    def transport(self) -> httpx.MockTransport:
        """The provider without a socket; `issuer` is to be set first."""

        def respond(request: httpx.Request) -> httpx.Response:
            if self.trouble == "away":
                raise httpx.ConnectError("Connection refused", request=request)
            given = request.headers.get("authorization", "")
            status, headers, content = self.handle(request.method, str(request.url), given, request.content)
            return httpx.Response(status, headers=headers, content=content)

        return httpx.MockTransport(respond)

    @contextlib.contextmanager
    def listen(self, port: int = 0) -> Iterator[str]:
        """Serve on a port of 127.0.0.1; yields the issuer."""
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._reply(b"")

            def do_POST(self) -> None:
                self._reply(self.rfile.read(int(self.headers.get("content-length", 0))))

            def _reply(self, body: bytes) -> None:
                given = self.headers.get("authorization", "")
                status, headers, content = provider.handle(self.command, self.path, given, body)
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.issuer = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield self.issuer
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def _page(asked: Mapping[str, str]) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
        for name, value in asked.items()
    )
    return (
        '<!doctype html><html lang="en"><title>Provider</title><h1>Test provider</h1><form method="post" action="/authorize">'
        f'{hidden}<label>User name <input name="username" autofocus></label><button>Sign in</button></form></html>'
    )


def _one_each(query: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(query).items()}


def _json(value: Any, status: int = 200) -> tuple[int, dict[str, str], bytes]:
    return status, {"Content-Type": "application/json"}, json.dumps(value).encode()


def main() -> None:
    options = argparse.ArgumentParser(description="An OpenID provider for trying things out; it believes anyone.")
    options.add_argument("--port", type=int, default=9400)
    options.add_argument("--tenant", default="city", help="what the claim `tenant` of its people says")
    asked = options.parse_args()
    people = {name: {**person, "tenant": asked.tenant} for name, person in PEOPLE.items()}
    with OidcProvider(people=people).listen(asked.port) as issuer:
        print(f"The provider is at {issuer}; its people: {', '.join(people)}", flush=True)  # noqa: T201
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
