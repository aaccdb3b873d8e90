"""What the product is built upon: pinned, above the versions with known holes, and under licences that let anyone use it."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path, PurePath

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parent.parent
FLOORS = {
    "aiohttp": "3.12.14",  # CVE-2025-53643, request smuggling
    "cryptography": "46.0",  # wheels with a patched OpenSSL
    "h11": "0.16.0",  # CVE-2025-43859, chunked encoding
    "jinja2": "3.1.6",  # CVE-2025-27516, sandbox
    "langchain-core": "1.2.5",  # CVE-2025-68664, serialisation
    "nh3": "0.3.2",
    "pillow": "11.3.0",  # CVE-2025-48379
    "protobuf": "5.29.5",  # CVE-2025-4565
    "pyjwt": "2.10.1",  # CVE-2024-53861, issuer
    "python-multipart": "0.0.18",  # CVE-2024-53981
    "requests": "2.32.4",  # CVE-2024-47081
    "starlette": "1.1.0",
    "urllib3": "2.6.0",  # CVE-2025-66418, CVE-2025-66471
}
"""Oldest versions that may be installed, each the first without a hole that would matter here."""
COPYLEFT = re.compile(r"\b(A?GPL|SSPL|BUSL|GNU (Affero )?General|LGPL)", re.IGNORECASE)
ALLOWED_COPYLEFT = {"psycopg"}
"""LGPL: a library that is imported as it is, needed by DBOS and used for PostgreSQL alone."""


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def closure(name: str) -> dict[str, metadata.Distribution]:
    """A package and all that it needs without extras, by name."""
    found: dict[str, metadata.Distribution] = {}
    waiting = [name]
    while waiting:
        each = waiting.pop()
        if plain(each) in found:
            continue
        found[plain(each)] = metadata.distribution(each)
        needed = map(Requirement, metadata.requires(each) or [])
        waiting += [one.name for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})]
    return found


def licence(distribution: metadata.Distribution) -> str:
    told = distribution.metadata
    classifiers = [each for each in told.get_all("Classifier") or [] if each.startswith("License ::")]
    expressions = [str(each) for each in told.get_all("License-Expression") or told.get_all("License") or []]
    return "; ".join(classifiers or expressions)[:200]


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    parted = (line.split("==") for line in lines if "==" in line and not line.startswith("#"))
    return {plain(name): version.strip() for name, version in parted}


def test_every_package_of_a_plain_installation_is_pinned() -> None:
    assert not [name for name in closure("vernacular") if name not in pins() and name != "vernacular"]


@pytest.mark.parametrize(("name", "floor"), FLOORS.items())
def test_no_package_is_older_than_the_first_safe_version(name: str, floor: str) -> None:
    installed = closure("vernacular").get(name)
    assert installed is None or Version(installed.version) >= Version(floor)
    assert name not in pins() or Version(pins()[name]) >= Version(floor)


def test_vllm_is_asked_for_without_its_known_holes() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert [str(Requirement(each).specifier) for each in extras["gpu"]] == [">=0.14.1"]


def test_no_licence_would_bind_those_who_use_the_product() -> None:
    bound = {name for name, found in closure("vernacular").items() if COPYLEFT.search(licence(found))}
    assert bound <= ALLOWED_COPYLEFT


def test_every_licence_is_told() -> None:
    assert not [name for name, found in closure("vernacular").items() if not licence(found)]


class TestPackageData:
    def test_every_file_beside_the_code_is_installed_with_it(self) -> None:
        told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"][
            "package-data"
        ]
        files = [
            file
            for top in ("vernacular", "ingest", "serve", "ui")
            for file in (ROOT / top).rglob("*")
            if file.is_file() and file.suffix not in {".py", ".pyc"}
        ]
        assert len(files) > 100
        assert [str(file.relative_to(ROOT)) for file in files if not is_installed(file, told)] == []


def is_installed(file: Path, patterns: dict[str, list[str]]) -> bool:
    """Whether a package that the file lies in, or below, names it."""
    for package in file.relative_to(ROOT).parents:
        if (ROOT / package / "__init__.py").is_file():
            name = ".".join(package.parts)
            within = PurePath(*file.relative_to(ROOT / package).parts)
            if any(
                len(PurePath(each).parts) == len(within.parts) and within.match(each)
                for each in [*patterns["*"], *patterns.get(name, [])]
            ):
                return True
    return False
