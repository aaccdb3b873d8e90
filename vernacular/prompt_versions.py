"""The texts that a tenant's editors give its assistants, each in versions that are never changed.

What is in force stands in `Tenant.profile` under the text's name, where the answering pipeline reads it with the rest of the
tenant; the versions tell what was there before, and by whom. A text that came into the profile another way (the command line,
an installation from before there were versions) becomes a version when someone looks: see `take_in`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.exc import IntegrityError

from vernacular.db.models import PromptVersionRow, TenantRow
from vernacular.errors import BadRequest, Conflict, NotFound, TooLong
from vernacular.tenancy import TenantScope

PERSONA, INSTRUCTIONS = "persona", "instructions"
LONGEST: Final[Mapping[str, int]] = {PERSONA: 2000, INSTRUCTIONS: 2000}
"""Name → characters. `persona`: who the assistant is. `instructions`: what else the tenant asks of written answers."""
PAGE: Final = 100
COMMAND_LINE: Final = "command line"
"""The author of what an operator sets there."""


def check_name(name: str) -> str:
    """
    Raises:
        NotFound: there is no such text.
    """
    if name not in LONGEST:
        raise NotFound(f"There is no prompt {name[:40]!r}.", f"Prompts are {', '.join(LONGEST)}.")
    return name


def cleaned(given: str) -> str:
    """
    Raises:
        BadRequest: nothing of it can be seen.
    """
    text = given.replace("\r\n", "\n").strip()
    if not any(map(str.isprintable, text)) or "\0" in text:
        raise BadRequest("The text is empty.", "Write what the assistant is to know, or put no version in force.")
    return text


def in_force(row: TenantRow, name: str) -> str:
    """Empty: none."""
    found = row.profile.get(name)
    return found if isinstance(found, str) else ""


def versions(scope: TenantScope, name: str, before: int | None = None) -> list[PromptVersionRow]:
    """The newest first, at most `PAGE` of them; `before`: those older than that version."""
    wanted = scope.select(PromptVersionRow).where(PromptVersionRow.name == name)
    if before is not None:
        wanted = wanted.where(PromptVersionRow.version < before)
    return list(scope.execute(wanted.order_by(PromptVersionRow.version.desc()).limit(PAGE)).scalars())


def active(scope: TenantScope, name: str) -> PromptVersionRow | None:
    wanted = scope.select(PromptVersionRow).where(PromptVersionRow.name == name, PromptVersionRow.active)
    found: PromptVersionRow | None = scope.execute(wanted).scalars().first()
    return found


def is_taken_in(scope: TenantScope, row: TenantRow, name: str) -> bool:
    """Whether what is in force is what the active version says."""
    found = active(scope, name)
    return (found.text if found else "") == in_force(row, name)


def take_in(scope: TenantScope, row: TenantRow, name: str, by: str = "") -> None:
    """Have the versions say what is in force: a text that they do not know becomes one. `by`: who put it there."""
    text = in_force(row, name)
    if is_taken_in(scope, row, name):
        return
    known = scope.select(PromptVersionRow).where(PromptVersionRow.name == name, PromptVersionRow.text == text)
    found = scope.execute(known.order_by(PromptVersionRow.version.desc())).scalars().first() if text else None
    if text and found is None:
        found = _add(scope, name, text, "", by)
    _switch(scope, name, found)


def save(scope: TenantScope, row: TenantRow, name: str, text: str, *, note: str, by: str) -> PromptVersionRow:
    """A new version, which is not in force yet.

    Raises:
        TooLong: the text.
        Conflict: someone else saved one at the same moment.
    """
    if len(text) > LONGEST[name]:
        raise TooLong(
            f"The text has {len(text):,} characters, and the limit is {LONGEST[name]:,}.",
            "Every question is sent with it: keep to what the assistant must know each time.",
        )
    take_in(scope, row, name)
    return _add(scope, name, text, note, by)


def activate(scope: TenantScope, row: TenantRow, name: str, version: int | None) -> PromptVersionRow | None:
    """Put a version in force, from the next question on; None: none of them.

    Raises:
        NotFound: there is no such version.
    """
    take_in(scope, row, name)
    found: PromptVersionRow | None = None
    if version is not None:
        wanted = scope.select(PromptVersionRow).where(PromptVersionRow.name == name)
        found = scope.execute(wanted.where(PromptVersionRow.version == version)).scalar_one_or_none()
        if found is None:
            raise NotFound(f"The prompt {name} has no version {version}.", f"GET /v1/admin/prompts/{name} lists them.")
    _switch(scope, name, found)
    row.profile = with_text(row.profile, name, found.text if found else "")
    scope.session.flush()
    return found


def with_text(profile: Mapping[str, Any], name: str, text: str) -> dict[str, Any]:
    """The profile with that text in force; empty: without one."""
    changed = {**profile, name: text}
    return changed if text else {key: value for key, value in changed.items() if key != name}


def digest(text: str) -> str:
    """What logs call a text by."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _add(scope: TenantScope, name: str, text: str, note: str, by: str) -> PromptVersionRow:
    numbers = scope.select(PromptVersionRow.version).where(PromptVersionRow.name == name)
    last = scope.execute(numbers.order_by(PromptVersionRow.version.desc()).limit(1)).scalar_one_or_none()
    row = PromptVersionRow(name=name, version=(last or 0) + 1, text=text, note=note, created_by=by)
    scope.add(row)
    try:
        scope.session.flush()
    except IntegrityError:
        raise Conflict("Someone else saved a version at this moment.", "Look at it, and save yours again.") from None
    return row


def _switch(scope: TenantScope, name: str, found: PromptVersionRow | None) -> None:
    before = active(scope, name)
    if before is not None:
        before.active = False
    if found is not None:
        found.active = True
    scope.session.flush()
