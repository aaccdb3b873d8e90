"""`docs/dialects.md` speaks of the packs that there are, and of files as they are."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path

import pytest

from vernacular.dialects.pack import DOMAIN, LEXICON, MARKERS, Manifest, Pack, Style, Words, read_pack
from vernacular.dialects.preferences import DialectPreferences

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "dialects.md").read_text(encoding="utf-8")
ROW = re.compile(
    r"^\| `(?P<tag>[^`]+)` \| (?P<name>[^|]+) \| [^|]+ \| (?P<entries>[\d,–]+) \| (?P<terms>[\d,–]+)", re.M
)
CHILEAN = ROOT / "examples" / "dialects" / "chilean" / "vernacular_chilean" / "es-CL"


@pytest.fixture(scope="module")
def packs() -> dict[str, Pack]:
    """Those that come with the product, whatever plugins this machine has."""
    folder = resources.files("vernacular.dialects.packs")
    found = [read_pack(each) for each in folder.iterdir() if each.joinpath("pack.toml").is_file()]
    return {pack.tag: pack for pack in found}


def number(cell: str) -> int:
    return int(cell.replace(",", "").replace("–", "0"))


def rows() -> dict[str, re.Match[str]]:
    return {row["tag"]: row for row in ROW.finditer(PAGE[PAGE.index("## The packs that come") :])}


def test_every_pack_stands_in_the_table_and_no_other(packs: dict[str, Pack]) -> None:
    assert sorted(rows()) == sorted(packs)


def test_the_table_promises_no_more_than_there_is(packs: dict[str, Pack]) -> None:
    for tag, row in rows().items():
        assert row["name"].strip() == packs[tag].manifest.name
        assert number(row["entries"]) <= len(packs[tag].lexicon), tag
        assert number(row["terms"]) <= len(packs[tag].domains), tag


def test_every_column_and_field_of_a_pack_is_told() -> None:
    files = PAGE[PAGE.index("## The files of a pack") : PAGE.index("## Publishing a pack")]
    names = {*LEXICON, *MARKERS, *DOMAIN, *Words.model_fields, *Style.model_fields, *Manifest.model_fields}
    assert not [name for name in names if not re.search(rf"`\[*{name}\]*`", files)]


def test_every_preference_is_told() -> None:
    names = (field.alias or name for name, field in DialectPreferences.model_fields.items())
    assert not [name for name in names if f"`{name}`" not in PAGE]


def test_shows_lines_that_stand_in_the_pack_it_speaks_of() -> None:
    question = re.search(r'^{"qid": "cl-10".*?}$', PAGE, re.M | re.S)
    assert question
    assert json.loads(question.group()) in read_pack(CHILEAN).evaluation
