"""What an account is to be: the attributes of a SCIM user that are kept here. Others are taken and not kept."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from serve.scim import values
from serve.scim.errors import InvalidValue, Mutability
from serve.scim.filters import Comparison, Filter, Joined
from serve.scim.patch import READ_ONLY, Operation
from serve.scim.where import WORK
from vernacular.access.issuers import OidcIssuer
from vernacular.access.names import username_of
from vernacular.access.principal import Role
from vernacular.db.models import UserRow

MAX_ID_CHARS: Final = 255


@dataclass(slots=True)
class UserDraft:
    user_name: str = ""
    external_id: str = ""
    display_name: str = ""
    email: str = ""
    role: str = "member"
    active: bool = True

    @classmethod
    def of(cls, row: UserRow) -> UserDraft:
        active = row.suspended_at is None
        return cls(row.username, row.external_id or "", row.display_name, row.email, row.role, active)

    def differs_from(self, row: UserRow) -> set[str]:
        """The names of the attributes that are other than the account's.

        Raises:
            InvalidValue, BadRequest: the user name is not one.
        """
        before = UserDraft.of(row)
        pairs = {
            "userName": (username_of(self.checked_name()), before.user_name),
            "externalId": (self.external_id, before.external_id),
            "displayName": (self.display_name, before.display_name),
            "emails": (self.email, before.email),
            "roles": (self.role, before.role),
            "active": (self.active, before.active),
        }
        return {name for name, (wanted, found) in pairs.items() if wanted != found}

    def checked_name(self) -> str:
        """
        Raises:
            InvalidValue: there is none.
        """
        if not self.user_name:
            raise InvalidValue("A user needs a userName.")
        return self.user_name

    def apply(self, operations: Iterable[Operation], provider: OidcIssuer | None) -> None:
        """
        Raises:
            InvalidValue: a value is not what it must be.
            Mutability: an attribute is the server's own.
        """
        for operation in sorted(operations, key=_name_first):
            self._apply(operation, provider)

    def _apply(self, operation: Operation, provider: OidcIssuer | None) -> None:
        path, value = operation.path, None if operation.kind == "remove" else operation.value
        match path.attribute:
            case "username":
                self.user_name = values.text_of(value, "userName")
                self.checked_name()
            case "externalid":
                self.external_id = values.text_of(value, "externalId")
                if len(self.external_id) > MAX_ID_CHARS:
                    raise InvalidValue(f"externalId has at most {MAX_ID_CHARS} characters.")
            case "displayname":
                self.display_name = values.text_of(value, "displayName")
            case "name":
                self._apply_name(path.part, value)
            case "active":
                self.active = values.truth_of(value, "active")
            case "emails" if not _is_of_another_type(path.within):
                self.email = values.chosen_of(value, "emails", WORK)
            case "roles":
                self.role = _role_of(values.chosen_of(value, "roles"), self.role, provider)
            case attribute if attribute in READ_ONLY:
                raise Mutability(f"The attribute {attribute} is not to be changed.")
            case _:
                pass

    def _apply_name(self, part: str, value: Any) -> None:
        if part == "formatted":
            self.display_name = values.text_of(value, "name.formatted")
        elif part == "" and isinstance(value, Mapping):
            told = [values.text_of(values.field_of(value, name), "name") for name in ("givenName", "familyName")]
            whole = values.text_of(values.field_of(value, "formatted"), "name.formatted")
            self.display_name = whole or " ".join(filter(None, told)) or self.display_name


def _name_first(operation: Operation) -> bool:
    """What people are to be called goes over what it could be made of."""
    return operation.path.attribute == "displayname"


def _is_of_another_type(within: Filter | None) -> bool:
    """Whether a path picks addresses of a type that is not kept, as `emails[type eq "home"]` does."""
    parts = within.parts if isinstance(within, Joined) else (within,)
    types = [part.value for part in parts if isinstance(part, Comparison) and part.attribute == "emails.type"]
    return any(str(found).lower() != WORK for found in types)


def _role_of(text: str, present: str, provider: OidcIssuer | None) -> str:
    """The role of ours that a provider's stands for; what there is, where it stands for none."""
    if text.startswith("{"):  # Entra ID may write the role as an object in a text
        try:
            text = values.text_of(json.loads(text), "roles")
        except (ValueError, RecursionError):
            raise InvalidValue("A role must be a text.") from None
    if not text:
        return provider.default_role if provider else "member"
    known = provider.roles.get(text) if provider else None
    return known or (text.lower() if text.lower() in Role.__members__ else present)
