"""Fetching one document: the host is asked for once, each of its addresses is checked, and the connection goes to what was checked.

A redirect is an address like any other, read and checked anew. Proxies, cookies, credentials and `.netrc` of this machine
play no part.
"""

from __future__ import annotations

import logging
import ssl
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

import certifi
import httpcore

from vernacular import __version__
from vernacular.errors import FetchFailed, FetchRefused, TooLarge
from vernacular.fetching.addresses import may_connect
from vernacular.fetching.connection import Connect, Deadline, Pinned, Resolve, connect, resolve, resolved_within
from vernacular.fetching.urls import WebUrl, check_url, join, not_public
from vernacular.settings import FetchSettings

log = logging.getLogger(__name__)
UNCHANGED: Final = 304
GONE: Final = frozenset({404, 410})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_RATIO: Final = 200
"""How many times its compressed size a body may unpack to, from `_RATIO_FROM` bytes on: prose packs 3 to 20 times."""
_RATIO_FROM: Final = 1 << 20
_BLOCK: Final = 1 << 16
_OCTETS: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Fetched:
    """`url`: where it was found in the end. `status`: 200, 304 (unchanged) or 404 and 410 (gone); a body has the first alone."""

    url: str
    status: int
    media_type: str = ""
    body: bytes = b""
    etag: str = ""
    last_modified: str = ""

    @property
    def unchanged(self) -> bool:
        return self.status == UNCHANGED

    @property
    def gone(self) -> bool:
        return self.status in GONE


class Fetcher:
    """Fetches within `settings`. `accepts` says which media types are taken; without it all are.

    `tls`: whom certificates are trusted from; else the system's and certifi's authorities, and those of `settings.ca_file`.
    `resolver` and `connector` are the system's own but in tests.
    """

    def __init__(
        self,
        settings: FetchSettings,
        accepts: Callable[[str], bool] | None = None,
        *,
        resolver: Resolve = resolve,
        connector: Connect = connect,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._settings = settings
        self._accepts = accepts
        self._resolver = resolver
        self._connector = connector
        self._tls = tls

    def fetch(self, url: str, etag: str = "", last_modified: str = "") -> Fetched:
        """`etag` and `last_modified`: those of what is there already; unchanged, it is not sent again.

        Raises:
            FetchRefused: the address, one it redirects to, or what is there is not to be fetched.
            FetchFailed: the server cannot be reached, is too slow or answers with an error.
            TooLarge: it is larger than `settings.max_mb`.
        """
        deadline = Deadline(self._settings.timeout_s)
        place = check_url(url, self._settings)
        headers = _request_headers(etag, last_modified)
        for _ in range(self._settings.redirects + 1):
            found = self._get(place, headers, deadline)
            if isinstance(found, Fetched):
                return found
            next_place = join(place, found, self._settings)
            if place.scheme == "https" and next_place.scheme == "http":
                raise FetchRefused(f"`{place}` redirects from https to http.", "Give the address that it leads to.")
            place = next_place
        raise FetchRefused(f"`{url[:100]}` redirects more than {self._settings.redirects} times.")

    def _get(self, place: WebUrl, headers: list[tuple[bytes, bytes]], deadline: Deadline) -> Fetched | str:
        """What is there, or where a redirect leads."""
        addresses = self._addresses(place, deadline)
        request = httpcore.Request(
            b"GET",
            httpcore.URL(
                scheme=place.scheme.encode(), host=place.host.encode(), port=place.port, target=place.target.encode()
            ),
            headers=[(b"Host", place.netloc.encode()), *headers],
        )
        connection = httpcore.HTTPConnection(
            httpcore.Origin(place.scheme.encode(), place.host.encode(), place.port),
            ssl_context=self._trust() if place.scheme == "https" else None,
            network_backend=Pinned(addresses, deadline, self._connector),
        )
        try:
            with connection:
                response = connection.handle_request(request)
                return self._read(place, response, deadline)
        except ssl.SSLCertVerificationError as error:
            raise FetchFailed(
                f"The certificate of `{place.host}` is not to be trusted: {error.verify_message}."
            ) from None
        except TimeoutError:
            raise FetchFailed(f"`{place.host}` did not answer within {self._settings.timeout_s:g} s.") from None
        except (OSError, httpcore.NetworkError, httpcore.ProtocolError, zlib.error) as error:
            log.info("fetching from %s failed: %s", place.host, type(error).__name__)
            raise FetchFailed(f"`{place.host}` cannot be reached, or broke off.") from None

    def _addresses(self, place: WebUrl, deadline: Deadline) -> list[str]:
        """
        Raises:
            FetchRefused: one of the host's addresses is inside; a host is of one kind or it is not trusted at all.
        """
        if place.address is not None:
            return [str(place.address)]  # checked as the URL was read
        found = resolved_within(self._resolver, place.host, place.port, deadline.left)
        try:
            allowed = [may_connect(ip_address(address), inside=place.inside) for address in found]
        except ValueError:  # an address with a zone is one of this link
            allowed = [False]
        if not allowed or not all(allowed):
            log.warning("refused to fetch from %s: %s", place.host, ", ".join(found) or "not found")
            raise not_public(place.host)
        return list(found)

    def _read(self, place: WebUrl, response: httpcore.Response, deadline: Deadline) -> Fetched | str:
        headers = _headers(response.headers)
        if response.status in _REDIRECTS:
            location = headers.get("location", "")
            if not location:
                raise FetchFailed(f"`{place}` redirects to nowhere.")
            return location
        if response.status == UNCHANGED or response.status in GONE:
            return Fetched(str(place), response.status)
        if response.status != 200:
            raise FetchFailed(f"`{place}` answered with the status {response.status}.")
        media_type = headers.get("content-type", _OCTETS).partition(";")[0].strip().lower() or _OCTETS
        if self._accepts is not None and not self._accepts(media_type):
            raise FetchRefused(f"`{place}` is of the type {media_type[:60]}, which is not taken.")
        body = self._body(place, headers, response.iter_stream(), deadline)
        return Fetched(
            str(place), 200, media_type, body, headers.get("etag", "")[:200], headers.get("last-modified", "")[:100]
        )

    def _body(self, place: WebUrl, headers: Mapping[str, str], stream: Iterable[bytes], deadline: Deadline) -> bytes:
        limit = int(self._settings.max_mb * 1_000_000)
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length[:20]) > limit:
            raise self._too_large(place)
        unpack = _unpacker(headers.get("content-encoding", ""), place)
        body, received = bytearray(), 0
        for block in stream:
            received += len(block)
            if received > limit:
                raise self._too_large(place)
            for piece in unpack(block):
                body += piece
                if len(body) > limit:
                    raise self._too_large(place)
                if len(body) > max(_RATIO_FROM, received * _RATIO):
                    raise FetchRefused(f"`{place}` unpacks to more than {_RATIO} times its size.")
            deadline.left  # noqa: B018 - raises once it has passed
        return bytes(body)

    def _too_large(self, place: WebUrl) -> TooLarge:
        return TooLarge(f"`{place}` is larger than {self._settings.max_mb:g} MB.", "Split it into several documents.")

    def _trust(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
            self._tls.load_verify_locations(certifi.where())
            if self._settings.ca_file is not None:
                self._tls.load_verify_locations(self._settings.ca_file)
        return self._tls


def _request_headers(etag: str, last_modified: str) -> list[tuple[bytes, bytes]]:
    wanted = {
        "User-Agent": f"Vernacular/{__version__}",
        "Accept": "*/*",
        "Accept-Encoding": "gzip, deflate",
        "Connection": "close",
        "If-None-Match": etag,
        "If-Modified-Since": last_modified,
    }
    # What a server once sent goes back to a server: nothing that could begin another header.
    return [
        (name.encode(), value.encode())
        for name, value in wanted.items()
        if value and value.isascii() and value.isprintable()
    ]


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """By lower-case names, the first of each."""
    found: dict[str, str] = {}
    for name, value in raw:
        found.setdefault(name.decode("latin-1").lower(), value.decode("utf-8", "replace").strip())
    return found


def _unpacker(encoding: str, place: WebUrl) -> Callable[[bytes], Iterable[bytes]]:
    """A function that unpacks a block in pieces of `_BLOCK` bytes at most."""
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return lambda block: (block,)
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise FetchRefused(f"`{place}` is packed as {encoding[:40]}, which was not asked for.")
    unpacked = zlib.decompressobj(zlib.MAX_WBITS | 32 if encoding != "deflate" else zlib.MAX_WBITS)

    def pieces(block: bytes) -> Iterable[bytes]:
        while not unpacked.eof:
            piece = unpacked.decompress(block, _BLOCK)
            yield piece
            block = unpacked.unconsumed_tail
            if not block and len(piece) < _BLOCK:  # a full piece may leave more behind though all input is taken
                return

    return pieces
