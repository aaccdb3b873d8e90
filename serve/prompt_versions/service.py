"""The texts that a tenant's editors give its assistants: their versions, and which one is in force."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from serve.deps import Access
from serve.prompt_versions.schemas import NewVersion, PromptLine, PromptList, PromptView, VersionView
from vernacular import prompt_versions as prompts
from vernacular.db.models import ApiKeyRow, PromptVersionRow, TenantRow, UserRow
from vernacular.tenancy import Platform, TenantScope

Found = TypeVar("Found")


def show_all(access: Access) -> PromptList:
    return _read(access, tuple(prompts.LONGEST), _list)


def show(access: Access, name: str, before: int | None = None) -> PromptView:
    """
    Raises:
        NotFound: there is no such prompt.
    """
    prompts.check_name(name)
    return _read(access, (name,), lambda scope: _view(scope, name, before))


def save(access: Access, name: str, asked: NewVersion) -> VersionView:
    """
    Raises:
        NotFound: there is no such prompt.
        BadRequest, TooLong: the text cannot be one.
        Conflict: someone else saved one at the same moment.
    """
    prompts.check_name(name)
    text = prompts.cleaned(asked.text)
    with access.write() as scope:
        row = Platform(scope.session).tenant_row(access.principal.tenant.slug, lock=True)
        version = prompts.save(scope, row, name, text, note=asked.note.strip(), by=access.principal.id)
        facts = {"prompt": name, "version": version.version, "digest": prompts.digest(text), "active": asked.activate}
        if asked.activate:
            prompts.activate(scope, row, name, version.version)
        access.record(scope, "prompt.saved", facts=facts)
        found = _version(version, _authors(scope, [version]))
    access.services.keys.forget()
    return found


def activate(access: Access, name: str, version: int | None) -> PromptView:
    """
    Raises:
        NotFound: there is no such prompt, or no such version.
    """
    prompts.check_name(name)
    with access.write() as scope:
        row = Platform(scope.session).tenant_row(access.principal.tenant.slug, lock=True)
        found = prompts.activate(scope, row, name, version)
        digest = prompts.digest(found.text) if found else None
        access.record(scope, "prompt.activated", facts={"prompt": name, "version": version, "digest": digest})
        view = _view(scope, name)
    access.services.keys.forget()
    return view


def _read(access: Access, names: Iterable[str], look: Callable[[TenantScope], Found]) -> Found:
    """What `look` finds once the versions say what is in force; only where they do not yet, something is written."""

    def stale(scope: TenantScope, row: TenantRow) -> list[str]:
        return [name for name in names if not prompts.is_taken_in(scope, row, name)]

    with access.read() as scope:
        if not stale(scope, Platform(scope.session).tenant_row(access.principal.tenant.slug)):
            return look(scope)
    with access.write() as scope:
        row = Platform(scope.session).tenant_row(access.principal.tenant.slug, lock=True)
        for name in stale(scope, row):
            prompts.take_in(scope, row, name)
        return look(scope)


def _list(scope: TenantScope) -> PromptList:
    return PromptList(data=[_line(scope, name) for name in prompts.LONGEST])


def _line(scope: TenantScope, name: str) -> PromptLine:
    found = prompts.active(scope, name)
    return PromptLine(
        name=name,
        active=found.version if found else None,
        text=found.text if found else "",
        versions=scope.count(PromptVersionRow, PromptVersionRow.name == name),
        max_chars=prompts.LONGEST[name],
    )


def _view(scope: TenantScope, name: str, before: int | None = None) -> PromptView:
    found, current = prompts.versions(scope, name, before), prompts.active(scope, name)
    authors = _authors(scope, found)
    more = len(found) == prompts.PAGE and found[-1].version > 1
    return PromptView(
        name=name,
        active=current.version if current else None,
        max_chars=prompts.LONGEST[name],
        versions=[_version(row, authors) for row in found],
        older=found[-1].version if more else None,
    )


def _version(row: PromptVersionRow, authors: Mapping[str, str]) -> VersionView:
    return VersionView(
        version=row.version,
        text=row.text,
        note=row.note,
        active=row.active,
        author=authors.get(row.created_by, ""),
        created_at=row.created_at,
    )


def _authors(scope: TenantScope, rows: Iterable[PromptVersionRow]) -> dict[str, str]:
    """Principal → name, of those that are still there; who is no principal is called by what is kept."""
    wanted = {row.created_by for row in rows if row.created_by}
    users = scope.execute(
        scope.select(UserRow.id, UserRow.display_name, UserRow.username).where(UserRow.id.in_(wanted))
    )
    found = {row.id: row.display_name or row.username for row in users}
    keys = scope.execute(scope.select(ApiKeyRow.id, ApiKeyRow.name).where(ApiKeyRow.id.in_(wanted)))
    found |= {row.id: row.name for row in keys}
    return {prompts.COMMAND_LINE: prompts.COMMAND_LINE, **found}
