"""Who sent a request, as logs and figures tell it: left by `serve.deps` for `serve.middleware`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.types import Scope

_STATE: Final = "caller"


@dataclass(frozen=True, slots=True)
class Caller:
    """The tenant's name, empty for operators and where nobody was let in, and the principal by its id. No words of anyone's."""

    tenant: str = ""
    kind: str = ""
    id: str = ""

    @property
    def fields(self) -> dict[str, str]:
        """For a line of the log; those that are known."""
        named = {"tenant": self.tenant, "caller": self.kind, "principal": self.id}
        return {name: value for name, value in named.items() if value}


NOBODY: Final = Caller()


def note_caller(request: Request, caller: Caller) -> None:
    setattr(request.state, _STATE, caller)


def caller_of(scope: Scope) -> Caller:
    found = scope.get("state", {}).get(_STATE, NOBODY)
    return found if isinstance(found, Caller) else NOBODY
