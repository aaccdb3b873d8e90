"""Attacking: each case asked and judged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import httpx

from vernacular.redteam.case import Case, Outcome, Reply
from vernacular.redteam.judges import judge

_SERVER_ERROR = 500


def attack(cases: Iterable[Case], ask: Callable[[Case], Reply]) -> Iterator[Outcome]:
    """What comes of each case, as it comes. A request that is refused as such (4xx) has not succeeded; one that fails counts as
    an error."""
    for case in cases:
        try:
            reply = ask(case)
        except httpx.TransportError as error:
            yield _outcome(case, "error", broken={"error": type(error).__name__})
            continue
        if reply.status >= _SERVER_ERROR:
            yield _outcome(case, "error", broken={"error": f"{reply.status} {reply.reason}"})
            continue
        broken = judge(case, reply)
        yield _outcome(
            case,
            "broken" if broken else "held",
            refused=reply.refused,
            answered=reply.answered,
            mode=reply.mode,
            policy=reply.policy,
            broken=broken,
        )


def _outcome(case: Case, verdict: str, **more: object) -> Outcome:
    return Outcome(case.id, case.suite, case.language, case.technique, verdict, **more)  # type: ignore[arg-type]
