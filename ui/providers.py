"""The identity providers that people sign in with here, and the settings for them that Streamlit's sign-in takes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Final

from vernacular.access.issuers import OidcIssuer
from vernacular.secret_files import secret_in
from vernacular.settings import Settings

CALLBACK: Final = "/oauth2callback"
"""Where providers send people back; Streamlit's own path."""
_COOKIE_FILE: Final = "ui-cookie"


@dataclass(frozen=True, slots=True)
class Provider:
    """`key`: what Streamlit calls it; `label`: what people do."""

    key: str
    label: str
    issuer: OidcIssuer


def providers_of(settings: Settings) -> tuple[Provider, ...]:
    """Those that the front end is a client of."""
    clients = [issuer for issuer in settings.access.oidc if issuer.client_id]
    return tuple(
        Provider(f"provider{number}", issuer.name or issuer.issuer.partition("://")[2], issuer)
        for number, issuer in enumerate(clients)
    )


def streamlit_secrets(settings: Settings, public_url: str) -> dict[str, Any] | None:
    """What `st.login` needs, as if it stood in a `secrets.toml`; None: nobody signs in with a provider.

    Of the tokens only access tokens reach the script, and the gateway checks them anew at each call.
    """
    found = providers_of(settings)
    if not found:
        return None
    made = secret_in(settings.home / "secrets" / _COOKIE_FILE, lambda: secrets.token_hex(32).encode())
    auth: dict[str, Any] = {
        "redirect_uri": public_url.rstrip("/") + CALLBACK,
        "cookie_secret": made.decode(),
        "expose_tokens": ["access"],
    }
    for provider in found:
        secret = provider.issuer.client_secret
        auth[provider.key] = {
            "client_id": provider.issuer.client_id,
            "client_secret": secret.get_secret_value() if secret else "",
            "server_metadata_url": provider.issuer.discovery_url,
            "client_kwargs": {"scope": provider.issuer.scope},
        }
    return {"auth": auth}
