from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response

from serve.engine.adapters import choose
from tests.serve.engine.adapters.made import adapter, configuration, tensors, weights
from tests.serve.gateway import Gateway, running_gateway
from vernacular.adapters import AdapterStore
from vernacular.documents import drop_tenant
from vernacular.tenancy import TenantScope

PATH = "/v1/admin/adapters"
CONFIGURATION, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"


def files(seed: int = 0, **changes: Any) -> dict[str, bytes]:
    return {CONFIGURATION: json.dumps(configuration(**changes)).encode(), WEIGHTS: weights(tensors(seed=seed))}


def send(gateway: Gateway, key: str, sent: dict[str, bytes] | None = None, **fields: str) -> Response:
    parts = [("file", (name, data)) for name, data in (files() if sent is None else sent).items()]
    return gateway.call("POST", PATH, key, files=parts, data={"base_model": "tiny", **fields})


def folders(gateway: Gateway) -> list[Path]:
    """Of adapters that are kept, or left over."""
    root = gateway.services.settings.adapters_path
    return sorted(path for path in root.glob("*/*") if path.is_dir())


def error(response: Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["name"]


class TestSending:
    def test_registers_the_adapter_without_using_it(self, gateway: Gateway, key: str) -> None:
        lineage = {"data": "minutes of 2025", "data_digest": "ab12", "recipe": "r=8, 300 steps"}
        sent = send(gateway, key, dialect="yue-Hant-HK", share="0.3", lineage=json.dumps(lineage))
        assert sent.status_code == 201
        made = sent.json()
        assert made["name"] == f"acme--yue-Hant-HK--v1-{made['digest'][:8]}"
        assert (made["state"], made["share"], made["rank"], made["target_modules"]) == (
            "registered",
            0.3,
            8,
            ["q_proj", "v_proj"],
        )
        assert made["lineage"].items() >= lineage.items()
        assert made["lineage"]["who"].startswith("API key ")
        assert (made["loaded_on"], made["replicas"]) == (0, 0)
        assert "path" not in made

    def test_keeps_the_files_read_only_under_their_digest(self, gateway: Gateway, key: str) -> None:
        digest = send(gateway, key).json()["digest"]
        [place] = folders(gateway)
        assert place.parts[-2:] == (gateway.tenants["acme"].id, digest)
        assert [path.name for path in sorted(place.iterdir())] == [CONFIGURATION, WEIGHTS]
        assert (place / WEIGHTS).read_bytes() == files()[WEIGHTS]
        assert not any(path.stat().st_mode & 0o222 for path in (place, *place.iterdir()))

    def test_counts_versions_by_dialect(self, gateway: Gateway, key: str) -> None:
        made = [send(gateway, key, files(seed), dialect=tag).json() for seed, tag in ((1, ""), (2, ""), (3, "es-MX"))]
        assert [one["version"] for one in made] == [1, 2, 1]
        assert made[1]["name"].startswith("acme--any--v2-")

    def test_takes_the_same_adapter_once(self, gateway: Gateway, key: str) -> None:
        send(gateway, key)
        assert error(send(gateway, key)) == (409, "conflict")
        assert send(gateway, key, dialect="es-MX").status_code == 201
        assert len(folders(gateway)) == 1

    @pytest.mark.parametrize(
        "changed",
        [
            {"adapter_model.bin": b"\x80\x02"},
            {"modeling.py": b""},
            {"../../escaped": b"x"},
            {"/etc/passwd": b"x"},
            {"nested/adapter_config.json": b"{}"},
            {"..": b"x"},
            {WEIGHTS: b"\x80\x02pickle"},
            {CONFIGURATION: json.dumps(configuration(auto_map={"a": "b"})).encode()},
            {CONFIGURATION: json.dumps(configuration(base_model_name_or_path="another/model")).encode()},
            {CONFIGURATION: json.dumps(configuration(r=16)).encode()},
        ],
    )
    def test_what_is_hostile_or_does_not_fit_leaves_nothing_behind(
        self, gateway: Gateway, key: str, changed: dict[str, bytes]
    ) -> None:
        before = set(gateway.services.settings.home.parent.rglob("*"))
        assert error(send(gateway, key, files() | changed)) == (400, "adapter_refused")
        left = {path for path in set(gateway.services.settings.home.parent.rglob("*")) - before if path.is_file()}
        assert not [path for path in left if "sqlite" not in path.name and "secrets" not in path.parts]
        assert gateway.call("GET", PATH, key).json() == {"data": []}

    def test_a_server_s_own_path_is_never_taken(self, gateway: Gateway, key: str, tmp_path: Path) -> None:
        adapter(tmp_path / "there")
        asked = {"base_model": "tiny", "path": str(tmp_path / "there")}
        assert error(gateway.call("POST", PATH, key, json=asked)) == (400, "bad_request")
        assert error(send(gateway, key, path=str(tmp_path / "there"))) == (400, "bad_request")

    @pytest.mark.parametrize(
        "fields",
        [
            {"base_model": ""},
            {"share": "1.5"},
            {"share": "nan"},
            {"dialect": "not a tag"},
            {"dialect": "../x"},
            {"lineage": "{"},
            {"lineage": "[1]"},
            {"lineage": '{"a":' * 300 + "1" + "}" * 300, "base_model": "tiny"},
            {"lineage": '{"a":' * 1010 + "1" + "}" * 1010},
            {"lineage": '{"a":' * 50_000},
            {"assistant": "a\nb"},
        ],
    )
    def test_a_wrong_field_is_told(self, gateway: Gateway, key: str, fields: dict[str, str]) -> None:
        assert error(send(gateway, key, None, **fields)) == (400, "bad_request")

    def test_a_body_larger_than_uploads_may_be_is_refused(self, home: Path) -> None:
        with running_gateway(home, max_body_mb=1) as small:
            small.tenant("acme")
            sent = send(small, small.key("acme"), files() | {WEIGHTS: bytes(2_000_000)})
            assert error(sent) == (413, "too_large")

    def test_a_body_larger_than_json_may_be_is_taken(self, gateway: Gateway, key: str) -> None:
        large = weights(tensors(hidden=128, layers=600))
        assert len(large) > 8 * 1024 * 1024
        assert send(gateway, key, files() | {WEIGHTS: large}).status_code == 201


class TestChanging:
    def test_activates_shares_and_retires(self, gateway: Gateway, key: str) -> None:
        name = send(gateway, key).json()["name"]
        changed = gateway.call("PATCH", f"{PATH}/{name}", key, json={"state": "active", "share": 0.25}).json()
        assert (changed["state"], changed["share"]) == ("active", 0.25)
        gateway.call("PATCH", f"{PATH}/{changed['id']}", key, json={"state": "retired"})
        shown = gateway.call("GET", f"{PATH}/{name}", key).json()
        assert (shown["state"], shown["share"]) == ("retired", 0.25)

    @pytest.mark.parametrize(
        "body", [{"state": "loaded"}, {"share": 2}, {"share": -0.1}, {"path": "/x"}, {"name": "x"}]
    )
    def test_changes_nothing_else(self, gateway: Gateway, key: str, body: dict[str, Any]) -> None:
        name = send(gateway, key).json()["name"]
        assert error(gateway.call("PATCH", f"{PATH}/{name}", key, json=body)) == (400, "bad_request")

    def test_removes_row_and_files(self, gateway: Gateway, key: str) -> None:
        name = send(gateway, key).json()["name"]
        assert gateway.call("DELETE", f"{PATH}/{name}", key).json()["deleted"] is True
        assert error(gateway.call("GET", f"{PATH}/{name}", key)) == (404, "unknown_adapter")
        assert not folders(gateway)

    def test_keeps_files_that_another_row_needs(self, gateway: Gateway, key: str) -> None:
        first, second = send(gateway, key).json(), send(gateway, key, dialect="es-MX").json()
        gateway.call("DELETE", f"{PATH}/{first['id']}", key)
        assert len(folders(gateway)) == 1
        gateway.call("DELETE", f"{PATH}/{second['id']}", key)
        assert not folders(gateway)


class TestTenants:
    """Whatever one tenant does, it neither sees nor touches another's adapters."""

    @pytest.fixture
    def theirs(self, gateway: Gateway, key: str) -> dict[str, Any]:
        made: dict[str, Any] = send(gateway, key, dialect="yue").json()
        return dict(gateway.call("PATCH", f"{PATH}/{made['id']}", key, json={"state": "active"}).json())

    @pytest.mark.parametrize("reference", ["id", "name"])
    @pytest.mark.parametrize(("method", "body"), [("GET", None), ("PATCH", {"state": "retired"}), ("DELETE", None)])
    def test_a_foreign_adapter_is_not_there(
        self, gateway: Gateway, key: str, theirs: dict[str, Any], reference: str, method: str, body: Any
    ) -> None:
        other = gateway.key("other")
        asked = gateway.call(method, f"{PATH}/{theirs[reference]}", other, json=body)
        assert error(asked) == (404, "unknown_adapter")
        assert gateway.call("GET", f"{PATH}/{theirs['id']}", key).json() == theirs

    def test_a_foreign_adapter_is_neither_listed_nor_chosen(self, gateway: Gateway, theirs: dict[str, Any]) -> None:
        assert gateway.call("GET", PATH, gateway.key("other")).json() == {"data": []}
        told = {"assistant": "default", "dialect": "yue", "base_model": "tiny", "key": "k"}
        with gateway.services.database.read() as session:
            assert choose(TenantScope(session, gateway.tenants["acme"]), **told) == theirs["name"]
            assert choose(TenantScope(session, gateway.tenants["other"]), **told) is None

    def test_the_same_files_are_two_adapters_of_two_tenants(self, gateway: Gateway, theirs: dict[str, Any]) -> None:
        own = gateway.key("other")
        made = send(gateway, own, dialect="yue").json()
        assert made["digest"] == theirs["digest"]
        assert made["name"] != theirs["name"]
        gateway.call("DELETE", f"{PATH}/{made['id']}", own)
        assert [place.parent.name for place in folders(gateway)] == [gateway.tenants["acme"].id]

    def test_erasing_a_tenant_erases_its_adapters_alone(self, gateway: Gateway, theirs: dict[str, Any]) -> None:
        send(gateway, gateway.key("other"))
        services = gateway.services
        store = AdapterStore(services.settings.adapters_path)
        drop_tenant(services.database, services.vectors, services.blobs, store, gateway.tenants["acme"])
        assert [place.parent.name for place in folders(gateway)] == [gateway.tenants["other"].id]

    @pytest.mark.parametrize("role", ["editor", "member", "public"])
    @pytest.mark.parametrize(
        ("method", "path"),
        [("GET", PATH), ("POST", PATH), ("GET", f"{PATH}/x"), ("PATCH", f"{PATH}/x"), ("DELETE", f"{PATH}/x")],
    )
    def test_adapters_are_for_administrators(self, gateway: Gateway, role: str, method: str, path: str) -> None:
        assert error(gateway.call(method, path, gateway.key("acme", role), json={})) == (403, "forbidden")
        assert error(gateway.call(method, path)) == (401, "unauthorized")
