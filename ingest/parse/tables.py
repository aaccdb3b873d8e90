"""Rows of cells as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def markdown_table(rows: Sequence[Sequence[str]]) -> str:
    """The first row is the header; short rows are filled up. Empty rows and columns are left out."""
    rows = [[_cell(cell) for cell in row] for row in rows]
    rows = [row for row in rows if any(row)]
    if not rows:
        return ""
    width = max(map(len, rows))
    full = [[*row, *[""] * (width - len(row))] for row in rows]
    used = [at for at in range(width) if any(row[at] for row in full)]
    lines = ["| " + " | ".join(row[at] for at in used) + " |" for row in full]
    lines.insert(1, "|" + " --- |" * len(used))
    return "\n".join(lines)


def record_lines(pairs: Iterable[tuple[str, str]]) -> str:
    """`name: value` lines, empty values left out."""
    return "\n".join(f"{name}: {' '.join(value.split())}" for name, value in pairs if value.strip())


def _cell(cell: str) -> str:
    return " ".join(cell.split()).replace("|", "\\|")
