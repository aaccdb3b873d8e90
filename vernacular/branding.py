"""What a tenant's pages look like: `Tenant.profile["branding"]` holds its colour, and the digest of its logo.

The logo itself is a blob of the tenant's. What is kept in another form than it should have is as if absent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from vernacular.colours import HEX

KEY: Final = "branding"
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Branding:
    """`color`: `#rrggbb`, on which white text can be read; None: the product's own. `logo`: the digest of a PNG."""

    color: str | None = None
    logo: str | None = None


def branding_of(profile: Mapping[str, Any]) -> Branding:
    kept = profile.get(KEY)
    found = kept if isinstance(kept, Mapping) else {}
    color, logo = str(found.get("color") or ""), str(found.get("logo") or "")
    return Branding(color if HEX.fullmatch(color) else None, logo if _DIGEST.fullmatch(logo) else None)


def with_branding(profile: Mapping[str, Any], branding: Branding) -> dict[str, Any]:
    told = {"color": branding.color, "logo": branding.logo}
    kept = {name: value for name, value in told.items() if value}
    changed = {**profile, KEY: kept}
    return changed if kept else {name: value for name, value in changed.items() if name != KEY}
