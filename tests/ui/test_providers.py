from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

from ui.providers import providers_of, streamlit_secrets
from vernacular.access.issuers import OidcIssuer
from vernacular.settings import AccessSettings, Settings


def settings(home: Path, **more: Any) -> Settings:
    trusted = OidcIssuer(**{"issuer": "https://id.example", "audience": "a", "tenant": "city", **more})
    others = OidcIssuer(issuer="https://other.example/realms/x", audience="b", tenant="x", client_id="ours")
    return Settings(home=home, access=AccessSettings(oidc=[trusted, others]))


class TestProviders:
    def test_are_those_that_the_front_end_is_a_client_of(self, tmp_path: Path) -> None:
        (found,) = providers_of(settings(tmp_path))
        assert (found.key, found.label) == ("provider0", "other.example/realms/x")
        first, _ = providers_of(settings(tmp_path, client_id="c", name="City ID"))
        assert first.label == "City ID"


class TestSecrets:
    def test_are_none_where_nobody_signs_in_with_a_provider(self, tmp_path: Path) -> None:
        assert streamlit_secrets(Settings(home=tmp_path), "http://127.0.0.1:8501") is None
        assert list(tmp_path.iterdir()) == []

    def test_show_the_script_access_tokens_alone(self, tmp_path: Path) -> None:
        made = streamlit_secrets(
            settings(tmp_path, client_id="c", client_secret="of-the-client"), "https://chat.example/"
        )
        assert made is not None
        auth = made["auth"]
        assert auth["redirect_uri"] == "https://chat.example/oauth2callback"
        assert auth["expose_tokens"] == ["access"]
        assert auth["provider0"] == {
            "client_id": "c",
            "client_secret": "of-the-client",
            "server_metadata_url": "https://id.example/.well-known/openid-configuration",
            "client_kwargs": {"scope": "openid profile email"},
        }
        assert auth["provider1"]["client_secret"] == ""

    def test_are_signed_with_one_made_at_random_that_its_owner_alone_reads(self, tmp_path: Path) -> None:
        homes = [tmp_path / "a", tmp_path / "b"]
        made = [streamlit_secrets(settings(home), "http://127.0.0.1:8501") for home in homes]
        first, second = (one["auth"]["cookie_secret"] for one in made if one is not None)
        assert first != second
        assert len(first) == 64
        file = homes[0] / "secrets" / "ui-cookie"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        again = streamlit_secrets(settings(homes[0]), "http://127.0.0.1:8501")
        assert again is not None
        assert again["auth"]["cookie_secret"] == first
