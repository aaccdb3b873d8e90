"""Every route as every caller: 0 foreign bytes in answers, logs and figures, and a new route without a row fails."""

from __future__ import annotations

import functools
import json

import pytest
from fastapi import FastAPI

from serve.app import create_app
from tests.isolation.matrix import Matrix
from tests.isolation.page import PAGE, document
from tests.isolation.principals import CALLERS
from tests.isolation.routes import documented, served
from tests.isolation.rows.row import ANYONE, Row
from tests.isolation.table import ROWS
from tests.isolation.world import HOME_TENANT, NOBODY, World
from vernacular.settings import Settings


@functools.cache
def app() -> FastAPI:
    return create_app(Settings())


class TestTable:
    def test_has_a_row_for_every_route(self) -> None:
        known = {(row.path, row.method) for row in ROWS}
        missing = [route for route in served(app()) if (route.path, route.method) not in known]
        assert not missing, "\n".join(
            [
                "Routes without a row in tests/isolation/rows. For each, add to the file that it belongs to",
                "    Row(METHOD, PATH, least role, scope, a request that names something of the tenant harbour, names=whose),",
                "plant in tests/isolation/world.py what it can show, and run `python -m docs.generate_isolation`:",
                *(f"  {route.method} {route.path}{' (hidden)' if route.hidden else ''}" for route in missing),
            ]
        )

    def test_has_no_row_of_a_route_that_is_not_served(self) -> None:
        known = {(route.path, route.method) for route in served(app())}
        assert not [row.title for row in ROWS if (row.path, row.method) not in known]

    def test_the_document_tells_of_every_route_that_is_not_hidden(self) -> None:
        shown = {(route.path, route.method) for route in served(app()) if not route.hidden}
        assert shown == set(documented(app().openapi()))

    def test_the_document_asks_for_credentials_where_the_table_does(self) -> None:
        told = {where: bool(operation.get("security")) for where, operation in documented(app().openapi()).items()}
        for row in ROWS:
            if (row.path, row.method) in told:
                assert told[row.path, row.method] is (row.who != ANYONE), row.title

    def test_tells_variants_apart(self) -> None:
        titles = [row.title for row in ROWS]
        assert len(set(titles)) == len(titles)


class TestMarks:
    def test_each_is_shown_to_someone_who_may_see_it(self, matrix: Matrix, world: World) -> None:
        """Else that nobody else saw it would say nothing."""
        named = [mark for mark in world.marks if mark.tenant == HOME_TENANT and mark.level != NOBODY]
        assert not {mark.what for mark in named if mark.text not in matrix.seen}


class TestPage:
    def test_is_what_the_matrix_says(self, matrix: Matrix, world: World) -> None:
        written = PAGE.read_text(encoding="utf-8")
        assert written == document(matrix, world.marks), "run: python -m docs.generate_isolation"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.title)
def test_nothing_foreign_is_shown_or_changed(row: Row, matrix: Matrix) -> None:
    cells = matrix.of(row)
    assert len(cells) == len(CALLERS)
    wrong = [f"{cell.caller.name}: {problem}" for cell in cells for problem in cell.problems]
    assert not wrong, "\n".join([row.title, *wrong])


QUIET = ("/healthz", "/readyz", "/metrics")


class TestLogs:
    def test_say_whose_request_it_was(self, matrix: Matrix) -> None:
        for cell in matrix.cells:
            lines = [json.loads(line) for line in cell.log]
            told = [line for line in lines if line["message"] == "request"]
            if cell.row.path in QUIET:
                assert told == []
                continue
            (line,) = told
            let_in = bool(cell.caller.tenant) and cell.status not in (401,) and cell.row.who != "anyone"
            if cell.caller.operator:
                assert line.get("tenant") is None, cell.row.title
            elif let_in and cell.row.who != "operator" and cell.caller.refused != 401:
                assert (line["tenant"], bool(line["principal"])) == (cell.caller.tenant, True), cell.row.title
            else:
                assert not {"tenant", "principal"} & line.keys(), cell.row.title

    def test_hold_nothing_that_was_planted(self, matrix: Matrix, world: World) -> None:
        found = {
            f"{cell.row.title} as {cell.caller.name}: {mark.what}"
            for cell in matrix.cells
            for line in cell.log
            for mark in world.marks
            if mark.text in line and (mark.what, mark.tenant) != ("tenant's id", cell.caller.tenant)
        }
        assert not found


class TestFigures:
    def test_name_no_tenant_and_hold_nothing_that_was_planted(self, matrix: Matrix, world: World) -> None:
        figures = world.gateway.call("GET", "/metrics").text
        assert HOME_TENANT not in figures
        assert not [mark.what for mark in world.marks if mark.text in figures]
