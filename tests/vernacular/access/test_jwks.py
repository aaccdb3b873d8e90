from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.oidc_provider import OidcProvider, SigningKey
from vernacular.access import jwks
from vernacular.access.issuers import OidcIssuer
from vernacular.access.jwks import FRESH_S, KEPT_S, RETRY_S, ProviderKeys
from vernacular.errors import TokenRefused, Unavailable

ISSUER = "https://id.example"
FIRST, SECOND = SigningKey.ec("e1"), SigningKey.ec("e2")
JWKS = "/jwks"


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Web:
    """Answers every request with `reply`, and remembers what was asked."""

    reply: Callable[[httpx.Request], httpx.Response]
    asked: list[str] = field(default_factory=list)

    def transport(self) -> httpx.MockTransport:
        def respond(request: httpx.Request) -> httpx.Response:
            self.asked.append(str(request.url))
            return self.reply(request)

        return httpx.MockTransport(respond)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def provider() -> OidcProvider:
    return OidcProvider(issuer=ISSUER, keys=[FIRST])


@pytest.fixture
def keys(provider: OidcProvider, clock: Clock) -> Iterator[ProviderKeys]:
    made = ProviderKeys(trusted(), provider.transport(), clock)
    yield made
    made.close()


def trusted(**settings: Any) -> OidcIssuer:
    return OidcIssuer(**{"issuer": ISSUER, "audience": "a", "tenant": "city", "algorithms": ["ES256"], **settings})


def keys_of(web: Web, **settings: Any) -> ProviderKeys:
    return ProviderKeys(trusted(**settings), web.transport(), Clock())


class TestFind:
    def test_fetches_once_for_many_tokens(self, keys: ProviderKeys, provider: OidcProvider) -> None:
        assert provider.requests == {}
        for _ in range(50):
            assert keys.find("e1", "ES256").key_id == "e1"
        assert provider.requests == {"/.well-known/openid-configuration": 1, JWKS: 1}

    def test_fetches_once_for_many_threads(self, keys: ProviderKeys, provider: OidcProvider) -> None:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda _: keys.find("e1", "ES256").key_id, range(40)))
        assert set(found) == {"e1"}
        assert provider.requests[JWKS] == 1

    def test_learns_of_a_new_key_at_its_first_token(
        self, keys: ProviderKeys, provider: OidcProvider, clock: Clock
    ) -> None:
        keys.find("e1", "ES256")
        provider.rotate(SECOND)
        clock.now += RETRY_S
        assert keys.find("e2", "ES256").key_id == "e2"
        with pytest.raises(TokenRefused):
            keys.find("e1", "ES256")

    def test_is_not_made_to_fetch_by_key_ids_that_nobody_has(
        self, keys: ProviderKeys, provider: OidcProvider, clock: Clock
    ) -> None:
        keys.find("e1", "ES256")
        for number in range(200):
            with pytest.raises(TokenRefused):
                keys.find(f"made-up-{number}", "ES256")
        assert provider.requests[JWKS] == 1
        clock.now += RETRY_S
        for number in range(200):
            with pytest.raises(TokenRefused):
                keys.find(f"made-up-{number}", "ES256")
        assert provider.requests[JWKS] == 2

    def test_forgets_a_key_that_the_provider_took_back(
        self, keys: ProviderKeys, provider: OidcProvider, clock: Clock
    ) -> None:
        keys.find("e1", "ES256")
        provider.rotate(SECOND)
        clock.now += FRESH_S
        with pytest.raises(TokenRefused):
            keys.find("e1", "ES256")

    @pytest.mark.parametrize("trouble", ["down", "away"])
    def test_keeps_the_keys_while_the_provider_is_down_but_not_for_ever(
        self, keys: ProviderKeys, provider: OidcProvider, clock: Clock, trouble: str
    ) -> None:
        keys.find("e1", "ES256")
        provider.trouble = trouble
        clock.now += FRESH_S * 2
        assert keys.find("e1", "ES256").key_id == "e1"
        clock.now += KEPT_S
        with pytest.raises(Unavailable):
            keys.find("e1", "ES256")
        provider.trouble = ""
        clock.now += RETRY_S
        assert keys.find("e1", "ES256").key_id == "e1"

    def test_asks_a_provider_that_is_down_no_more_often(
        self, keys: ProviderKeys, provider: OidcProvider, clock: Clock
    ) -> None:
        provider.trouble = "down"
        for _ in range(20):
            with pytest.raises(Unavailable):
                keys.find("e1", "ES256")
        assert sum(provider.requests.values()) == 1


class TestFetching:
    def refused(self, web: Web, **settings: Any) -> None:
        with pytest.raises(Unavailable):
            keys_of(web, **settings).find("e1", "ES256")

    def test_takes_no_discovery_document_of_another_issuer(self) -> None:
        document = {"issuer": "https://evil.example", "jwks_uri": "https://id.example/jwks"}
        web = Web(lambda _: httpx.Response(200, json=document))
        self.refused(web)
        assert web.asked == ["https://id.example/.well-known/openid-configuration"]

    @pytest.mark.parametrize("uri", ["http://id.example/jwks", "file:///etc/passwd", "//x", "", "http://10.0.0.1/"])
    def test_goes_where_nobody_can_change_what_comes(self, uri: str) -> None:
        web = Web(lambda _: httpx.Response(200, json={"issuer": ISSUER, "jwks_uri": uri}))
        self.refused(web)
        assert len(web.asked) == 1

    def test_follows_no_redirect(self) -> None:
        web = Web(lambda _: httpx.Response(302, headers={"Location": "http://169.254.169.254/"}))
        self.refused(web, jwks_url=ISSUER + "/keys")
        assert web.asked == [ISSUER + "/keys"]

    def test_stops_reading_what_is_too_long(self) -> None:
        served = 0

        def endless() -> Iterator[bytes]:
            nonlocal served
            while True:
                served += 65_536
                yield b" " * 65_536

        self.refused(Web(lambda _: httpx.Response(200, content=endless())), jwks_url=ISSUER + "/keys")
        assert served < 4 * jwks.MAX_BYTES

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"[]",
            b"{}",
            b'{"keys": 1}',
            b"\xff",
            b'{"keys": ' + b"[" * 9000,
            b'{"keys": [' + b"{}," * 200 + b"{}]}",
        ],
    )
    def test_takes_nothing_that_is_no_set_of_keys(self, content: bytes) -> None:
        self.refused(Web(lambda _: httpx.Response(200, content=content)), jwks_url=ISSUER + "/keys")

    def test_leaves_out_keys_that_are_secret_weak_or_for_something_else(self) -> None:
        weak = SigningKey.rsa("weak", bits=1024).jwk()
        listed = [
            {"kty": "oct", "k": "c2VjcmV0", "kid": "secret", "alg": "HS256"},
            {**weak, "alg": "RS256"},
            {**FIRST.jwk(), "kid": "enc", "use": "enc"},
            {**FIRST.jwk(), "kid": "other", "alg": "ES512"},
            {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "broken"},
            "text",
            {**FIRST.jwk(), "kid": 7},
            {**FIRST.jwk(), "kid": "good"},
        ]
        found = keys_of(
            Web(lambda _: httpx.Response(200, json={"keys": listed})),
            jwks_url=ISSUER + "/keys",
            algorithms=["ES256", "RS256"],
        )
        assert found.find("good", "ES256").key_id == "good"
        for key_id in ("secret", "weak", "enc", "other", "broken", "7"):
            for algorithm in ("ES256", "RS256", "HS256"):
                with pytest.raises(TokenRefused):
                    found.find(key_id, algorithm)
