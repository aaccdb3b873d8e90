"""What tenants, people, groups and web pages are called."""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import urlsplit

import idna

from vernacular.errors import BadRequest

USERNAME_CHARS: Final = 200
_HOST: Final = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")
_TENANT: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def tenant_name(text: str) -> str:
    """
    Raises:
        BadRequest: it cannot be a tenant's name.
    """
    if not _TENANT.fullmatch(text):
        raise BadRequest(
            f"{text[:80]!r} cannot be a tenant's name.",
            "Use small letters, digits and hyphens, at most 63, starting with a letter or digit.",
        )
    return text


def one_line(text: str, longest: int, what: str) -> str:
    """`text` in NFC without blanks around it.

    Raises:
        BadRequest: it is empty, too long, or holds characters that are not seen.
    """
    found = unicodedata.normalize("NFC", text.strip())
    if not found or len(found) > longest:
        raise BadRequest(f"{what} has 1 to {longest} characters.", "Choose another one.")
    if any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in found):
        raise BadRequest(f"{what} holds characters that cannot be seen.", "Type it anew.")
    return found


def username_of(text: str) -> str:
    """The one form of a user name: NFKC, case-folded, as people type it in any case.

    Raises:
        BadRequest: it is empty, too long, or holds characters that are not seen.
    """
    return one_line(unicodedata.normalize("NFKC", text).casefold(), USERNAME_CHARS, "A user name")


def origin_of(text: str) -> str:
    """A web origin as browsers send it in `Origin`: `https://host[:port]`, without a default port, in ASCII.

    Raises:
        BadRequest: it is none.
    """
    refused = BadRequest(
        f"{text[:100]!r} is not the origin of a web page.", "Give scheme and host, e.g. https://www.example.org."
    )
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname or "", parts.port
        host = f"[{host}]" if ":" in host else idna.encode(host, uts46=True).decode("ascii")
    except ValueError:  # idna's errors are among them
        raise refused from None
    bare = parts.path in {"", "/"} and not parts.query and not parts.fragment and "@" not in parts.netloc
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host) or not bare:
        raise refused
    default = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in {None, default} else "")
