r"""Web addresses read in one way only, by a grammar narrower than any browser's.

Attacks on fetchers live off two parsers that read one address differently: `http://127.0.0.1\@example.com/` is 127.0.0.1
to one library and example.com to another. So whatever could be read in two ways is refused, and nothing after this module
reads the address as text again.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final
from urllib.parse import quote

import idna

from vernacular.errors import FetchRefused
from vernacular.fetching.addresses import Address, may_connect
from vernacular.settings import FetchSettings

MAX_URL: Final = 1000
_PORTS: Final = {"http": 80, "https": 443}
_URL: Final = re.compile(r"(https?)://([^/?#]*)(/[^?#]*)?(\?[^#]*)?(?:#.*)?", re.IGNORECASE | re.DOTALL)
_AUTHORITY: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:@%]+)(?::([0-9]{1,5}))?", re.ASCII)
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SAFE: Final = "/:@!$&'()*+,;=~-._%"
_INSIDE: Final = (
    "localhost", "localdomain", "local", "internal", "intranet", "private", "corp", "home", "lan", "arpa", "onion",
    "test", "invalid", "example",
)  # fmt: skip
"""Last labels of names that no public server has (RFC 6761, RFC 6762, RFC 7686, and what networks use inside)."""


@dataclass(frozen=True, slots=True)
class WebUrl:
    """`host`: a lower-case ASCII name without a final dot, or an IP address; `target`: path and query, percent-encoded.

    `address`: what `host` is if it is an IP address. `inside`: an operator allows this host wherever it is.
    """

    scheme: str
    host: str
    port: int
    target: str
    address: Address | None = None
    inside: bool = False

    @property
    def netloc(self) -> str:
        host = f"[{self.host}]" if isinstance(self.address, IPv6Address) else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}{self.target}"


def check_url(url: str, settings: FetchSettings) -> WebUrl:
    """The address, read and found allowed as far as can be told without asking for its host.

    Raises:
        FetchRefused: it is no http(s) address, can be read in more than one way, or is not to be fetched.
    """
    if len(url) > MAX_URL:
        raise FetchRefused(f"The address is longer than {MAX_URL} characters.")
    if not url.isprintable() or " " in url or "\\" in url or any(map(_is_format, url)):
        raise _refused(url, "holds spaces, backslashes or invisible characters")
    match = _URL.fullmatch(url)
    if match is None:
        raise _refused(url, "is no http:// or https:// address")
    scheme, authority, path, query = match[1].lower(), match[2], match[3] or "/", match[4] or ""
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None:
        raise _refused(url, "has a host that can be read in more than one way, or holds a user name")
    port = int(parts[2]) if parts[2] else _PORTS[scheme]
    host, address = _host(parts[1], url)
    inside = _is_allowed(host, port, settings)
    found = WebUrl(scheme, host, port, _target(path, query, url), address, inside)
    if len(str(found)) > MAX_URL:
        raise FetchRefused(f"The address is longer than {MAX_URL} characters as it is sent.")
    _check_place(found, settings)
    return found


def join(base: WebUrl, location: str, settings: FetchSettings) -> WebUrl:
    """Where a redirect from `base` leads, read as strictly as any address.

    Raises:
        FetchRefused: as `check_url` says.
    """
    if location.startswith("//"):
        location = f"{base.scheme}:{location}"
    elif location.startswith("/"):
        location = f"{base.scheme}://{base.netloc}{location}"
    elif location.startswith("?"):
        location = f"{base.scheme}://{base.netloc}{base.target.partition('?')[0]}{location}"
    elif not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", location):
        folder = base.target.partition("?")[0].rpartition("/")[0]
        location = f"{base.scheme}://{base.netloc}{folder}/{location}"
    return check_url(location, settings)


def _host(written: str, url: str) -> tuple[str, Address | None]:
    if written.startswith("["):
        try:
            six = IPv6Address(written[1:-1])
        except AddressValueError:
            raise _refused(url, "has a host that is no address") from None
        return str(six), six
    name = written.lower()
    if not name.isascii():
        try:
            # IDNA 2008 knows no characters that only look like digits or dots: `①②⑦.⓪.⓪.①` is no name.
            name = idna.encode(unicodedata.normalize("NFC", name)).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            raise _refused(url, "has a host whose letters cannot be in a name") from None
    name = name.removesuffix(".")
    labels = name.split(".")
    if len(name) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise _refused(url, "has a host that is no name")
    if not _NUMBER.fullmatch(labels[-1]):
        return name, None
    try:
        four = IPv4Address(name)  # four decimal numbers without leading zeros, and nothing else
    except AddressValueError:
        raise _refused(url, "has a host that is a number in disguise") from None
    return str(four), four


def _target(path: str, query: str, url: str) -> str:
    if _ESCAPE.search(path + query):
        raise _refused(url, "has a `%` that escapes nothing")
    kept = [quote(part, safe=_SAFE) for part in path.split("/")]
    folders: list[str] = []
    for number, part in enumerate(kept):  # RFC 3986, 5.2.4
        last = number == len(kept) - 1
        if part in (".", "..") or part.lower() in ("%2e", "%2e%2e", ".%2e", "%2e."):
            if len(part.lower().replace("%2e", ".")) == 2 and len(folders) > 1:
                folders.pop()
            if last:
                folders.append("")
        else:
            folders.append(part)
    return "/".join(folders) + quote(query, safe=f"{_SAFE}?[]|")


def _check_place(url: WebUrl, settings: FetchSettings) -> None:
    if url.address is not None and not may_connect(url.address, inside=url.inside):
        raise not_public(url.host)
    if url.inside:
        return
    if url.port not in settings.ports:
        raise FetchRefused(
            f"Documents are not fetched from port {url.port}.",
            "An operator can allow it; see docs/untrusted-content.md.",
        )
    if url.address is None and ("." not in url.host or url.host.rpartition(".")[2] in _INSIDE):
        raise not_public(url.host)


def not_public(host: str) -> FetchRefused:
    """One sentence for a host that is not there and for one that is inside: whoever asks learns nothing of the network."""
    return FetchRefused(
        f"`{host[:100]}` is no public host, or cannot be found.",
        "Give the public http(s) address of a page or a file; an operator can allow hosts inside (VERNACULAR_FETCH__ALLOW_HOSTS).",
    )


def _is_allowed(host: str, port: int, settings: FetchSettings) -> bool:
    """Entries are `host` (at the usual ports) or `host:port`."""
    for entry in settings.allow_hosts:
        allowed = entry.strip().lower().rstrip(".")
        bracketed = f"[{host}]" if ":" in host else host
        if allowed == f"{bracketed}:{port}" or (allowed in (host, bracketed) and port in settings.ports):
            return True
    return False


def _is_format(character: str) -> bool:
    return unicodedata.category(character) in ("Cf", "Cc", "Cs", "Co", "Zs", "Zl", "Zp")


def _refused(url: str, why: str) -> FetchRefused:
    shown = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in url[:120])
    return FetchRefused(f"`{shown}` {why}.")
