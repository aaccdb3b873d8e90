"""The matrix as a page of the documentation: docs/isolation.md."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.isolation.matrix import Matrix
from tests.isolation.principals import CALLERS
from tests.isolation.rows.row import ANYONE, OPERATOR, Row
from tests.isolation.table import ROWS
from tests.isolation.world import LEVELS, Mark

PAGE: Final = Path(__file__).parent.parent.parent / "docs" / "isolation.md"
HEAD: Final = """\
# Who gets what: the isolation matrix

Written by the test that it is the result of (`tests/isolation/test_matrix.py`; anew with `python -m docs.generate_isolation`). It holds
{routes} methods of routes, hidden ones too, as the application lists them, in {rows} requests; a route without one fails the build.

Each request is well formed and names things of one tenant, `harbour`. It is sent by {callers} callers, which is {cells} answers, and of each
answer the test sees that

- its status is the one below. Another tenant's things, and those of a group or a person that the caller is not, are *not there* (404), rather
  than forbidden;
- neither its body nor its headers hold any of {marks} marks that the caller may not see, in plain text, in base64 or inside an archive. A mark
  is a run of characters of its own in every text, title, address, file name, metadata field, message, quote, setting, note, name, id,
  digest and credential that the two tenants hold. So that nothing passes for want of being shown, each mark is also seen by someone who may;
- nothing of a tenant has changed, row by row in the database, point by point in the index and file by file, but what an accepted request of its
  own people was for, and the records of what was asked: the audit log and usage. After each such request everything is put back.

Other methods of these routes, and other spellings of their addresses, are asked for by each caller too and show nothing; cursors, counts, taken
names and error texts of one tenant tell nothing of another (`tests/isolation/test_side_channels.py`). Sequences of requests, on both
vector stores and with caches, are tried at random by `tests/isolation/test_stateful.py`.

## Callers

| caller | who it is |
|---|---|
"""
LEGEND: Final = """
## Answers

✓ answered (2xx) · 401 not let in · 403 not for this caller · 404 not there for this caller · other numbers are explained below the table.
"""


def document(matrix: Matrix, marks: Sequence[Mark]) -> str:
    routes = {(row.method, row.path) for row in ROWS}
    lines = [
        HEAD.format(
            routes=len(routes), rows=len(ROWS), callers=len(CALLERS), cells=len(matrix.cells), marks=len(marks)
        ).rstrip()
    ]
    lines += [f"| {caller.name} | {caller.told} |" for caller in CALLERS]
    lines += [LEGEND, f"| request | for | {' | '.join(caller.name for caller in CALLERS)} |"]
    lines.append("|" + "---|" * (len(CALLERS) + 2))
    lines += [_line(matrix, row) for row in ROWS]
    lines += ["", "## Other answers", ""]
    lines += [f"- `{row.title}`: {row.why}" for row in ROWS if row.why]
    lines += ["", "## What is planted", "", "| seen by | things |", "|---|---|"]
    for level, told in LEVELS.items():
        things = sorted({mark.what for mark in marks if mark.level == level and mark.tenant == "harbour"})
        lines.append(f"| {told} | {', '.join(things)} |")
    return "\n".join(lines) + "\n"


def _line(matrix: Matrix, row: Row) -> str:
    answers = (str(cell.status) if cell.status >= 300 else "✓" for cell in matrix.of(row))
    return f"| `{row.title}` | {_for(row)} | {' | '.join(answers)} |"


def _for(row: Row) -> str:
    if row.who in (ANYONE, OPERATOR):
        return str(row.who)
    needed = getattr(row.who, "name", "")
    whose = {"tenant": "", "group": ", of its group", "owner": ", its own", "": ""}[row.names]
    return f"{needed}{whose} (`{row.scope}`)"
