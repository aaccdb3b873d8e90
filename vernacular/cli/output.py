"""How commands print: tables for people, JSON for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

WHOLE_LINES = 1_000_000
# Controls but tab and newline, overrides of the direction, and tag characters.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\U000e0000-\U000e007f]")
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
TenantName = Annotated[str, typer.Option("--tenant", "-t", help="The tenant's name.")]


def console() -> Console:
    """Lines are broken to fit a terminal, and left whole for a file or another program."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=WHOLE_LINES)


def plain(text: str) -> str:
    """`text` of a document, a file's name or a model for a terminal: nothing in it moves the cursor or hides a word."""
    return _UNSEEN.sub("", text)


def print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def print_table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], empty: str) -> None:
    """`empty` is what to say, and do, when there is nothing to show."""
    if not rows:
        typer.echo(empty)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.replace("_", " "))
    for row in rows:
        table.add_row(*(Text(plain(cell(row.get(column)))) for column in columns))
    console().print(table)


def cell(value: Any) -> str:
    """A value as people read it."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "-"
    return str(value)
