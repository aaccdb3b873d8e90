"""The front end as an ASGI application: Streamlit behind strict headers."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import streamlit
from starlette.middleware import Middleware

from ui.headers import SecurityHeaders, content_security_policy, inline_scripts
from ui.widgets.page import page_script


def create_app() -> streamlit.App:
    """The application. Its configuration stands in `ui/.streamlit/config.toml`, which Streamlit finds by the script."""
    shell = resources.files(streamlit).joinpath("static", "index.html").read_text(encoding="utf-8")
    policy = content_security_policy([*inline_scripts(shell), page_script()])
    return streamlit.App(Path(__file__).with_name("app.py"), middleware=[Middleware(SecurityHeaders, policy=policy)])
