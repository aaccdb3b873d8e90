"""SCIM's filters as conditions on the tables of accounts and groups. Statements are made, and kept to the tenant, by TenantScope."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, false, func, not_, or_, true

from serve.scim.errors import InvalidFilter
from serve.scim.filters import Comparison, Filter, Joined, Negated, Value
from vernacular.db.models import GroupMemberRow, GroupRow, UserRow
from vernacular.tenancy import TenantScope

Condition = ColumnElement[bool]
Field = Callable[[str, Value], Condition]
"""An attribute: makes the condition of an operator and a value."""

WORK: Final = "work"


@dataclass(frozen=True, slots=True)
class Text:
    """`exact`: compared as it is, with values that `fold` has brought into the column's form."""

    column: Any
    exact: bool = False
    fold: Callable[[str], str] = str

    def __call__(self, operator: str, value: Value) -> Condition:
        present = and_(self.column.is_not(None), self.column != "")
        if operator == "pr":
            return present
        if value is None:
            return _equality(operator, not_(present))
        wanted = self.fold(str(value))
        column, text = (self.column, wanted) if self.exact else (func.lower(self.column), func.lower(wanted))
        conditions: dict[str, Callable[[], Condition]] = {
            # What SQLite cannot fold, of letters beyond ASCII, is at least equal to itself.
            "eq": lambda: or_(column == text, self.column == wanted),
            "ne": lambda: or_(self.column.is_(None), and_(column != text, self.column != wanted)),
            "co": lambda: column.contains(_folded(wanted, self.exact), autoescape=True),
            "sw": lambda: column.startswith(_folded(wanted, self.exact), autoescape=True),
            "ew": lambda: column.endswith(_folded(wanted, self.exact), autoescape=True),
        }
        if operator not in conditions:
            return _ordered(operator, column, text)
        return conditions[operator]()


@dataclass(frozen=True, slots=True)
class Moment:
    column: Any

    def __call__(self, operator: str, value: Value) -> Condition:
        if operator == "pr":
            return true()
        try:
            wanted = datetime.fromisoformat(str(value))
        except ValueError:
            raise InvalidFilter(f"{str(value)[:60]!r} is no moment.", "Write it as 2026-01-31T12:00:00Z.") from None
        if wanted.tzinfo is None:
            raise InvalidFilter(f"{str(value)[:60]!r} has no time zone.", "Write it as 2026-01-31T12:00:00Z.")
        if operator in ("eq", "ne"):
            return _equality(operator, self.column == wanted)
        return _ordered(operator, self.column, wanted)


@dataclass(frozen=True, slots=True)
class Truth:
    """A condition that is an attribute."""

    holds: Condition

    def __call__(self, operator: str, value: Value) -> Condition:
        if operator == "pr":
            return true()
        wanted = {"true": True, "false": False}.get(str(value).lower())
        if wanted is None or operator not in ("eq", "ne"):
            raise InvalidFilter("What is true or false is compared by eq and ne, with true or false.")
        return self.holds if wanted == (operator == "eq") else not_(self.holds)


@dataclass(frozen=True, slots=True)
class Constant:
    """What is the same for every value of an attribute."""

    text: str

    def __call__(self, operator: str, value: Value) -> Condition:
        if operator == "pr":
            return true()
        found, wanted = self.text.lower(), str(value).lower()
        answers = {
            "eq": found == wanted,
            "ne": found != wanted,
            "co": wanted in found,
            "sw": found.startswith(wanted),
            "ew": found.endswith(wanted),
        }
        return true() if answers.get(operator, False) else false()


@dataclass(frozen=True, slots=True)
class Within:
    """Being among ids that another statement gives."""

    among: Callable[[str | None], Condition]
    """Of one id, or (None) of any."""

    def __call__(self, operator: str, value: Value) -> Condition:
        if operator == "pr":
            return self.among(None)
        if operator not in ("eq", "ne"):
            raise InvalidFilter("Members and groups are compared by eq and ne, with an id.")
        return _equality(operator, self.among(str(value)))


def user_condition(scope: TenantScope, found: Filter) -> Condition:
    """
    Raises:
        InvalidFilter: it asks for an attribute that accounts do not have.
    """

    def groups(group_id: str | None) -> Condition:
        members = scope.select(GroupMemberRow.user_id)
        return UserRow.id.in_(members if group_id is None else members.where(GroupMemberRow.group_id == group_id))

    email, role, display = Text(UserRow.email), Text(UserRow.role), Text(UserRow.display_name)
    fields: dict[str, Field] = {
        **_common(UserRow),
        "username": Text(UserRow.username, exact=True, fold=_as_username),
        "displayname": display,
        "name": display,
        "name.formatted": display,
        "active": Truth(UserRow.suspended_at.is_(None)),
        **dict.fromkeys(("emails", "emails.value"), email),
        "emails.type": Constant(WORK),
        "emails.primary": Constant("true"),
        **dict.fromkeys(("roles", "roles.value"), role),
        "roles.primary": Constant("true"),
        **{name: Within(groups) for name in ("groups", "groups.value")},
    }
    return _condition(found, fields)


def group_condition(scope: TenantScope, found: Filter) -> Condition:
    """
    Raises:
        InvalidFilter: it asks for an attribute that groups do not have.
    """

    def members(user_id: str | None) -> Condition:
        within = scope.select(GroupMemberRow.group_id)
        return GroupRow.id.in_(within if user_id is None else within.where(GroupMemberRow.user_id == user_id))

    fields: dict[str, Field] = {
        **_common(GroupRow),
        "displayname": Text(GroupRow.name),
        **{name: Within(members) for name in ("members", "members.value")},
        "members.type": Constant("User"),
    }
    return _condition(found, fields)


def _common(row: type[UserRow] | type[GroupRow]) -> dict[str, Field]:
    return {
        "id": Text(row.id, exact=True),
        "externalid": Text(row.external_id, exact=True),
        "meta.created": Moment(row.created_at),
        "meta.lastmodified": Moment(row.updated_at),
        "meta.resourcetype": Constant("User" if row is UserRow else "Group"),
    }


def _condition(found: Filter, fields: Mapping[str, Field]) -> Condition:
    if isinstance(found, Joined):
        parts = [_condition(part, fields) for part in found.parts]
        return and_(*parts) if found.operator == "and" else or_(*parts)
    if isinstance(found, Negated):
        return not_(_condition(found.inner, fields))
    return _comparison(found, fields)


def _comparison(found: Comparison, fields: Mapping[str, Field]) -> Condition:
    field = fields.get(found.attribute)
    if field is None:
        raise InvalidFilter(f"There is no attribute {found.attribute[:60]!r} to filter by.")
    return field(found.operator, found.value)


def _equality(operator: str, equal: Condition) -> Condition:
    return not_(equal) if operator == "ne" else equal


def _ordered(operator: str, column: Any, value: Any) -> Condition:
    conditions: dict[str, Condition] = {
        "gt": column > value,
        "ge": column >= value,
        "lt": column < value,
        "le": column <= value,
    }
    return conditions[operator]


def _as_username(text: str) -> str:
    """As `vernacular.access.names.username_of` keeps it; here nothing is refused."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold().strip())


def _folded(text: str, exact: bool) -> str:
    return text if exact else text.lower()
