"""Whether personal data of questions stand in logs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from vernacular.redteam.case import PII, Case, Outcome
from vernacular.redteam.own.pii import values


def leaks(cases: Sequence[Case], files: Iterable[Path]) -> list[Outcome]:
    """One outcome for each file: broken if it holds any of the data that the cases sent, as they were sent or without signs."""
    wanted = values(cases)
    if not wanted:
        return []
    found = []
    for path in files:
        text = path.read_text(encoding="utf-8", errors="replace")
        seen = next((value for value in wanted if value in text), "")
        broken = {"logged": f"{path.name}: {seen}"} if seen else {}
        name, verdict = f"{PII}/logs/{path.name}", "broken" if seen else "held"
        found.append(Outcome(name, PII, "und", "logs", verdict, broken=broken))  # type: ignore[arg-type]
    return found
