"""The pack for the Spanish of Chile, which `docs/dialects.md` shows how to write, works as any plugin's pack does."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from importlib import metadata
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from serve.rag.understand import understand
from serve.rag.varieties import Varieties
from vernacular.dialects import registry as registries
from vernacular.dialects.detect import Detector
from vernacular.dialects.pack import Pack, read_pack
from vernacular.dialects.preferences import DialectPreferences
from vernacular.dialects.registry import Registry, built_in
from vernacular.evaluation.packs import prove
from vernacular.settings import DialectSettings
from vernacular.text.language import identify
from vernacular.types import Understanding

PLUGIN = Path(__file__).resolve().parents[2] / "examples" / "dialects" / "chilean"
TAG = "es-CL"


@pytest.fixture(scope="module")
def pack() -> Pack:
    return read_pack(PLUGIN / "vernacular_chilean" / TAG)


@pytest.fixture(scope="module")
def installed() -> Iterator[Registry]:
    """The packs of an installation that has the plugin, by the entry point that its `pyproject.toml` names."""
    project = tomllib.loads((PLUGIN / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = project["entry-points"][registries.GROUP]
    points = [EntryPoint(name, value, registries.GROUP) for name, value in named.items()]
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(PLUGIN))
        patch.setattr(metadata, "entry_points", lambda group: points)
        built_in.cache_clear()
        found = built_in()
    yield found
    sys.modules.pop("vernacular_chilean", None)
    built_in.cache_clear()


@pytest.fixture(scope="module")
def proof(pack: Pack, installed: Registry) -> dict[str, Any]:
    varieties = Varieties(DialectSettings())

    def expanded(question: str) -> Understanding:
        found = understand(question, varieties=varieties)
        return replace(found, expansions=varieties.expansions(found, DialectPreferences(), None))

    return prove(pack, installed.of_family("es"), expanded)


def test_stands_beside_the_packs_that_come_with_the_product(installed: Registry, pack: Pack) -> None:
    assert installed.get(TAG) == pack
    assert installed.find("es-x-chile") == pack
    assert installed.find("es-AR") != pack


def test_builds_on_standard_spanish(installed: Registry, pack: Pack) -> None:
    assert [each.tag for each in installed.chain(pack)] == [TAG, "es"]


def test_its_questions_are_found_about_as_well_as_their_standard_wording(proof: dict[str, Any]) -> None:
    assert proof["with"]["recall@1"] >= proof["without"]["recall@1"] + 0.4
    assert proof["with"]["recall@5"] >= proof["standard"]["recall@5"] - 0.05


def test_its_questions_are_told_from_those_of_its_neighbours(proof: dict[str, Any]) -> None:
    assert proof["detected"] >= 0.8
    assert proof["mistaken"] == 0


def test_takes_no_questions_from_its_neighbours(installed: Registry) -> None:
    detector = Detector(installed)
    rows = [
        row
        for tag in ("es-AR", "es-ES", "es-MX", "es-x-andes", "es-x-caribe", "es")
        for row in installed.get(tag).evaluation
    ]
    taken = [row["question"] for row in rows if detector.detect(row["question"], identify(row["question"])).tag == TAG]
    assert len(taken) <= len(rows) * 0.05, taken


@pytest.mark.parametrize(
    "question", ["¿Dónde queda el consultorio?", "me demoro harto en llegar", "hay que hacer la fila?"]
)
def test_is_likelier_where_a_tenant_declares_it(installed: Registry, question: str) -> None:
    detector, language = Detector(installed), identify(question)
    alone, declared = (dict(detector.detect(question, language, tags).candidates) for tags in ([], ["es", TAG]))
    assert declared[TAG] > alone.get(TAG, 0.0)


def test_proves_itself_by_passages_that_hold_their_answers(pack: Pack) -> None:
    for row in pack.evaluation:
        assert all(answer in row["text"] for answer in row["answers"]), row["qid"]
