from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from vernacular.cli.home import make_home
from vernacular.cli.run import only_gateway
from vernacular.errors import Conflict, InvalidSetting
from vernacular.listening import bound_socket
from vernacular.settings import Settings


def test_a_taken_port_is_told_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Conflict, match=f"Port {port} is taken"), bound_socket("127.0.0.1", port):
            pass


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(InvalidSetting, match="Cannot listen"), bound_socket("192.0.2.1", 0):
        pass


def test_a_second_gateway_on_the_same_home_is_refused(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with only_gateway(settings), pytest.raises(Conflict, match="already runs"), only_gateway(settings):
        pass


def test_a_home_that_cannot_be_made_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for home in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(InvalidSetting, match="cannot be made") as told:
            make_home(Settings(home=home))
        assert "VERNACULAR_HOME" in told.value.hint


@pytest.mark.integration
def test_a_locale_without_unicode_takes_and_prints_every_language(tmp_path: Path) -> None:
    environment = {
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "VERNACULAR_HOME": f"{tmp_path}/資料 夾",
    }
    main = [sys.executable, "-c", "from vernacular.cli.main import main; main()"]
    made = [*main, "tenant", "create", "t", "--display-name", "海港市"]
    assert subprocess.run(made, env=environment, capture_output=True, check=False).returncode == 0
    told = subprocess.run([*main, "tenant", "list"], env=environment, capture_output=True, check=False)
    assert "海港市" in told.stdout.decode()
    assert (tmp_path / "資料 夾").is_dir()
