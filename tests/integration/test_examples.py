"""What the README promises of the demo: its questions are answered from the right document, or declined."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vernacular.cli.client import Door, inside_gateway
from vernacular.cli.context import command_key, opened_database
from vernacular.cli.demo import load
from vernacular.cli.demo_tenants import Example, ensure_tenant, read_examples
from vernacular.settings import Settings
from vernacular.tenancy import Tenant

pytestmark = [pytest.mark.integration, pytest.mark.slow]
EXAMPLES = {example.slug: example for example in read_examples(Path(__file__).parents[2] / "examples")}
LEAST_RIGHT = 0.7
"""Share of a tenant's expected questions that must be answered with the expected quote; many are in dialect, and some in
words that neither a document nor a pack has."""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, dict[str, Tenant]]:
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    with opened_database(settings) as database:
        tenants = {slug: ensure_tenant(database, example) for slug, example in EXAMPLES.items()}
        load(settings, database, list(EXAMPLES.values()), list(tenants.values()))
    return settings, tenants


@pytest.fixture(params=sorted(EXAMPLES))
def tenant(
    request: pytest.FixtureRequest, loaded: tuple[Settings, dict[str, Tenant]]
) -> Iterator[tuple[Example, Door]]:
    settings, tenants = loaded
    with opened_database(settings) as database:
        key = command_key(settings, database, tenants[request.param])
    with inside_gateway(settings, {"Authorization": f"Bearer {key}"}) as door:
        yield EXAMPLES[request.param], door


def ask(door: Door, question: str) -> tuple[bool, list[str]]:
    """Whether it was answered, and the quotes."""
    body = {"model": "default", "messages": [{"role": "user", "content": question}]}
    found: dict[str, Any] = door("POST", "/v1/chat/completions", body).json()
    quotes = [note["quote"] for note in found["choices"][0]["message"]["annotations"]]
    return found["vernacular"]["answered"], quotes


def right(door: Door, expected: dict[str, str]) -> bool:
    answered, quotes = ask(door, expected["question"])
    return answered and any(expected["contains"] in quote for quote in quotes)


def test_the_demos_questions_are_answered_or_declined_as_printed(tenant: tuple[Example, Door]) -> None:
    example, door = tenant
    expected = {one["question"]: one for one in example.profile["expected"]}
    wrong = [question for question in example.profile["suggested_questions"] if not right(door, expected[question])]
    assert not wrong
    assert not ask(door, example.profile["unanswerable_question"])[0]


def test_most_expected_questions_are_answered_with_the_expected_quote(tenant: tuple[Example, Door]) -> None:
    example, door = tenant
    wrong = [one["question"] for one in example.profile["expected"] if not right(door, one)]
    assert len(wrong) <= (1 - LEAST_RIGHT) * len(example.profile["expected"]), wrong
