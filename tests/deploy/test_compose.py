from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from serve.engine.planner import render
from serve.engine.planner.command import serve_arguments, serve_environment
from serve.engine.planner.plan import Plan, make_plan
from serve.engine.profiles.registry import find
from vernacular.settings import Settings

ROOT = Path(__file__).parent.parent.parent
COMPOSE = ROOT / "docker-compose.yml"
OWN = ("gateway", "worker", "ui")
PUBLISHED = {"gateway": "8080", "ui": "8501", "grafana": "3000"}
SECRETS = (
    "VERNACULAR_POSTGRES_PASSWORD",
    "VERNACULAR_QDRANT_KEY",
    "VERNACULAR_MODEL_KEY",
    "VERNACULAR_GRAFANA_PASSWORD",
)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def services(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = document["services"]
    return found


def plan_of_the_file() -> Plan:
    """The plan whose command the file names above its vLLM."""
    told = re.search(r"vernacular model plan (\S+) --gpus (\S+) --context (\d+) --users (\d+)", COMPOSE.read_text())
    assert told is not None
    return make_plan(find(told[1]), told[2], context_tokens=int(told[3]), users=int(told[4]))


class TestProfiles:
    def test_hold_what_they_promise(self, services: dict[str, dict[str, Any]]) -> None:
        by_profile: dict[str, set[str]] = {}
        for name, service in services.items():
            for profile in service["profiles"]:
                by_profile.setdefault(profile, set()).add(name)
        assert by_profile == {
            "core": {"gateway", "worker", "ui", "postgres", "qdrant"},
            "gpu": {"vllm"},
            "observability": {"prometheus", "grafana"},
        }

    def test_one_image_serves_for_gateway_worker_and_front_end(self, services: dict[str, dict[str, Any]]) -> None:
        assert len({services[name]["image"] for name in OWN}) == 1
        assert {services[name]["build"]["dockerfile"] for name in OWN} == {"deploy/Dockerfile"}

    def test_what_is_depended_on_is_healthy_first(self, services: dict[str, dict[str, Any]]) -> None:
        for service in services.values():
            for other, condition in service.get("depends_on", {}).items():
                assert other in services
                assert condition == {"condition": "service_healthy"}


class TestHardening:
    def test_nobody_is_root(self, services: dict[str, dict[str, Any]]) -> None:
        for name, service in services.items():
            assert service["user"].split(":")[0] not in ("", "0", "root"), name

    def test_every_service_is_confined(self, services: dict[str, dict[str, Any]]) -> None:
        for name, service in services.items():
            assert service["read_only"] is True, name
            assert service["cap_drop"] == ["ALL"], name
            assert service["security_opt"] == ["no-new-privileges:true"], name
            assert "privileged" not in service
            assert service["healthcheck"]["test"][0] == "CMD", name

    def test_images_have_fixed_tags(self, services: dict[str, dict[str, Any]]) -> None:
        for name, service in services.items():
            tag = service["image"].removesuffix("}").rpartition(":")[2]
            assert re.match(r"v?\d+\.\d+", tag), name

    def test_only_the_doors_are_published_and_to_this_machine(self, services: dict[str, dict[str, Any]]) -> None:
        found = {name: service["ports"] for name, service in services.items() if "ports" in service}
        assert found == {name: [f"${{VERNACULAR_BIND:-127.0.0.1}}:{port}:{port}"] for name, port in PUBLISHED.items()}

    def test_databases_and_models_cannot_be_reached_from_outside(
        self, document: dict[str, Any], services: dict[str, dict[str, Any]]
    ) -> None:
        assert document["networks"]["inside"]["internal"] is True
        for name in ("postgres", "qdrant", "vllm", "prometheus"):
            assert services[name]["networks"] == ["inside"]

    def test_no_secret_stands_in_the_file_and_none_has_a_default(self) -> None:
        text = COMPOSE.read_text(encoding="utf-8")
        for name in SECRETS:
            uses = re.findall(r"\$\{" + name + r"([^}]*)\}", text)
            assert uses, name
            assert all(use.startswith(":?") and "make compose-env" in use for use in uses)
        for line in text.splitlines():
            if re.search(r"(PASSWORD|API_KEY|_KEY):", line):
                assert "${" in line, line


class TestSettings:
    def test_are_ones_that_vernacular_has(
        self, services: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Settings refuse names that they do not have."""
        for name in OWN:
            for variable, value in services[name]["environment"].items():
                filled = re.sub(r"\$\{\w+:-(\[\]|[^}]*)\}", r"\1", re.sub(r"\$\{\w+:\?[^}]*\}", "f3b0c9d81e6a", value))
                monkeypatch.setenv(variable, filled)
        found = Settings()
        assert found.sql_url == "postgresql+psycopg://vernacular:f3b0c9d81e6a@postgres:5432/vernacular"
        assert (found.vectors.mode, found.vectors.url) == ("server", "http://qdrant:6333")
        assert found.ui.gateway_url == "http://gateway:8080"
        assert found.generation.endpoints == []

    def test_the_gateway_listens_inside_its_container_and_leaves_work_to_the_worker(
        self, services: dict[str, dict[str, Any]]
    ) -> None:
        assert services["gateway"]["command"] == ["serve", "--host", "0.0.0.0", "--no-worker"]
        assert services["worker"]["command"] == ["worker"]

    def test_the_three_share_a_home_which_the_front_end_only_reads(self, services: dict[str, dict[str, Any]]) -> None:
        assert [services[name]["volumes"] for name in OWN] == [["home:/data"], ["home:/data"], ["home:/data:ro"]]


class TestModel:
    def test_runs_with_the_planners_flags(self, services: dict[str, dict[str, Any]]) -> None:
        plan = plan_of_the_file()
        options = render.options_of(plan, "/weights", host="0.0.0.0")
        assert services["vllm"]["command"] == serve_arguments(plan.profile, options)
        assert serve_environment(options).items() <= services["vllm"]["environment"].items()

    def test_has_its_weights_at_hand_and_fetches_nothing(self, services: dict[str, dict[str, Any]]) -> None:
        assert services["vllm"]["volumes"] == ["${VERNACULAR_MODEL_WEIGHTS:-./weights}:/weights:ro"]
        assert services["vllm"]["environment"]["HF_HUB_OFFLINE"] == "1"

    def test_the_image_is_the_planners(self, services: dict[str, dict[str, Any]]) -> None:
        assert services["vllm"]["image"] == f"{render.IMAGE}:{render.TAG}"

    def test_the_helm_values_are_the_planners(self) -> None:
        plan = plan_of_the_file()
        written = (ROOT / "deploy" / "helm" / f"values-{plan.profile.name}.yaml").read_text(encoding="utf-8")
        repository = plan.profile.repository or ""
        assert yaml.safe_load(written) == yaml.safe_load(render.helm_values(plan, render.options_of(plan, repository)))


class TestEnvironmentFile:
    def make(self, path: Path) -> dict[str, str]:
        subprocess.run(["sh", str(ROOT / "deploy" / "make_env.sh"), str(path)], check=True, capture_output=True)
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
        return dict(line.split("=", 1) for line in lines)

    def test_holds_long_secrets_that_differ(self, tmp_path: Path) -> None:
        found, others = self.make(tmp_path / "one"), self.make(tmp_path / "two")
        for name in SECRETS:
            assert re.fullmatch(r"[0-9a-f]{48}", found[name]), name
            assert found[name] != others[name]
        assert len({found[name] for name in SECRETS}) == len(SECRETS)

    def test_is_for_its_owner_alone_and_never_overwritten(self, tmp_path: Path) -> None:
        path = tmp_path / ".env"
        first = self.make(path)
        assert path.stat().st_mode & 0o777 == 0o600
        assert self.make(path) == first

    def test_the_line_for_a_model_is_a_setting_once_uncommented(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.make(tmp_path / ".env")
        line = re.search(r"^#(VERNACULAR_GENERATION__ENDPOINTS)=(.*)$", (tmp_path / ".env").read_text(), re.MULTILINE)
        assert line is not None
        monkeypatch.setenv(line[1], line[2])
        (endpoint,) = Settings().generation.endpoints
        assert endpoint.url == "http://vllm:8000/v1"
        assert find(endpoint.profile).name == plan_of_the_file().profile.name
        key = re.search(r"^VERNACULAR_MODEL_KEY=(.*)$", (tmp_path / ".env").read_text(), re.MULTILINE)
        assert key is not None
        assert endpoint.api_key is not None
        assert endpoint.api_key.get_secret_value() == key[1]


class TestDockerfile:
    def test_is_in_stages_small_and_not_roots(self) -> None:
        text = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
        bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
        assert len(bases) == 2
        assert all(re.fullmatch(r"python:3\.11\.\d+-slim-bookworm", base) for base in bases)
        last = text.rpartition("FROM ")[2]
        assert re.search(r"^USER 10001:10001$", last, re.MULTILINE)
        assert "pip install" not in last

    def test_nothing_but_the_product_is_sent_to_the_builder(self) -> None:
        lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
        assert lines[0] == "*"
        let_in = {line[1:] for line in lines if line.startswith("!")}
        assert let_in == {
            "constraints.txt", "pyproject.toml", "README.md", "LICENSE", "vernacular", "ingest", "serve", "ui",
        }  # fmt: skip
        copied = re.findall(r"^COPY (?!--from)(.*) \S+$", (ROOT / "deploy" / "Dockerfile").read_text(), re.MULTILINE)
        assert {name for line in copied for name in line.split()} == let_in


def test_the_dashboard_is_json_with_panels_that_ask_something() -> None:
    found = json.loads((ROOT / "deploy" / "grafana" / "dashboards" / "vernacular.json").read_text(encoding="utf-8"))
    assert len({panel["id"] for panel in found["panels"]}) == len(found["panels"])
    assert all(target["expr"] for panel in found["panels"] for target in panel["targets"])
