"""The demo content keeps what `make demo` and the quality checks take from it."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
TENANTS = ("cenital", "delta", "harbour", "shuguo")
SIDECARS = (".meta.json", ".mapping.json")
READABLE = (".csv", ".html", ".md", ".txt")


def tenant_of(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((EXAMPLES / name / "tenant.json").read_text(encoding="utf-8"))
    return loaded


def files_of(name: str) -> list[Path]:
    files = sorted((EXAMPLES / name / "documents").iterdir())
    return [path for path in files if path.is_file() and not path.name.endswith(SIDECARS)]


def front_matter(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8").split("---\n", 2)[1])
    return loaded


def sidecar(path: Path, kind: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.with_name(path.name + kind).read_text(encoding="utf-8"))
    return loaded


def properties(path: Path) -> dict[str, Any]:
    return front_matter(path) if path.suffix == ".md" else sidecar(path, ".meta.json")


def is_feed(path: Path) -> bool:
    return path.with_name(path.name + ".mapping.json").exists()


def feed_rows(path: Path) -> dict[str, dict[str, str]]:
    key = sidecar(path, ".mapping.json")["id"]
    with path.open(encoding="utf-8", newline="") as lines:
        return {row[key]: row for row in csv.DictReader(lines)}


def documents_of(name: str) -> dict[str, str | None]:
    """The text of each document by its id; None where only a parser can read it."""
    found: dict[str, str | None] = {}
    for path in files_of(name):
        if is_feed(path):
            found.update({sku: "\n".join(row.values()) for sku, row in feed_rows(path).items()})
        else:
            identifier = front_matter(path)["id"] if path.suffix == ".md" else path.name
            assert identifier not in found, f"{identifier} twice in {name}"
            found[identifier] = path.read_text(encoding="utf-8") if path.suffix in READABLE else None
    return found


def valid_until(name: str, identifier: str) -> date | None:
    for path in files_of(name):
        if not is_feed(path) and identifier in (path.name, path.stem):
            until = properties(path).get("valid_until")
            return date.fromisoformat(str(until)) if until else None
    return None


class TestDocuments:
    @pytest.mark.parametrize("name", TENANTS)
    def test_each_tenant_has_15_to_40_files_beside_its_feed(self, name: str) -> None:
        assert 15 <= len([path for path in files_of(name) if not is_feed(path)]) <= 40

    @pytest.mark.parametrize("name", TENANTS)
    def test_each_tenant_mixes_at_least_six_formats(self, name: str) -> None:
        assert len({path.suffix for path in files_of(name)}) >= 6

    @pytest.mark.parametrize("name", TENANTS)
    def test_every_document_has_a_title_an_address_and_a_language(self, name: str) -> None:
        for path in files_of(name):
            if not is_feed(path):
                found = properties(path)
                assert found["title"] and found["language"], path.name
                assert found["uri"].startswith(f"https://{name}.example/"), path.name

    @pytest.mark.parametrize("name", TENANTS)
    def test_no_sidecar_is_left_without_its_file(self, name: str) -> None:
        folder = EXAMPLES / name / "documents"
        for path in folder.glob("*.json"):
            if path.name.endswith(SIDECARS):
                json.loads(path.read_text(encoding="utf-8"))
                assert (folder / path.name.removesuffix(".meta.json").removesuffix(".mapping.json")).exists(), path.name

    @pytest.mark.parametrize("name", TENANTS)
    def test_a_superseded_version_ends_before_its_successor_begins(self, name: str) -> None:
        successors = [path for path in files_of(name) if path.suffix == ".md" and "supersedes" in front_matter(path)]
        assert successors
        for path in successors:
            found = front_matter(path)
            until = valid_until(name, found["supersedes"])
            assert until is not None and until < found["valid_from"], path.name

    def test_the_handbook_keeps_two_documents_for_groups(self) -> None:
        groups = [properties(path).get("groups") for path in files_of("cenital")]
        assert ["hr"] in groups and ["finance"] in groups

    def test_all_of_the_examples_stay_small(self) -> None:
        assert sum(path.stat().st_size for path in EXAMPLES.rglob("*") if path.is_file()) < 6_000_000


class TestFeed:
    def test_the_mapping_names_columns_of_the_feed(self) -> None:
        feed = EXAMPLES / "shuguo" / "documents" / "products.csv"
        mapping = sidecar(feed, ".mapping.json")
        rows = list(feed_rows(feed).values())
        columns = {
            mapping["id"],
            mapping["title"],
            mapping["uri"],
            mapping["picture"],
            *mapping["text"],
            *mapping["metadata"],
        }
        assert len(rows) >= 40
        assert columns <= set(rows[0])

    def test_products_out_of_stock_say_so_in_their_text(self) -> None:
        rows = feed_rows(EXAMPLES / "shuguo" / "documents" / "products.csv").values()
        missing = [row for row in rows if row["stock"] == "0"]
        assert missing
        assert all("缺货" in row["offer"] or "停产" in row["offer"] for row in missing)

    def test_every_product_has_a_small_picture_of_its_own(self) -> None:
        feed = EXAMPLES / "shuguo" / "documents" / "products.csv"
        pictures = [feed.parent / row["picture"] for row in feed_rows(feed).values()]
        assert len(set(pictures)) == len(pictures)
        assert sorted(pictures) == sorted((feed.parent / "pictures").iterdir())
        assert all(path.stat().st_size < 10_000 for path in pictures)


class TestQuestions:
    @pytest.mark.parametrize("name", TENANTS)
    def test_the_tenant_describes_itself(self, name: str) -> None:
        tenant = tenant_of(name)
        assert tenant["name"] == name
        assert tenant["display_name"] and tenant["greeting"] and tenant["unanswerable_question"]
        assert set(tenant["dialects"]) <= set(tenant["languages"])
        assert set(tenant["contact"]) == {"name", "phone", "email", "hours"}

    @pytest.mark.parametrize("name", TENANTS)
    def test_three_questions_are_suggested_and_their_answers_known(self, name: str) -> None:
        tenant = tenant_of(name)
        assert len(tenant["suggested_questions"]) == 3
        assert len(tenant["expected"]) >= 8
        assert set(tenant["suggested_questions"]) <= {case["question"] for case in tenant["expected"]}

    @pytest.mark.parametrize("name", TENANTS)
    def test_every_expected_quote_stands_in_its_document(self, name: str) -> None:
        documents = documents_of(name)
        for case in tenant_of(name)["expected"]:
            text = documents[case["document_id"]]
            assert text is None or case["contains"] in text, case

    @pytest.mark.parametrize("name", TENANTS)
    def test_no_answer_comes_from_a_superseded_document(self, name: str) -> None:
        superseded = {
            front_matter(path)["supersedes"]
            for path in files_of(name)
            if path.suffix == ".md" and "supersedes" in front_matter(path)
        }
        assert not superseded & {case["document_id"] for case in tenant_of(name)["expected"]}
