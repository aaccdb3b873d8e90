"""What the pages on security and compliance name as proof is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ("docs/compliance.md", "docs/threat-model.md", "SECURITY.md", "docs/audit.md", "docs/untrusted-content.md")
TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::([\w:]+))?`")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES)
def test_every_test_that_a_page_names_is_there(page: str) -> None:
    named = TEST.findall((ROOT / page).read_text(encoding="utf-8"))
    missing = [path for path, _ in named if not (ROOT / path).is_file()]
    assert not missing
    for path, inner in named:
        source = (ROOT / path).read_text(encoding="utf-8")
        assert all(name in source for name in inner.split("::") if name), (path, inner)


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    links = LINK.findall((ROOT / page).read_text(encoding="utf-8"))
    assert not [link for link in links if not ((ROOT / page).parent / link).exists()]


@pytest.mark.parametrize("page", ["docs/compliance.md", "docs/threat-model.md"])
def test_every_row_of_a_table_names_its_proof(page: str) -> None:
    rows = [line for line in (ROOT / page).read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    tables = [row for row in rows if re.match(r"\| (A\d+|LLM\d+|[\dGI].*: )", row)]
    assert len(tables) > 10
    assert not [row[:60] for row in tables if not TEST.search(row)]
