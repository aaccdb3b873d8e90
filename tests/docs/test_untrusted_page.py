"""The page about untrusted content names tests and settings that there are, and limits as they are."""

from __future__ import annotations

import re
from pathlib import Path

from ingest.parse import archive
from ingest.sources.archives import MAX_DEPTH, SUFFIXES
from serve.documents.schemas import MAX_URIS
from tests.vernacular.fetching.listener import hostile_addresses

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "untrusted-content.md").read_text(encoding="utf-8")
SETTINGS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


def test_every_test_that_is_named_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)`", PAGE)
    assert len(named) > 20
    assert [each for each in named if not (ROOT / each).is_file()] == []


def test_every_setting_that_is_named_is_there() -> None:
    named = set(re.findall(r"VERNACULAR_[A-Z_]+", PAGE))
    assert named
    assert {each for each in named if f"`{each}`" not in SETTINGS} == set()


def test_limits_are_told_as_they_are() -> None:
    assert f"{MAX_URIS:,}" in PAGE
    assert (
        f"more than {archive.MAX_MEMBERS:,} files, {archive.MAX_TOTAL // 1_000_000} MB, or {archive.RATIO}\ntimes"
        in PAGE
    )
    assert MAX_DEPTH == 2
    assert all(f"`{suffix}`" in PAGE for suffix in SUFFIXES)
    assert len(hostile_addresses(80)) > 100
