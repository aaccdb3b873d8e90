"""Rows of the widget's routes, which show no credential: whoever names a widget and stands on its page is told what the page shows."""

from __future__ import annotations

from typing import Any, Final

from tests.isolation.rows.row import ANYONE, Request, Row, nothing
from tests.isolation.world import RECORDS, World

_ON_ANOTHER_PAGE: Final = {"widget": 403, "elsewhere": 403, "session": 403, "session elsewhere": 403}
_WHY: Final = "These callers send the origin of another page, where this widget does not stand (403)."


def _here(world: World) -> dict[str, str]:
    return {"Origin": world.here.more["origin"]}


def _look(world: World) -> Request:
    return {"params": {"widget": world.here.more["widget"]}, "headers": _here(world)}


def _frame(site: str) -> Any:
    def ask(world: World) -> Request:
        return {"params": {"widget": world.here.more["widget"], "site": site or world.here.more["origin"]}}

    return ask


def _session(world: World) -> Request:
    return {"json": {"widget": world.here.more["widget"], "frame": "a" * 64}, "headers": _here(world)}


def _session_elsewhere(world: World) -> Request:
    return {**_session(world), "headers": {"Origin": "https://evil.example"}}


WIDGET: Final[tuple[Row, ...]] = (
    Row("GET", "/widget.js", ANYONE, None, nothing),
    Row("GET", "/widget/frame.css", ANYONE, None, nothing),
    Row("GET", "/widget/frame.js", ANYONE, None, nothing),
    Row("GET", "/widget/frame", ANYONE, None, _frame("")),
    Row("GET", "/widget/frame", ANYONE, None, _frame("https://evil.example"), ok=403, variant="for another site"),
    Row("GET", "/v1/widget", ANYONE, None, _look, other=_ON_ANOTHER_PAGE, why=_WHY),
    Row(
        "POST",
        "/v1/widget/session",
        ANYONE,
        None,
        _session,
        ok=201,
        other=_ON_ANOTHER_PAGE,
        why=_WHY,
        records=frozenset(RECORDS),
    ),
    Row("POST", "/v1/widget/session", ANYONE, None, _session_elsewhere, ok=403, variant="from another site"),
)
