"""Addresses in answers: only those that the tenant's documents or its policy name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import regex

from vernacular.safety.policy import LinkPolicy
from vernacular.types import Span

LINK: Final = regex.compile(
    r"(?:(?:https?|ftp|wss?|file|data|javascript|vbscript|mailto|tel):|(?<![\w.@/])www\.|(?<![\w:/])//(?=[\w-]+\.))"
    r"[^\s<>\"'“”‘’「」『』《》（）()\[\]|`、，。；！？]{3,2048}",
    regex.IGNORECASE,
)
_HOST: Final = regex.compile(r"(?:[a-z]+:)?/{0,2}(?:[^/?#@\s]*@)?([^/?#:\s]+)", regex.IGNORECASE)
_END: Final = ".,;:!?)]}…"


def foreign_links(text: str, policy: LinkPolicy, published: Callable[[str], bool]) -> list[Span]:
    """Addresses in `text` that an answer may not show. `published`: whether an address stands in the documents."""
    if policy.mode == "any":
        return []
    found: list[Span] = []
    for each in LINK.finditer(text):
        address = each.group().rstrip(_END)
        if _is_listed(address, policy.allow) or (policy.mode == "published" and published(address)):
            continue
        found.append(Span(each.start(), each.start() + len(address)))
    return found


def host_of(address: str) -> str:
    scheme, colon, rest = address.partition(":")
    if colon and scheme.lower() in {"mailto", "tel", "data", "javascript", "vbscript", "file"}:
        return rest.rpartition("@")[2].partition("?")[0].lower() if scheme.lower() == "mailto" else ""
    found = _HOST.match(address)
    return found[1].lower().rstrip(".") if found else ""


def _is_listed(address: str, allow: tuple[str, ...]) -> bool:
    host = host_of(address)
    return bool(host) and any(
        host == each or (each.startswith("*.") and host.endswith(each[1:])) or host == f"www.{each}" for each in allow
    )
