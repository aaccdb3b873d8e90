"""The access tokens of identity providers: JWTs (RFC 7519, RFC 9068), checked anew at each look (RFC 8725)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import httpx
import jwt
from jwt.exceptions import PyJWTError

from vernacular.access.issuers import OidcIssuer
from vernacular.access.jwks import ProviderKeys
from vernacular.access.principal import Principal
from vernacular.access.provider_accounts import Person, ProviderAccounts
from vernacular.audit.log import AuditLog
from vernacular.db.session import Database
from vernacular.errors import TokenRefused

MAX_TOKEN_CHARS: Final = 16_384
REQUIRED: Final = ("iss", "aud", "exp", "iat")
FOREIGN_KEYS: Final = frozenset({"jku", "jwk", "x5u", "x5c"})
"""Headers by which a token would bring its own key."""
UNSUPPORTED: Final = frozenset({"crit", "b64", "zip", "enc"})
TYPES: Final = frozenset({"jwt", "at+jwt", "application/at+jwt"})
OTHER_TOKENS: Final = frozenset({"id", "refresh", "offline", "logout"})
"""What Keycloak's claim `typ` says of tokens that are not for an API."""
ID_TOKEN_CLAIMS: Final = frozenset({"nonce", "at_hash", "c_hash", "events"})
_MOST_GROUPS = 1000
_NO_LONGER: Final[dict[type[PyJWTError], str]] = {
    jwt.ExpiredSignatureError: "The token has expired.",
    jwt.ImmatureSignatureError: "The token is not valid yet.",
    jwt.InvalidAudienceError: "The token is for another audience.",
    jwt.InvalidSignatureError: "The token's signature does not hold.",
}


class TokenVerifier:
    """Whose token it is. Thread-safe; nothing is fetched before the first token of a provider comes.

    `transport` and `clock` are replaced in tests.
    """

    def __init__(
        self,
        database: Database,
        providers: Sequence[OidcIssuer],
        audit: AuditLog,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._accounts = ProviderAccounts(database, audit)
        self._providers = tuple(providers)
        distinct = {_source(provider): provider for provider in self._providers}
        self._keys = {source: ProviderKeys(provider, transport, clock) for source, provider in distinct.items()}

    def authenticate(self, token: str) -> Principal:
        """The person whose access token it is, with an account made for her at the first one.

        Raises:
            TokenRefused: the token is not one for this gateway, or no longer; why is said where that gives nothing away.
            Unauthorized: her account is suspended or expired, or her tenant is.
            Unavailable: her provider's keys cannot be had.
        """
        header, unverified = _read(token)
        provider = self._provider_of(unverified)
        claims = self._verified(token, header, provider)
        return self._accounts.enter(provider, person_of(claims, provider))

    def close(self) -> None:
        for keys in self._keys.values():
            keys.close()

    def _provider_of(self, claims: Mapping[str, Any]) -> OidcIssuer:
        """The provider whose name and audience the token gives; whether it is from there is not known yet."""
        audiences = claims.get("aud")
        named = set(_strings(audiences))
        known = [provider for provider in self._providers if provider.issuer == claims.get("iss")]
        if not known:
            raise TokenRefused("The token's issuer is not one that this gateway trusts.")
        fitting = [provider for provider in known if provider.audience in named]
        if not fitting:
            raise TokenRefused(_NO_LONGER[jwt.InvalidAudienceError])
        return fitting[0]

    def _verified(self, token: str, header: Mapping[str, Any], provider: OidcIssuer) -> Mapping[str, Any]:
        algorithm = header.get("alg")
        if algorithm not in provider.algorithms:
            raise TokenRefused("The token is signed in a way that this gateway does not take.")
        key_id = header.get("kid", "")
        if not isinstance(key_id, str):
            raise TokenRefused("The token's key id is not a text.")
        key = self._keys[_source(provider)].find(key_id, str(algorithm))
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[str(algorithm)],
                audience=provider.audience,
                issuer=provider.issuer,
                leeway=provider.leeway_s,
                options={"require": [*REQUIRED]},
            )
        except PyJWTError as error:
            raise TokenRefused(_NO_LONGER.get(type(error), "The token is not one for this gateway.")) from None
        _refuse_other_tokens(claims, header, provider)
        return claims


def person_of(claims: Mapping[str, Any], provider: OidcIssuer) -> Person:
    """What a provider's claims say of a person.

    Raises:
        TokenRefused: they do not tell who she is, or name a tenant that this provider may not.
    """
    subject = claim(claims, provider.subject_claim)
    if not isinstance(subject, str) or not subject.strip() or len(subject) > 255:
        raise TokenRefused("The token does not tell whose it is.")
    roles = _strings(claim(claims, provider.role_claim))
    groups = _strings(claim(claims, provider.groups_claim))[:_MOST_GROUPS]
    if provider.groups:
        groups = [provider.groups[group] for group in groups if group in provider.groups]
    return Person(
        tenant=_tenant_of(claims, provider),
        subject=subject,
        usernames=tuple(
            name for name in (claims.get("preferred_username"), claims.get("email"), subject) if isinstance(name, str)
        ),
        known_as=_text(claims.get("preferred_username"))
        or (_text(claims.get("email")) if _is_verified(claims) else ""),
        display_name=_text(claims.get("name")),
        email=_text(claims.get("email")),
        roles=tuple(provider.roles[role] for role in roles if role in provider.roles),
        groups=tuple(group.removeprefix("/") for group in groups),  # Keycloak's groups are paths
        signed_in_at=_moment(claims.get("auth_time")) or _moment(claims["iat"]) or datetime.now(UTC),
    )


def claim(claims: Mapping[str, Any], path: str) -> Any:
    """The claim of that name; else dots lead into objects, whose names may hold dots themselves. None: there is none."""
    if path in claims:
        return claims[path]
    parts = path.split(".")
    for end in range(len(parts) - 1, 0, -1):
        within = claims.get(".".join(parts[:end]))
        if isinstance(within, Mapping):
            return claim(within, ".".join(parts[end:]))
    return None


def _read(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Header and claims as the token says, of which nothing is verified.

    Raises:
        TokenRefused: it is no signed token, or wants to be verified with a key that it brings.
    """
    if len(token) > MAX_TOKEN_CHARS:
        raise TokenRefused("The token is too long.")
    try:
        header = jwt.get_unverified_header(token)
        claims = jwt.decode(token, options={"verify_signature": False})
    except (PyJWTError, UnicodeEncodeError):
        raise TokenRefused("This is no token that can be read.") from None
    if FOREIGN_KEYS & header.keys():
        raise TokenRefused("The token brings a key of its own.")
    if UNSUPPORTED & header.keys() or str(header.get("typ", "JWT")).lower() not in TYPES:
        raise TokenRefused("The token is not an access token.")
    return header, claims


def _refuse_other_tokens(claims: Mapping[str, Any], header: Mapping[str, Any], provider: OidcIssuer) -> None:
    """ID tokens tell a client who signed in; where API and client are one registration, their audience does not tell them apart.

    Raises:
        TokenRefused: it is one of those, or another token that is not for an API.
    """
    kind = str(claims.get("typ", "")).lower()
    if kind == "bearer" or str(header.get("typ", "")).lower().endswith("at+jwt"):
        return
    of_client = provider.client_id and provider.client_id in _strings(claims.get("aud"))
    scoped = "scp" in claims or "scope" in claims
    if kind in OTHER_TOKENS or ID_TOKEN_CLAIMS & claims.keys() or (of_client and not scoped):
        raise TokenRefused("The token is not an access token.")


def _tenant_of(claims: Mapping[str, Any], provider: OidcIssuer) -> str:
    if provider.tenant:
        return provider.tenant
    named = claim(claims, provider.tenant_claim)
    tenant = provider.tenants.get(named) if isinstance(named, str) else None
    if tenant is None:
        raise TokenRefused("The token names no tenant that its provider may name.")
    return tenant


def _is_verified(claims: Mapping[str, Any]) -> bool:
    """Whether the provider has seen that the address is hers; without a word of it, anyone may have typed it."""
    return claims.get("email_verified") is True


def _source(provider: OidcIssuer) -> str:
    """Those of the same keys share them."""
    return f"{provider.issuer} {provider.jwks_url} {','.join(sorted(provider.algorithms))}"


def _strings(value: Any) -> list[str]:
    """A claim that may be one text or a list of them."""
    return list(_each(value))


def _each(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (item for item in value if isinstance(item, str))


def _moment(value: Any) -> datetime | None:
    """A NumericDate, if it is one that a calendar has."""
    try:
        return datetime.fromtimestamp(float(value), UTC) if isinstance(value, int | float) else None
    except (ValueError, OverflowError, OSError):
        return None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
