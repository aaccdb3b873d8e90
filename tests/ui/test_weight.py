"""What a process of the front end carries: every visitor waits for it, and every operator pays for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from ui.asgi import create_app
from ui.bootstrap import Site
from ui.i18n import Strings, load
from ui.widgets import language_picker
from vernacular.settings import Settings

_HEAVY = ("pandas", "pyarrow", "numpy", "altair", "sqlalchemy")
_ALL_PAGES = """
import json, sys, tempfile
from pathlib import Path
from streamlit.testing.v1 import AppTest
from tests.ui import fake_control, fake_documents, fake_operator, fake_quality, fake_search, fake_settings
from tests.ui.conftest import view_script
from tests.ui.fake_gateway import PUBLIC_KEYS, FakeGateway
from ui import bootstrap, visitor
from ui.navigation import VIEWS
from vernacular.settings import Settings, UiSettings

home = Path(tempfile.mkdtemp())
(home / bootstrap.KEYS_FILE).write_text(json.dumps(PUBLIC_KEYS))
gateway = FakeGateway()
documents = fake_documents.FakeDocuments(documents=[fake_documents.document("fees")])
others = [
    fake_control.FakeControl(), fake_operator.FakeOperator(), fake_quality.FakeQuality(), fake_search.FakeSearch(),
    fake_settings.FakeSettings(),
]
gateway.people.sessions["vs_ana"] = ("harbour", "ana")
gateway.people.roles["harbour", "ana"] = "admin"
visitor._credentials = lambda: [("vs_ana", False)]
settings = Settings(home=home, ui=UiSettings(gateway_url="http://gateway.test"))
bootstrap.configure(bootstrap.Site(settings, gateway.transport()))
for view in VIEWS:
    gateway.topics[:] = [documents] if view.path == "documents" else others
    page = AppTest.from_string(view_script(view.path), default_timeout=60)
    page.query_params["lang"], page.query_params["tenant"] = "en", "harbour"
    assert not page.run().exception, (view.path, page.exception)
print(" ".join(name for name in sys.argv[1:] if name in sys.modules))
"""


class TestWeight:
    def test_no_page_loads_what_tables_and_images_of_streamlits_own_need(self) -> None:
        done = subprocess.run(
            [sys.executable, "-c", _ALL_PAGES, *_HEAVY],
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        assert done.stdout.split() == []

    def test_the_picker_of_languages_reads_no_catalog_but_the_pages_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        read: list[str] = []

        def load_noted(tag: str) -> Strings:
            read.append(tag)
            return load(tag)

        monkeypatch.setattr(language_picker, "load", load_noted)
        language_picker.pick_language(load("es"))
        assert read == []


class TestIcon:
    def test_stands_where_streamlits_page_looks_for_one(self, tmp_path: Path) -> None:
        answer = TestClient(create_app(Site(Settings(home=tmp_path)))).get("/favicon.png")
        assert answer.headers["content-type"] == "image/svg+xml"
        assert answer.text.startswith("<svg")
