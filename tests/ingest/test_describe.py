from __future__ import annotations

from datetime import date

import pytest

from ingest.describe import Description, describe, split_front_matter
from vernacular.errors import InvalidRecord


class TestDescribe:
    def test_takes_null_for_absent(self) -> None:
        assert describe({"title": None, "groups": None, "valid_from": None, "metadata": None}) == Description()

    def test_keeps_other_fields_as_metadata(self) -> None:
        assert describe({"fee": 12, "metadata": {"fee": 13, "b": [1]}}).metadata == {"fee": 13, "b": [1]}

    def test_reads_days_and_times(self) -> None:
        said = describe({"valid_from": "2026-01-02", "valid_until": "2026-03-04T10:00:00Z"})
        assert (said.valid_from, said.valid_until) == (date(2026, 1, 2), date(2026, 3, 4))

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("title", ["a"]),
            ("groups", [""]),
            ("groups", 3),
            ("valid_from", "soon"),
            ("language", "中文"),
            ("metadata", 1),
        ],
    )
    def test_names_the_field_that_it_cannot_understand(self, field: str, value: object) -> None:
        with pytest.raises(InvalidRecord, match=f"`{field}`"):
            describe({field: value})

    @pytest.mark.parametrize(
        "uri",
        ["javascript:alert(1)", " JavaScript:alert(1)", "java\nscript:alert(1)", "java\tscript:x", "\x01javascript:x", "data:text/html,x",
         "vbscript:x", "blob:https://a.example/x", "javascript%3Aalert(1)", "javascript&colon;alert(1)", "java\u200bscript:x"],
    )  # fmt: skip
    def test_refuses_an_address_that_runs_code(self, uri: str) -> None:
        with pytest.raises(InvalidRecord, match="`uri`"):
            describe({"uri": uri})

    @pytest.mark.parametrize(
        "uri", ["https://a.example/x", "urn:isbn:1", "guides/a.md", "mailto:a@example.org", "file:///srv/a"]
    )
    def test_keeps_addresses_that_name_something_to_read(self, uri: str) -> None:
        assert describe({"uri": uri}).uri == uri

    def test_refuses_an_end_before_the_beginning(self) -> None:
        with pytest.raises(InvalidRecord, match="before"):
            describe({"valid_from": "2026-02-01", "valid_until": "2026-01-01"})

    def test_makes_numbers_too_large_for_json_texts(self) -> None:
        assert describe({"n": 2**70}).metadata == {"n": str(2**70)}


class TestFrontMatter:
    def test_is_parsed_off(self) -> None:
        said, text = split_front_matter(
            "---\ntitle: Permits\nvalid_from: 2026-01-01\nlanguage: no\nfee: 3.5\n---\n\n# Go\n"
        )
        assert said == Description(title="Permits", valid_from=date(2026, 1, 1), language="no", metadata={"fee": 3.5})
        assert text == "# Go\n"

    @pytest.mark.parametrize("text", ["---\nno mapping\n---\nx", "---\n[: broken\n---\nx", "---\na: 1\n", "# plain"])
    def test_stays_text_when_it_is_none(self, text: str) -> None:
        assert split_front_matter(text) == (Description(), text)

    def test_expands_no_aliases(self) -> None:
        text = "---\na: &a [x, x]\nb: [*a, *a]\n---\nText"
        assert split_front_matter(text) == (Description(), text)
