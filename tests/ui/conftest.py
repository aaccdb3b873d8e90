"""The front end on a fake gateway, its pages run by Streamlit's AppTest: no browser, no socket."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import ui
from tests.ui.fake_gateway import PUBLIC_KEYS, FakeGateway
from ui import bootstrap, visitor
from vernacular.settings import Settings, UiSettings

OpenPage = Callable[..., AppTest]
OpenView = Callable[..., AppTest]


@pytest.fixture
def gateway() -> FakeGateway:
    return FakeGateway()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / bootstrap.KEYS_FILE).write_text(json.dumps(PUBLIC_KEYS), encoding="utf-8")
    return tmp_path


@pytest.fixture
def open_page(gateway: FakeGateway, home: Path) -> Iterator[OpenPage]:
    """`open_page(tenant="harbour", lang="en")` visits `/?tenant=harbour&lang=en`."""
    settings = Settings(home=home, ui=UiSettings(gateway_url="http://gateway.test"))
    bootstrap.configure(bootstrap.Site(settings, gateway.transport()))
    script = Path(str(ui.__file__)).with_name("app.py")

    def visit(**query: str) -> AppTest:
        page = AppTest.from_file(str(script), default_timeout=30)
        for name, value in query.items():
            page.query_params[name] = value
        return page.run()

    yield visit
    bootstrap.configure(None)


_VIEW = """
import importlib

import streamlit as st

from ui.navigation import VIEWS, pages

st.navigation(list(pages().values()), position="hidden")
importlib.import_module(next(view.module for view in VIEWS if view.path == {path!r})).show()
"""


def view_script(path: str) -> str:
    """What shows a page of `ui.navigation` by itself."""
    return _VIEW.format(path=path)


@pytest.fixture
def open_view(gateway: FakeGateway, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> OpenView:
    """`open_view("documents", role="editor", lang="en")`: a page as someone of harbour who is signed in sees it. AppTest cannot go to another
    page than the first by its address."""

    def visit(path: str, role: str = "editor", **query: str) -> AppTest:
        gateway.people.sessions["vs_ana"] = ("harbour", "ana")
        gateway.people.roles["harbour", "ana"] = role
        monkeypatch.setattr(visitor, "_credentials", lambda: [("vs_ana", False)])
        page = AppTest.from_string(view_script(path), default_timeout=30)
        for name, value in {"lang": "en", **query}.items():
            page.query_params[name] = value
        return page.run()

    return visit


def text_of(page: AppTest) -> str:
    """All HTML of a page, the look and the script left out."""
    return "\n".join(
        block.value for block in page.html if "<style>" not in block.value and "<script>" not in block.value
    )
