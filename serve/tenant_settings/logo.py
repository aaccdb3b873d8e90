"""A tenant's logo: decoded and made anew before it is kept, and shown to whoever may see the tenant."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO, Final

from serve.deps import Access
from serve.tenant_settings.schemas import LogoView
from vernacular.branding import Branding, branding_of, with_branding
from vernacular.documents import unused_originals
from vernacular.errors import NotFound
from vernacular.images import JPEG, PNG, WEBP, Limits, Picture, prepare
from vernacular.tenancy import Platform

MAX_BYTES: Final = 1_000_000
LIMITS: Final = Limits(
    megabytes=MAX_BYTES / 1_000_000, longest_side=512, types=frozenset({PNG, JPEG, WEBP}), transparent=True
)
MEDIA_TYPE: Final = PNG


def put(access: Access, data: bytes) -> LogoView:
    """
    Raises:
        ImageRefused: it is no image, damaged, too large, or of a type that is not taken; SVG is not.
    """
    picture = prepare(data, LIMITS)
    _switch(access, _kept(access, picture))
    return LogoView(logo=True, width=picture.width, height=picture.height)


def remove(access: Access) -> LogoView:
    _switch(access, None)
    return LogoView(logo=False)


def opened(access: Access) -> tuple[str, BinaryIO]:
    """Its digest, and the PNG.

    Raises:
        NotFound: the tenant has none.
    """
    tenant = access.principal.tenant
    digest = branding_of(tenant.profile).logo
    if digest is None:
        raise NotFound("There is no logo.", "An administrator can set one in the settings.")
    return digest, access.services.blobs.open(tenant.id, digest)


def version_of(digest: str) -> str:
    """What its address says, so that another logo has another address."""
    return digest[:16]


def address_of(digest: str | None) -> str | None:
    return f"/v1/tenant/logo?v={version_of(digest)}" if digest else None


def _kept(access: Access, picture: Picture) -> str:
    folder = Path(tempfile.mkdtemp(prefix="vernacular-logo-"))
    try:
        file = folder / "logo.png"
        file.write_bytes(picture.data)
        return access.services.blobs.put(access.principal.tenant.id, file)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _switch(access: Access, digest: str | None) -> None:
    """The new one is there before the old one goes; what is left over after a crash in between belongs to nobody and harms nobody."""
    with access.write() as scope:
        row = Platform(scope.session).tenant_row(access.principal.tenant.slug, lock=True)
        before = branding_of(row.profile)
        row.profile = with_branding(row.profile, Branding(before.color, digest))
        scope.session.flush()
        access.record(scope, "settings.changed", facts={"section": "tenant", "fields": ["logo"]})
        gone = unused_originals(scope, {before.logo} if before.logo else set())
    access.services.keys.forget()
    for each in gone:
        access.services.blobs.delete(access.principal.tenant.id, each)
