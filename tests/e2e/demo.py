"""`vernacular demo` in a process of its own: a real gateway, worker and front end with the examples' documents in them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
from playwright.sync_api import BrowserContext

from ui.handover import COOKIE

ROOT: Final = Path(__file__).parents[2]
EXAMPLES: Final = ROOT / "examples"
PASSWORD: Final = "a lamp beside seven rivers"
"""Everybody's."""
_ADDRESSES: Final = re.compile(r"Chat: (\S+)\s+API: (http://[^/\s]+)")
_KEY: Final = re.compile(r"/\?tenant=(\S+)\s+admin key: (\S+)")


@dataclass
class Demo:
    """`url`: the front end's; `gateway`: the gateway's; `keys`: an admin key by tenant."""

    url: str
    gateway: str
    keys: dict[str, str]
    home: Path
    process: subprocess.Popen[str]
    environment: Mapping[str, str]
    _people: dict[tuple[str, str], str] = field(default_factory=dict)

    def call(self, tenant: str, method: str, path: str, *, credential: str = "", **more: Any) -> Any:
        """The JSON that the gateway answers with; by default asked with the tenant's admin key. A refusal fails."""
        headers = {"Authorization": f"Bearer {credential or self.keys[tenant]}", **more.pop("headers", {})}
        response = httpx.request(
            method, f"{self.gateway}{path}", headers=headers, timeout=90.0, trust_env=False, **more
        )
        assert response.is_success, f"{method} {path}: {response.status_code} {response.text[:1000]}"
        return response.json() if response.content else None

    def command(self, *arguments: str) -> str:
        """What a `vernacular` command on the same home prints."""
        done = subprocess.run(
            [sys.executable, "-m", "vernacular", *arguments],
            env=dict(self.environment),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def add_person(self, tenant: str, username: str, role: str, **columns: Any) -> None:
        """An account that has chosen its password already."""
        made = self.call(
            tenant, "POST", "/v1/admin/users", json={"username": username, "role": role, "local": True, **columns}
        )
        body = {"tenant": tenant, "username": username, "password": made["password"]}
        first = self.call(tenant, "POST", "/v1/login", json=body)["token"]
        self.call(
            tenant,
            "POST",
            "/v1/password",
            credential=first,
            json={"current": made["password"], "new": PASSWORD},
        )

    def sign_in(self, context: BrowserContext, tenant: str, role: str) -> None:
        """Have the context's pages be those of a person with this role, without going through the form."""
        context.add_cookies([{"name": COOKIE, "value": self.token(tenant, role), "url": self.url}])

    def token(self, tenant: str, role: str) -> str:
        """What the person is signed in with whose name is that of her role."""
        if (tenant, role) not in self._people:
            self.add_person(tenant, role, role)
            body = {"tenant": tenant, "username": role, "password": PASSWORD}
            self._people[tenant, role] = self.call(tenant, "POST", "/v1/login", json=body)["token"]
        return self._people[tenant, role]


@contextmanager
def running_demo(home: Path, tenants: Sequence[str] = (), **settings: str) -> Iterator[Demo]:
    """Start it on an empty home. `tenants`: which of the examples; all of them by default. `settings`: by variable."""
    environment = {
        **os.environ,
        "VERNACULAR_HOME": str(home),
        "VERNACULAR_SERVE__PORT": "0",
        "VERNACULAR_UI__PORT": "0",
        **settings,
    }
    arguments = ["demo"]
    if tenants:
        chosen = home.parent / "examples"
        chosen.mkdir()
        for tenant in tenants:
            (chosen / tenant).symlink_to(EXAMPLES / tenant)
        arguments += ["--examples", str(chosen)]
    process = subprocess.Popen(
        [sys.executable, "-m", "vernacular", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        told = ""
        for line in process.stdout:
            told += line
            if line.startswith("Ctrl-C"):
                break
        addresses = _ADDRESSES.search(told)
        assert addresses, f"the demo did not start:\n{told}"
        keys = dict(_KEY.findall(told))
        yield Demo(addresses[1], addresses[2], keys, home, process, environment)
    finally:
        process.terminate()
        process.wait(timeout=60)
        process.stdout.close()
