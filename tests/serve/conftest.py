from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serve.fakes import FakeRag
from tests.serve.gateway import Gateway, running_gateway


@pytest.fixture
def rag() -> FakeRag:
    return FakeRag()


@pytest.fixture
def gateway(tmp_path: Path, rag: FakeRag) -> Iterator[Gateway]:
    """A gateway with answers known beforehand, and the tenants acme and other."""
    with running_gateway(tmp_path, rag) as running:
        running.tenant("acme")
        running.tenant("other")
        yield running


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Gateway]:
    """A gateway with the real pipeline, and the tenants acme and other."""
    with running_gateway(tmp_path) as running:
        running.tenant("acme")
        running.tenant("other")
        yield running


@pytest.fixture
def key(gateway: Gateway) -> str:
    """An admin's key to acme."""
    return gateway.key("acme")
