"""What the front end knows before it asks the gateway: where the gateway is, and which tenants have a public key."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import httpx

from ui.accounts import Accounts
from ui.answers import Answers
from ui.api import Api
from ui.client import Gateway
from ui.gateway_errors import GatewayError
from ui.handover import Handover
from ui.providers import providers_of, streamlit_secrets
from vernacular.settings import Settings, get_settings

KEYS_FILE = "ui-keys.json"


class Site:
    """The front end's composition, one a process. `transport` replaces the network in tests.

    `public_url`: where browsers reach it.
    """

    def __init__(
        self,
        settings: Settings,
        transport: httpx.BaseTransport | None = None,
        public_url: str = "http://127.0.0.1:8501",
    ) -> None:
        self._settings = settings
        self.public_url = public_url.rstrip("/")
        self.handover = Handover()
        self.answers = Answers()
        self.providers = providers_of(settings)
        # The environment's proxies are not for a gateway that stands beside the front end.
        self._http = httpx.Client(transport=transport, trust_env=False)

    def tenants(self) -> dict[str, str]:
        """Public API key by tenant, read anew so that a tenant added later appears. Empty without the file."""
        keys = _read_json(self._settings.home / KEYS_FILE)
        return {str(tenant): str(key) for tenant, key in keys.items() if key}

    def gateway(self, key: str, *, personal: bool = False) -> Gateway:
        """`personal`: the key is what a person signed in with."""
        return Gateway(self._http, self._gateway_url(), key, personal=personal)

    def api(self, credential: str, *, personal: bool = True) -> Api:
        return Api(self._http, self._gateway_url(), credential, personal=personal)

    def accounts(self, address: str | None = None) -> Accounts:
        """`address`: the visitor's."""
        return Accounts(self._http, self._gateway_url(), address or "")

    def offers_sign_in(self) -> bool:
        """Whether anybody can sign in here.

        Raises:
            GatewayError: the gateway cannot be asked.
        """
        return bool(self.providers) or self.accounts().takes_passwords()

    def streamlit_secrets(self) -> dict[str, Any] | None:
        """See `ui.providers`."""
        return streamlit_secrets(self._settings, self.public_url)

    def _gateway_url(self) -> str:
        if self._settings.ui.gateway_url:
            return self._settings.ui.gateway_url
        url = _read_json(self._settings.gateway_file).get("url")
        if not url:
            raise GatewayError(
                "gateway_unreachable", "No gateway runs on this home.", "Start it with `vernacular serve`."
            )
        return str(url)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


@functools.cache
def _default_site() -> Site:
    return Site(get_settings())


_configured: list[Site] = []


def configure(site: Site | None) -> None:
    """Use `site` in this process; None: the one of the settings.

    Streamlit runs the pages as scripts, so they cannot be handed it as an argument.
    """
    _configured[:] = [] if site is None else [site]


def current() -> Site:
    return _configured[0] if _configured else _default_site()
