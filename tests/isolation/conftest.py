from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.isolation.matrix import Matrix, fill
from tests.isolation.planting import isolated_world
from tests.isolation.principals import Headers
from tests.isolation.table import ROWS
from tests.isolation.world import World


@pytest.fixture(scope="package")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, dict[str, Headers]]]:
    with isolated_world(tmp_path_factory.mktemp("isolation")) as found:
        yield found


@pytest.fixture
def world(planted: tuple[World, dict[str, Headers]]) -> Iterator[World]:
    yield planted[0]
    planted[0].restore()


@pytest.fixture
def headers(planted: tuple[World, dict[str, Headers]]) -> dict[str, Headers]:
    return planted[1]


@pytest.fixture(scope="package")
def matrix(planted: tuple[World, dict[str, Headers]]) -> Matrix:
    """Every row as every caller, once."""
    return fill(*planted, ROWS)
