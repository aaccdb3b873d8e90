from __future__ import annotations

import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import ui
from ui.main import run
from vernacular.errors import Conflict
from vernacular.settings import Settings, UiSettings


class TestRun:
    def test_a_port_in_use_is_one_clear_sentence(self, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(Conflict, match=f"Port {port} is taken") as caught:
                run(Settings(home=tmp_path, ui=UiSettings(port=port)))
        assert "--port" in caught.value.hint


class TestWhatItCosts:
    def test_no_run_of_a_page_ends_with_a_collection_that_everybody_waits_for(self) -> None:
        config = tomllib.loads((Path(ui.__file__).parent / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
        assert config["runner"]["postScriptGC"] is False

    def test_it_loads_nothing_of_the_database_or_the_dialects(self) -> None:
        begin = "import sys, typer.main as m; from vernacular.cli.main import app"
        loads = "m.get_group(app).commands['ui']; import ui.main, ui.app"
        tells = "print(*sorted({'alembic', 'numpy', 'opencc', 'sqlalchemy'} & sys.modules.keys()))"
        ran = subprocess.run(
            [sys.executable, "-c", f"{begin}; {loads}; {tells}"], capture_output=True, text=True, check=True
        )
        assert ran.stdout.split() == []
