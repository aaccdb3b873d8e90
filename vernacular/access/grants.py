"""What a principal may give to others: never more than it has itself."""

from __future__ import annotations

from collections.abc import Iterable

from vernacular.access.principal import Principal, Role
from vernacular.access.scopes import parse_scopes
from vernacular.errors import Forbidden


def check_role(principal: Principal, role: str) -> None:
    """Roles are given up to one's own; with a limited credential up to editor, for an administrator's account is not limited.

    Raises:
        BadRequest: there is no such role.
        Forbidden: it is not theirs to give, or to change accounts that have it.
    """
    most = principal.role if principal.scopes is None else min(principal.role, Role.editor)
    if Role.named(role) > most:
        raise Forbidden(
            f"The role {role} is not yours to give, nor accounts that have it to change.", "Ask another administrator."
        )


def check_scopes(principal: Principal, scopes: Iterable[str]) -> None:
    """A limited credential gives its own scopes at most.

    Raises:
        BadRequest: there is no such scope.
        Forbidden: they are not its own to give.
    """
    given = parse_scopes(scopes)
    if principal.scopes is not None and (not given or not principal.scopes.issuperset(given)):
        raise Forbidden("A limited key gives its own scopes at most.", "Name scopes that yours has.")
