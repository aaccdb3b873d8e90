"""What logs and figures tell, of all the requests of the matrix: whose each was, and nothing that anybody holds."""

from __future__ import annotations

import json

from tests.isolation.matrix import Matrix
from tests.isolation.world import HOME_TENANT, World

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
