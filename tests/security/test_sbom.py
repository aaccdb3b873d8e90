"""The bill of materials that `make sbom` writes, of the packages these tests run with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.test_packages import closure, plain

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.security, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def bill(tmp_path_factory: pytest.TempPathFactory) -> Any:
    file = tmp_path_factory.mktemp("sbom") / "sbom.cdx.json"
    tool = Path(os.environ["VERNACULAR_TESTS_TOOLS"]) / "cyclonedx-py"
    options = ["--pyproject", str(ROOT / "pyproject.toml"), "--output-reproducible", "--of", "JSON", "-o", str(file)]
    subprocess.run([str(tool), "environment", *options, sys.executable], check=True, capture_output=True, timeout=240)
    return json.loads(file.read_text(encoding="utf-8"))


class TestBillOfMaterials:
    def test_holds_every_package_of_a_plain_installation_with_its_version(self, bill: Any) -> None:
        listed = {plain(part["name"]): part["version"] for part in bill["components"]}
        needed = {name: found.version for name, found in closure("vernacular").items() if name != "vernacular"}
        assert {name: listed.get(name) for name in needed} == needed

    def test_names_each_by_a_package_url(self, bill: Any) -> None:
        assert all(part["purl"].startswith("pkg:pypi/") for part in bill["components"])

    def test_is_of_this_product(self, bill: Any) -> None:
        assert bill["metadata"]["component"]["name"] == "vernacular"
        assert bill["bomFormat"] == "CycloneDX"
