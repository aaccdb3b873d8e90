"""Runs the command line inside this process, as the console script would."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from vernacular.cli import main


@dataclass(frozen=True, slots=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def vernacular(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    monkeypatch.setattr("sys.argv", ["vernacular", *words])
    capsys.readouterr()
    try:
        code = main.run_app()
    except SystemExit as ended:
        code = int(ended.code or 0)
    shown = capsys.readouterr()
    return Result(code, shown.out, shown.err)
