"""The style sheets: nothing in them that no page uses, and sides that turn with the direction of the page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

import ui

_UI: Final = Path(str(ui.__file__)).parent
_SHEETS: Final = sorted(_UI.glob("assets/*.css"))
_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)


def _rules(sheet: Path) -> str:
    return _COMMENT.sub("", sheet.read_text(encoding="utf-8"))


class TestStyles:
    @pytest.mark.parametrize("sheet", _SHEETS, ids=lambda sheet: str(sheet.name))
    def test_have_no_class_that_nothing_carries(self, sheet: Path) -> None:
        files = (*_UI.rglob("*.py"), *_UI.glob("assets/*.js"))
        source = "\n".join(path.read_text(encoding="utf-8") for path in files)
        carried = {*re.findall(r"vn-[a-z0-9-]*[a-z0-9]", source), "vn-good", "vn-warn", "vn-bad"}
        stems = tuple(re.findall(r"(vn-[a-z-]+)\{", source))
        ruled = set(re.findall(r"\.(vn-[a-z0-9-]*[a-z0-9])", _rules(sheet)))
        assert {name for name in ruled - carried if not name.startswith(stems)} == set()

    @pytest.mark.parametrize("sheet", _SHEETS, ids=lambda sheet: str(sheet.name))
    def test_name_no_physical_side_of_margins_borders_and_paddings(self, sheet: Path) -> None:
        assert re.findall(r"(?:margin|padding|border)-(?:left|right)\b[^;]*", _rules(sheet)) == []
