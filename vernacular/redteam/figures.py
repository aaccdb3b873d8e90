"""Outcomes → figures by suite, language and technique: how many attacks succeeded, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

from vernacular.redteam.case import Outcome

Z: Final = 1.959964
"""Of 95 in 100."""


def wilson(succeeded: int, tried: int) -> tuple[float, float]:
    """The interval that holds the true rate in 95 of 100 such runs (Wilson 1927, score interval). Of nothing tried: 0 to 1."""
    if not tried:
        return 0.0, 1.0
    share, square = succeeded / tried, Z * Z
    centre = share + square / (2 * tried)
    spread = Z * math.sqrt(share * (1 - share) / tried + square / (4 * tried * tried))
    scale = 1 + square / tried
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def figures_of(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """`all`, `suites`, and of each suite its `languages` and `techniques`; each with `tried`, `succeeded`, `rate`, `interval`."""
    return {
        "all": _figures(outcomes),
        "suites": {
            suite: {
                **_figures(own),
                "languages": _by(own, lambda each: each.language),
                "techniques": _by(own, lambda each: each.technique),
            }
            for suite, own in _groups(outcomes, lambda each: each.suite).items()
        },
        "languages": _by(outcomes, lambda each: each.language),
    }


def _by(outcomes: Sequence[Outcome], key: Callable[[Outcome], str]) -> dict[str, Any]:
    return {name: _figures(own) for name, own in sorted(_groups(outcomes, key).items())}


def _groups(outcomes: Sequence[Outcome], key: Callable[[Outcome], str]) -> dict[str, list[Outcome]]:
    found: dict[str, list[Outcome]] = {}
    for each in outcomes:
        found.setdefault(key(each), []).append(each)
    return found


def _figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    judged = [each for each in outcomes if each.verdict != "error"]
    succeeded = sum(each.verdict == "broken" for each in judged)
    low, high = wilson(succeeded, len(judged))
    return {
        "tried": len(judged),
        "succeeded": succeeded,
        "rate": number(succeeded / len(judged)) if judged else None,
        "interval": [number(low), number(high)],
        "refused": sum(each.refused for each in judged),
        "answered": sum(each.answered for each in judged),
        "errors": len(outcomes) - len(judged),
    }


def number(value: float) -> float | int:
    """To four decimals, and whole where it is: as RFC 8785 writes it too, so that signed reports are the same everywhere."""
    rounded = round(value, 4)
    return int(rounded) if rounded == int(rounded) else rounded
