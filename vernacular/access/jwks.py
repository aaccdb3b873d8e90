"""The public keys of an identity provider (RFC 7517), fetched when they are needed and remembered."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import httpx
import orjson
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from vernacular.access.issuers import OidcIssuer, is_secure_address
from vernacular.errors import TokenRefused, Unavailable

log = logging.getLogger(__name__)

FRESH_S: Final = 3600.0
"""Keys are fetched anew once they are older."""
RETRY_S: Final = 30.0
"""No more than one fetch in so many seconds, whatever keys tokens name and however fetching fails."""
KEPT_S: Final = 24 * 3600.0
"""Keys hold so long while the provider is down."""
FETCH_S: Final = 5.0
MAX_BYTES: Final = 512 * 1024
MAX_KEYS: Final = 100
MIN_RSA_BITS: Final = 2048
_WAIT_S: Final = 1.0
_FAMILIES: Final = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}


class ProviderKeys:
    """The keys of one provider. Thread-safe; `transport` and `clock` (seconds, never going back) are replaced in tests."""

    def __init__(
        self,
        provider: OidcIssuer,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._provider = provider
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: dict[tuple[str, str], PyJWK] = {}
        self._fetched_at = self._next_fetch = float("-inf")
        # A proxy of the environment's is not for a provider on this machine.
        outside = not provider.issuer.startswith("http:")
        self._http = httpx.Client(transport=transport, timeout=FETCH_S, follow_redirects=False, trust_env=outside)

    def find(self, key_id: str, algorithm: str) -> PyJWK:
        """The key of that id; `key_id` "": the provider's only one. It verifies `algorithm` and nothing else.

        Raises:
            TokenRefused: the provider has no such key.
            Unavailable: its keys cannot be had, and none are remembered.
        """
        found = self._known(key_id, algorithm)
        if found is None or self._clock() - self._fetched_at >= FRESH_S:
            self._refresh(wait=found is None)
            found = self._known(key_id, algorithm)
        if found is None and not self._holds():
            raise Unavailable("The identity provider's keys cannot be had.", "Try again in half a minute.")
        if found is None:
            raise TokenRefused("The token is signed with a key that its provider does not have.")
        return found

    def close(self) -> None:
        self._http.close()

    def _holds(self) -> bool:
        """Whether what was fetched last may still be used."""
        return self._clock() - self._fetched_at < KEPT_S

    def _known(self, key_id: str, algorithm: str) -> PyJWK | None:
        if not self._holds():
            return None
        if key_id:
            return self._keys.get((key_id, algorithm))
        fitting = [key for (_, fits), key in self._keys.items() if fits == algorithm]
        return fitting[0] if len(fitting) == 1 else None

    def _refresh(self, *, wait: bool) -> None:
        """Fetch, unless someone just did. Those who can do without do not wait for another thread's fetch."""
        if not self._lock.acquire(timeout=_WAIT_S if wait else 0):
            return
        try:
            if self._clock() < self._next_fetch:
                return
            self._next_fetch = self._clock() + RETRY_S
            self._keys = self._fetch()
            self._fetched_at = self._clock()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            log.warning(
                "an identity provider's keys could not be fetched",
                extra={"fields": {"issuer": self._provider.issuer, "reason": str(error) or type(error).__name__}},
            )
        finally:
            self._lock.release()

    def _fetch(self) -> dict[tuple[str, str], PyJWK]:
        """
        Raises:
            httpx.HTTPError: the provider cannot be reached or refuses.
            ValueError: what it says is not to be trusted.
        """
        url = self._provider.jwks_url or self._discover()
        if not is_secure_address(url):
            raise ValueError(f"its keys are at {url[:200]}, which is neither https nor on this machine")
        listed = self._get(url).get("keys")
        if not isinstance(listed, list) or len(listed) > MAX_KEYS:
            raise ValueError("what it gave is no set of keys")
        return _usable(listed, self._provider.algorithms)

    def _discover(self) -> str:
        document = self._get(self._provider.discovery_url)
        if document.get("issuer") != self._provider.issuer:
            raise ValueError(f"its discovery document is that of {str(document.get('issuer'))[:200]!r}")
        return str(document.get("jwks_uri") or "")

    def _get(self, url: str) -> Mapping[str, Any]:
        """A JSON object of at most MAX_BYTES, within FETCH_S as a whole."""
        deadline, read = time.monotonic() + FETCH_S, b""
        with self._http.stream("GET", url, headers={"Accept": "application/json"}) as response:
            if response.status_code != httpx.codes.OK:
                raise ValueError(f"{url[:200]} answered with status {response.status_code}")
            for piece in response.iter_bytes():
                read += piece
                if len(read) > MAX_BYTES or time.monotonic() > deadline:
                    raise ValueError(f"{url[:200]} is too long, or comes too slowly")
        document = orjson.loads(read)
        if not isinstance(document, dict):
            raise ValueError(f"{url[:200]} is no JSON object")
        return document


def _usable(listed: Sequence[Any], algorithms: Sequence[str]) -> dict[tuple[str, str], PyJWK]:
    """The keys that verify signatures, by id and algorithm; secrets and weak keys are left out."""
    found: dict[tuple[str, str], PyJWK] = {}
    for number, jwk in enumerate(listed):
        if not isinstance(jwk, dict) or jwk.get("use") not in (None, "sig"):
            continue
        key_id = jwk.get("kid") if isinstance(jwk.get("kid"), str) and jwk.get("kid") else f"#{number}"
        for algorithm in algorithms:
            if jwk.get("alg") not in (None, algorithm) or jwk.get("kty") != _FAMILIES[algorithm[:2]]:
                continue
            try:
                key = PyJWK(jwk, algorithm)
            except (PyJWTError, ValueError, TypeError):
                continue
            if getattr(key.key, "key_size", MIN_RSA_BITS) < MIN_RSA_BITS and algorithm[:2] in ("RS", "PS"):
                continue
            found.setdefault((str(key_id), algorithm), key)
    return found
