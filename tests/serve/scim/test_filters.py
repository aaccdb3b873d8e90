from __future__ import annotations

import pytest

from serve.scim.errors import InvalidFilter, InvalidPath
from serve.scim.filters import Comparison, Joined, Negated, Path, parse_filter, parse_path

USER = "urn:ietf:params:scim:schemas:core:2.0:User"


class TestParseFilter:
    def test_reads_names_and_operators_in_any_case(self) -> None:
        assert parse_filter('UserName EQ "Ana \\"A\\" Ruiz"') == Comparison("username", "eq", 'Ana "A" Ruiz')
        assert parse_filter(f'{USER}:userName eq "a"') == Comparison("username", "eq", "a")
        assert parse_filter("active eq true") == Comparison("active", "eq", True)
        assert parse_filter("externalId pr") == Comparison("externalid", "pr")

    def test_binds_and_before_or_and_brackets_before_both(self) -> None:
        a, b, c = (Comparison(name, "pr") for name in "abc")
        assert parse_filter("a pr or b pr and c pr") == Joined("or", (a, Joined("and", (b, c))))
        assert parse_filter("(a pr or b pr) and not (c pr)") == Joined("and", (Joined("or", (a, b)), Negated(c)))

    def test_reads_what_is_asked_of_the_parts_of_a_value(self) -> None:
        assert parse_filter('members[value eq "1"]') == Comparison("members.value", "eq", "1")
        assert parse_filter('emails[type eq "work"].value eq "x"') == Joined(
            "and", (Comparison("emails.type", "eq", "work"), Comparison("emails.value", "eq", "x"))
        )

    def test_takes_names_that_are_words_of_the_grammar_too(self) -> None:
        assert parse_filter('not eq "and"') == Comparison("not", "eq", "and")

    @pytest.mark.parametrize(
        "text",
        [
            "userName",
            "userName eq",
            'userName is "a"',
            'userName eq "a',
            "userName eq 'a'",
            "userName eq a",
            'userName eq "a" and',
            '(userName eq "a"',
            'userName eq "a")',
            'emails[type eq "work"',
            'a eq "\\x"',
            "eq eq",
            "and",
            "; drop table users",
            'members[value[x eq "1"]]',
            "(" * 30 + "a pr" + ")" * 30,
            "a pr and " * 1000,
        ],
    )
    def test_says_what_is_wrong_with_what_is_none(self, text: str) -> None:
        with pytest.raises(InvalidFilter, match="filter"):
            parse_filter(text)


class TestParsePath:
    def test_reads_an_attribute_a_part_of_it_and_which_values(self) -> None:
        assert parse_path("userName") == Path("username")
        assert parse_path("name.givenName") == Path("name", part="givenname")
        assert parse_path(f"{USER}:name.formatted") == Path("name", part="formatted")
        assert parse_path('members[value eq "1"]') == Path("members", Comparison("members.value", "eq", "1"))
        assert parse_path('emails[type eq "work"].value') == Path(
            "emails", Comparison("emails.type", "eq", "work"), "value"
        )

    @pytest.mark.parametrize("text", ["", "a b", "members[", 'members[value eq "1"', "a eq 1", "[", "..", 'a["x"]'])
    def test_says_so_where_there_is_none(self, text: str) -> None:
        with pytest.raises(InvalidPath):
            parse_path(text)
