from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ingest.sources import SourceError
from ingest.sources.records import RecordSource
from vernacular.errors import NoSuchPath
from vernacular.types import Document


def source(folder: Path, *lines: str) -> RecordSource:
    path = folder / "records.ndjson"
    path.write_text("\n".join(lines), encoding="utf-8")
    return RecordSource(path)


class TestRecords:
    def test_reads_every_field(self, tmp_path: Path) -> None:
        line = (
            '{"id": 7, "text": "九時開放", "title": "時間", "language": "zh-Hant", "uri": "https://x.org/7", "metadata": {"a": 1},'
            ' "groups": ["staff"], "valid_from": "2026-01-01", "valid_until": null}'
        )
        assert list(source(tmp_path, line)) == [
            Document(
                source_id="7", text="九時開放", title="時間", language="zh-Hant", uri="https://x.org/7", metadata={"a": 1},
                groups=("staff",), valid_from=date(2026, 1, 1),
            )
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("line", "reason"),
        [("{", "not JSON"), ("[1]", "object"), ('{"text": "a"}', "no `id`"), ('{"id": "a"}', "no `text`"),
         ('{"id": "a", "text": " "}', "empty"), ('{"id": "a", "text": "b", "valid_from": "x"}', "valid_from"),
         ('{"id": "a", "text": "b", "groups": [1]}', "groups")],
    )  # fmt: skip
    def test_names_the_line_that_is_bad_and_goes_on(self, tmp_path: Path, line: str, reason: str) -> None:
        good = '{"id": "g", "text": "Good."}'
        first, bad, last = source(tmp_path, good, line, good)
        assert isinstance(first, Document)
        assert isinstance(last, Document)
        assert isinstance(bad, SourceError)
        assert bad.name == "invalid_record"
        assert bad.message.startswith("Line 2: ")
        assert reason in bad.message

    def test_reads_a_batch_again(self, tmp_path: Path) -> None:
        lines = [f'{{"id": "{at}", "text": "字 {at}"}}' for at in range(7)]
        lines.insert(3, "")
        lines.insert(5, "broken")
        records = source(tmp_path, *lines)
        batches = list(records.batches(3))
        assert [(batch.first, batch.count) for batch in batches] == [(0, 3), (3, 3), (6, 2)]
        assert [item for batch in batches for item in records.read(batch)] == list(records)
        errors = [item for item in records.read(batches[1]) if isinstance(item, SourceError)]
        assert errors[0].message.startswith("Line 6: ")

    def test_has_no_batches_when_empty(self, tmp_path: Path) -> None:
        assert list(source(tmp_path, "", "").batches(10)) == []

    def test_says_that_a_file_is_missing(self, tmp_path: Path) -> None:
        with pytest.raises(NoSuchPath, match="gone"):
            RecordSource(tmp_path / "gone.ndjson")
