"""Whoever asks where many share a credential."""

from __future__ import annotations

from serve.deps import Access


async def admit_visitor(access: Access, user: str | None) -> None:
    """Count whoever asks, where many share the credential, before anything is done for her. Whom a widget would name, is her own
    browser's to choose: there her address counts.

    Raises:
        QuotaExceeded: it is one too many for her.
    """
    if access.principal.kind != "user":
        named = "" if access.principal.kind == "widget" else user
        await access.services.quotas.admit_visitor(access.principal, named or access.address)
