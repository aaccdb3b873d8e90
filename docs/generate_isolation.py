"""Writes docs/isolation.md from what the gateway answers: `python -m docs.generate_isolation`. Takes half a minute."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.isolation.matrix import fill
from tests.isolation.page import PAGE, document
from tests.isolation.planting import isolated_world
from tests.isolation.table import ROWS


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, isolated_world(Path(folder)) as (world, headers):
        matrix = fill(world, headers, ROWS)
    wrong = [f"{cell.row.title}: {cell.caller.name}: {problem}" for cell in matrix.cells for problem in cell.problems]
    if wrong:
        raise SystemExit("\n".join(wrong))
    PAGE.write_text(document(matrix, world.marks), encoding="utf-8")
    print(f"{PAGE}: {len(matrix.cells)} answers")


if __name__ == "__main__":
    main()
