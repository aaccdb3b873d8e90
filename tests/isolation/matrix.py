"""Sends every row of the table as every caller, and says what is wrong with what comes back."""

from __future__ import annotations

import base64
import binascii
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from httpx2 import Response

from tests.isolation.principals import CALLERS, Caller, Headers
from tests.isolation.rows.row import OPERATOR, Row
from tests.isolation.world import RECORDS, Mark, World

_PARAMETER: Final = re.compile(r"\{[^}]+\}")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{24,}")


@dataclass(frozen=True, slots=True)
class Cell:
    """What one caller got for one row. `problems`: sentences; none where all is as it must be. `log`: lines of the log."""

    row: Row
    caller: Caller
    status: int
    problems: tuple[str, ...] = ()
    log: tuple[str, ...] = ()


@dataclass
class Matrix:
    """The whole of it. `seen`: marks that some caller was shown who may see them."""

    cells: list[Cell] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def of(self, row: Row) -> list[Cell]:
        return [cell for cell in self.cells if cell.row is row]


def fill(world: World, headers: dict[str, Headers], rows: Sequence[Row]) -> Matrix:
    """Every row as every caller. After a request that changed something, all is put back."""
    matrix = Matrix()
    for row in rows:
        for caller in CALLERS:
            matrix.cells.append(try_out(world, row, caller, headers[caller.name], matrix.seen))
    return matrix


def try_out(world: World, row: Row, caller: Caller, headers: Headers, seen: set[str]) -> Cell:
    world.forget_usage()
    world.log.clear()
    before, version = world.state_as_kept(), world.version()
    response, request = send(world, row, headers)
    world.settle()
    log = tuple(world.log)
    shown = marks_in(world.marks, response)
    seen.update(mark.text for mark in shown if caller.may_see(mark))
    problems = [*_wrong_status(row, caller, response), *leaks(shown, caller, request)]
    if world.version() != version or world.touched():
        after = world.state()
        problems += _wrong_changes(world, row, caller, response, before, after)
        world.restore()
    return Cell(row, caller, response.status_code, tuple(problems), log)


def send(
    world: World, row: Row, headers: Headers, *, spell: Callable[[str], str] = lambda path: path
) -> tuple[Response, str]:
    """The answer, and all that the request said. `spell` changes the address."""
    request = dict(row.ask(world))
    parts = request.pop("path", ())
    given = iter([parts] if isinstance(parts, str) else parts)
    path = spell(_PARAMETER.sub(lambda _: next(given), row.path))
    sent = {**request.pop("headers", {}), **headers}
    return world.gateway.call(row.method, path, headers=sent, **request), f"{path} {request!r} {sent!r}"


def marks_in(marks: Iterable[Mark], response: Response) -> list[Mark]:
    """Those in the response's body or headers: plain, in base64, or inside an archive."""
    shown = "\n".join(_readings(response))
    return [mark for mark in marks if mark.text in shown]


def leaks(shown: Iterable[Mark], caller: Caller, said: str) -> list[str]:
    """What was shown that the caller may not see, and has not sent itself."""
    return [
        f"{mark.what} of {mark.tenant} is in the response"
        for mark in shown
        if mark.text not in said and not caller.may_see(mark)
    ]


def _readings(response: Response) -> Iterator[str]:
    content = b"\n".join(_unpacked(response.content)) if response.content.startswith(b"PK") else response.content
    plain = content.decode("utf-8", "replace")
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    yield from (plain, headers)
    for run in _BASE64.findall(f"{plain}\n{headers}"):
        try:
            yield base64.urlsafe_b64decode(run.replace("+", "-").replace("/", "_") + "=" * (-len(run) % 4)).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue


def _unpacked(content: bytes) -> Iterator[bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        yield from map(archive.read, archive.namelist())


def _wrong_status(row: Row, caller: Caller, response: Response) -> Iterator[str]:
    expected = row.expected(caller)
    if response.status_code != expected:
        yield f"answers {response.status_code} instead of {expected}: {response.text[:200]}"


def _wrong_changes(
    world: World, row: Row, caller: Caller, response: Response, before: dict[Any, str], after: dict[Any, str]
) -> Iterator[str]:
    """A request changes nothing but its caller's own tenant, and that only where it is answered well."""
    changed = {where for where in {*before, *after} if before.get(where) != after.get(where)}
    own = world.things[caller.tenant].tenant_id if caller.tenant in world.things else ""
    for tenant_id, what in sorted(changed):
        mine = tenant_id == own and not caller.refused and not caller.operator
        done = response.status_code < 400
        if mine and (done or what in RECORDS):
            continue
        if row.may_change(caller, what) or (caller.operator and done and row.who == OPERATOR):
            continue
        yield f"changed {what} of {world.name_of(tenant_id)}, answering {response.status_code}"
