"""A real vLLM on the CPU, with a tiny model that is made and trained on the spot. Without it these tests fail, and say so."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.nano.__main__ import make
from bench.nano.facts import WORDINGS, places
from tests.vllm.processes import GatewayServer, ModelServer, Tenant
from vernacular.settings import Settings

ROOT = Path(__file__).parents[2]
PLACES = 10
TRAINING_S = 120.0
MAX_TOKENS = 1200


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--nano", type=Path, help="Folder where skyllm-nano is kept, and found again if it is there.")


@dataclass(frozen=True)
class Nano:
    """`weights` are the model's; `adapters` holds a folder for each style."""

    weights: Path
    adapters: Path


@dataclass(frozen=True)
class Stack:
    """A gateway and a model server on one home, and a tenant with documents in three languages."""

    gateway: GatewayServer
    model: ModelServer
    harbour: Tenant
    nano: Nano


@pytest.fixture(scope="session")
def vllm() -> Path:
    """The `vllm` program."""
    program = Path(Settings().model_server.command or ROOT / ".venv-vllm" / "bin" / "vllm")
    if not program.exists():
        pytest.fail(f"There is no {program}: `make test-vllm` installs vLLM for the CPU, and runs these tests.")
    return program


@pytest.fixture(scope="session")
def nano(vllm: Path, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Nano:
    kept: Path | None = request.config.getoption("--nano")
    folder = kept or tmp_path_factory.mktemp("nano")
    weights = folder / "skyllm-nano"
    if not (weights / "config.json").exists():
        make(folder, vllm.with_name("python"), TRAINING_S)
    return Nano(weights, folder / "adapters")


@pytest.fixture(scope="session")
def options(vllm: Path) -> dict[str, str]:
    """Settings of every process: answers are the same each time, and servers are looked at often."""
    return {
        "VERNACULAR_MODEL_SERVER__COMMAND": str(vllm),
        "VERNACULAR_GENERATION__TEMPERATURE": "0",
        "VERNACULAR_GENERATION__MAX_TOKENS": str(MAX_TOKENS),
        "VERNACULAR_GENERATION__HEALTH_EVERY_S": "0.3",
    }


@pytest.fixture(scope="session")
def stack(nano: Nano, options: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    home = tmp_path_factory.mktemp("home")
    model = ModelServer(home, nano.weights, options)
    gateway = GatewayServer(home, options)
    try:
        gateway.wait()
        harbour = gateway.tenant("harbour")
        harbour.learn([place for wording in WORDINGS for place in places(PLACES, wording.language, random.Random())])
        model.wait()
        yield Stack(gateway, model, harbour, nano)
    finally:
        gateway.stop()
        model.stop()
