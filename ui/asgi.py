"""The front end as an ASGI application: Streamlit behind strict headers."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import streamlit
from starlette.middleware import Middleware

from ui.bootstrap import Site
from ui.compression import PackedStatics
from ui.handover import session_route
from ui.headers import SecurityHeaders, content_security_policy, inline_scripts
from ui.icon import icon_route
from ui.widgets.page import page_script


def create_app(site: Site) -> streamlit.App:
    """The application. Its configuration stands in `ui/.streamlit/config.toml`, which Streamlit finds by the script."""
    secure = site.public_url.startswith("https:")
    shell = resources.files(streamlit).joinpath("static", "index.html").read_text(encoding="utf-8")
    policy = content_security_policy([*inline_scripts(shell), page_script()])
    return streamlit.App(
        Path(__file__).with_name("app.py"),
        secrets=site.streamlit_secrets(),
        routes=[session_route(site.handover, secure=secure), icon_route()],
        middleware=[Middleware(SecurityHeaders, policy=policy, secure=secure), Middleware(PackedStatics)],
    )
