"""Documentation is tested: what is not written down fails."""

from __future__ import annotations

from pathlib import Path

import typer
from typer.testing import CliRunner

from docs.generate_settings import document
from vernacular.cli.main import app

ROOT = Path(__file__).parent.parent.parent


def test_every_setting_stands_in_docs_settings() -> None:
    written = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert written == document(), "run: python -m docs.generate_settings > docs/settings.md"


def test_every_command_stands_in_docs_cli() -> None:
    written = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    group = typer.main.get_group(app)
    names = [
        f"{name} {child}" if child else name
        for name, command in group.commands.items()
        for child in (getattr(command, "commands", None) or [""])
    ]
    assert not [name for name in names if f"`vernacular {name}" not in written]


def test_help_lists_the_commands() -> None:
    shown = CliRunner().invoke(app, ["--help"]).output
    for name in ("demo", "serve", "ingest", "ask", "doctor"):
        assert name in shown
