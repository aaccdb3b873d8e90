"""The identity providers that are trusted, as the settings name them."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

RoleName = Literal["admin", "editor", "member", "public"]
SignatureAlgorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]  # only those whose public key cannot sign


class OidcIssuer(BaseModel):
    """An identity provider whose access tokens the gateway takes, for one tenant or for those that a claim names.

    A section of the settings tree; several may have the same issuer, each with an audience of its own.
    """

    model_config = ConfigDict(extra="forbid")

    issuer: str = Field(description="`iss` of its tokens, e.g. `https://id.example.org/realms/city`.")
    audience: str = Field(min_length=1, description="`aud` that tokens for this gateway carry.")
    jwks_url: str = Field(default="", description="Where its keys are; empty: as its discovery document says.")
    algorithms: list[SignatureAlgorithm] = Field(
        default=["RS256", "ES256"], min_length=1, description="Signatures that are taken; never HMAC or none."
    )
    leeway_s: float = Field(default=30.0, ge=0, le=300, description="Seconds that its clock may differ.")
    tenant: str = Field(default="", description="The tenant of all its people; empty: as `tenant_claim` says.")
    tenant_claim: str = Field(default="", description="The claim that names the tenant.")
    tenants: dict[str, str] = Field(
        default={}, description="What `tenant_claim` may say → the tenant meant; anything else is refused."
    )
    subject_claim: str = Field(
        default="sub", min_length=1, description="The claim that tells a person for ever: what SCIM calls externalId."
    )
    role_claim: str = Field(default="roles", description="The claim with roles; dots lead into objects.")
    roles: dict[str, RoleName] = Field(
        default={}, description="Its roles → admin, editor, member, public; empty: roles are given here, not there."
    )
    default_role: RoleName = Field(default="member", description="The role of people for whom it names none.")
    groups_claim: str = Field(default="groups", description="The claim with groups; dots lead into objects.")
    groups: dict[str, str] = Field(
        default={}, description="Its groups → the names in documents; empty: the names as they are."
    )
    create_accounts: bool = Field(
        default=True, description="Whether people get an account with their first token, or only those known already."
    )
    client_id: str = Field(default="", description="The front end's client there; empty: no sign-in through it.")
    client_secret: SecretStr | None = Field(default=None, description="The secret of that client.")
    scope: str = Field(default="openid profile email", description="What the front end asks it for.")
    name: str = Field(default="", description="What the sign-in page calls it.")

    @model_validator(mode="after")
    def _is_whole(self) -> OidcIssuer:
        for address in filter(None, (self.issuer, self.jwks_url)):
            if not is_secure_address(address):
                raise ValueError(f"{address} is neither https nor on this machine")
        if bool(self.tenant) == bool(self.tenant_claim):
            raise ValueError(f"{self.issuer} needs either tenant or tenant_claim")
        if bool(self.tenant_claim) != bool(self.tenants):
            raise ValueError(f"{self.issuer} needs tenants with tenant_claim: those that it may name")
        return self

    @property
    def discovery_url(self) -> str:
        return f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"

    def serves(self, tenant: str) -> bool:
        """Whether its people may be that tenant's."""
        return tenant == self.tenant or tenant in self.tenants.values()


def is_secure_address(url: str) -> bool:
    """Whether what comes from there cannot be changed on its way: https, or this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme != "http":
        return parts.scheme == "https" and bool(host)
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
