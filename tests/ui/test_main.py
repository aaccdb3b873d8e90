from __future__ import annotations

import socket
from pathlib import Path

import pytest

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
