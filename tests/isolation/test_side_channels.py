"""What could be told without being shown: by error texts, counts, cursors, names that are taken, and routes nobody wrote down."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any, Final

import pytest
from httpx2 import Response

from tests.isolation.matrix import leaks, marks_in, send
from tests.isolation.principals import CALLERS, Headers
from tests.isolation.routes import served
from tests.isolation.rows.row import ANYONE, Row
from tests.isolation.table import ROWS
from tests.isolation.world import GROUP, HOME_TENANT, OTHER_TENANT, World
from vernacular.db.models import ConversationRow, JobRow
from vernacular.tenancy import TenantScope

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
BY_NAME: Final = {caller.name: caller for caller in CALLERS}
VOLATILE: Final = re.compile(
    r'"(request_id|took_ms|at|created|updated_at|last_used_at|checked_at|since)":("[^"]*"|[\d.]+)|"ms":[\d.]+|data-(secret|frame)="[^"]*"'
)
"""What differs from one request to the next for anyone."""
NAMED: Final = [row for row in ROWS if row.names]


def gone(value: Any, ids: dict[str, str]) -> Any:
    """A request with each id replaced by one that nothing has."""
    if isinstance(value, dict):
        return {name: gone(each, ids) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(gone(each, ids) for each in value)
    if isinstance(value, str):
        for known, unknown in ids.items():
            value = value.replace(known, unknown)
    return value


def told(response: Response, ids: dict[str, str]) -> tuple[int, str, list[tuple[str, str]]]:
    """All of an answer, without what differs anyway, and with ids that do not exist in the place of those that do."""
    headers = sorted(
        (name, value)
        for name, value in response.headers.items()
        if name not in ("x-request-id", "date", "content-length") and not name.startswith("ratelimit")
    )
    return response.status_code, VOLATILE.sub("", gone(response.text, ids)), headers


def ids_of(world: World) -> dict[str, str]:
    """Harbour's ids → others of the same form."""
    here = world.here
    known = [
        value for name, value in vars(here).items() if isinstance(value, str) and name not in ("tenant_id", "cursor")
    ]
    return {each: str(uuid.uuid5(uuid.NAMESPACE_OID, each)) for each in (*known, *here.more.values())}


class TestErrors:
    """Whether a thing is another's or not there at all cannot be told."""

    @pytest.mark.parametrize("row", NAMED, ids=lambda row: row.title)
    def test_what_is_anothers_is_answered_as_what_is_not_there(
        self, row: Row, world: World, headers: dict[str, Headers]
    ) -> None:
        ids = ids_of(world)
        asked = dict(row.ask(world))
        for name in ("other admin", "outsider", "public", "widget"):
            if row.expected(BY_NAME[name]) not in (404, 400):
                continue
            real, _ = send(world, row, headers[name])
            missing, _ = send(world, _asking(row, gone(asked, ids)), headers[name])
            world.restore()
            assert told(real, ids) == told(missing, ids), name


class TestRoutesNobodyWroteDown:
    """Other methods and other spellings of the addresses there are."""

    def test_other_methods_show_nothing(self, world: World, headers: dict[str, Headers]) -> None:
        known = {(route.path, route.method) for route in served(world.gateway.http.app)}  # type: ignore[arg-type]
        problems = []
        for row in {row.path: row for row in ROWS}.values():
            for method in METHODS:
                if (row.path, method) in known:
                    continue
                for name in ("anonymous", "member", "widget", "other admin"):
                    response, said = send(world, _asking(row, row.ask(world), method), headers[name])
                    preflight = method == "OPTIONS" and response.status_code == 204 and not response.content
                    if not (400 <= response.status_code < 500 or preflight):
                        problems.append(f"{method} {row.path} as {name}: {response.status_code}")
                    problems += leaks(marks_in(world.marks, response), BY_NAME[name], said)
        assert not problems

    @pytest.mark.parametrize(
        "spell",
        [
            lambda path: f"{path}/",
            lambda path: f"/.{path}",
            lambda path: path.replace("/v1/", "/v1//"),
            lambda path: path.replace("/v1/", "/V1/"),
            lambda path: path.replace("/v1/", "/v1/x/../"),
            lambda path: path.replace("/v1/", "/v1/%2e%2e/v1/"),
            lambda path: path.replace("/v1/", "/v1%2f"),
            lambda path: f"{path}%00",
            lambda path: f"{path};x=1",
            lambda path: f"{path}.json",
            lambda path: f"{path}%20",
        ],
        ids=[
            "slash",
            "dot",
            "empty part",
            "case",
            "dots",
            "coded dots",
            "coded slash",
            "NUL",
            "matrix",
            "suffix",
            "space",
        ],
    )
    def test_other_spellings_show_nothing(self, spell: Any, world: World, headers: dict[str, Headers]) -> None:
        problems = []
        for row in NAMED:
            for name in ("anonymous", "other admin"):
                response, said = send(world, row, headers[name], spell=spell)
                world.restore()
                if response.status_code < 400 or response.status_code >= 500:
                    problems.append(f"{row.title} as {name}: {response.status_code} {response.text[:100]}")
                problems += leaks(marks_in(world.marks, response), BY_NAME[name], said)
        assert not problems


class TestNeighbours:
    """What one tenant does changes nothing that another is told: no count, no rank, no place in a queue."""

    READS: Final = [
        row
        for row in ROWS
        if (
            row.method == "GET"
            and not row.names
            and row.path
            not in (
                "/metrics",
                "/v1/audit",
                "/v1/audit/export",
                "/v1/audit/verify",
                "/v1/audit/inclusion",
                "/v1/usage",
                "/v1/admin/quotas",
            )
        )
        or row.path in ("/v1/search", "/v1/admin/dialects/test")
    ]
    """Asked for before and after; the others tell of the caller's own requests meanwhile, or are the platform's."""

    def test_nothing_changes_for_the_other_tenant(self, world: World, headers: dict[str, Headers]) -> None:
        for name in ("other admin", "anonymous"):
            before = self._all(world, headers[name])
            assert self._all(world, headers[name]) == before, "answers differ by themselves"
            self._be_busy(world)
            after = self._all(world, headers[name])
            world.restore()
            assert [title for title in before if before[title] != after[title]] == [], name

    def _all(self, world: World, headers: Headers) -> dict[str, Any]:
        return {row.title: told(send(world, row, headers)[0], {}) for row in self.READS}

    def _be_busy(self, world: World) -> None:
        """Documents in the words of everyone's, jobs that wait, conversations, and what follows from them."""
        gateway = world.gateway
        for number in range(20):
            gateway.put(
                HOME_TENANT, f"busy {number}", "The ferry to the quay costs 12 dollars. The ferry, the quay, the pier."
            )
        with gateway.services.database.write() as session:
            scope = TenantScope(session, gateway.tenants[HOME_TENANT])
            for _ in range(20):
                scope.add(JobRow(kind="ingest", spec={"source": "busy", "items": []}))
                scope.add(ConversationRow())
        gateway.services.keys.forget()


class TestNames:
    """A name that another tenant has is free here."""

    def test_what_is_taken_elsewhere_is_free(self, world: World, headers: dict[str, Headers]) -> None:
        mine = headers["other admin"]
        with world.gateway.services.database.read() as session:
            scope = TenantScope(session, world.gateway.tenants[HOME_TENANT])
            assert scope.tenant.slug != OTHER_TENANT
        taken = {mark.what: mark.text for mark in world.marks if mark.tenant == HOME_TENANT}
        user = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"]}
        for path, body in (
            ("/v1/admin/users", {"username": taken["user name"], "email": f"{taken['email address']}@example.org"}),
            ("/v1/admin/groups", {"name": taken["group's name"]}),
            ("/v1/admin/keys", {"name": taken["name of a key"], "groups": [GROUP]}),
            ("/v1/admin/widgets", {"origins": [f"https://{taken['origin of a widget']}.example"]}),
            ("/scim/v2/Users", {**user, "userName": f"{taken['user name']}2", "externalId": taken["external id"]}),
        ):
            assert world.gateway.call("POST", path, headers=mine, json=body).status_code == 201, path

    def test_the_same_file_is_kept_for_each(self, world: World) -> None:
        gateway = world.gateway
        digests = {slug: gateway.keep(slug, b"the same bytes") for slug in (HOME_TENANT, OTHER_TENANT)}
        assert len(set(digests.values())) == 1
        gateway.services.blobs.delete(world.things[HOME_TENANT].tenant_id, digests[HOME_TENANT])
        with gateway.services.blobs.open(world.things[OTHER_TENANT].tenant_id, digests[OTHER_TENANT]) as kept:
            assert kept.read() == b"the same bytes"


class TestCursors:
    @pytest.mark.parametrize("path", ["/v1/documents", "/v1/jobs"])
    def test_one_of_another_tenant_leads_to_ones_own_things(
        self, path: str, world: World, headers: dict[str, Headers]
    ) -> None:
        own = world.gateway.call("GET", path, headers=headers["other admin"], params={"limit": 500}).json()
        ids = set(re.findall(r'"(?:document|job)_id":"([^"]+)"', str(own).replace("'", '"').replace('": "', '":"')))
        response = world.gateway.call("GET", path, headers=headers["other admin"], params={"cursor": world.here.cursor})
        assert response.status_code == 200
        assert set(re.findall(r'"(?:document|job)_id":"([^"]+)"', response.text)) <= ids
        assert leaks(marks_in(world.marks, response), BY_NAME["other admin"], world.here.cursor) == []


class TestScores:
    def test_no_search_tells_a_score(self, world: World, headers: dict[str, Headers]) -> None:
        row = next(row for row in ROWS if row.path == "/v1/search")
        response, _ = send(world, row, headers["admin"])
        assert response.json()["hits"]
        assert not [name for name in _names(response.json()) if "score" in name or name in ("lexical", "dense")]


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from _names(each)
    elif isinstance(value, list):
        for each in value:
            yield from _names(each)


def _asking(row: Row, asked: dict[str, Any], method: str = "") -> Row:
    """The row with another request."""
    return Row(method or row.method, row.path, ANYONE, None, lambda _: asked)
