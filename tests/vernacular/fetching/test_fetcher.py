from __future__ import annotations

import datetime
import gzip
import socket
import ssl
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.vernacular.fetching.listener import Listener, Names, Page, hostile_addresses, listening
from vernacular.errors import FetchFailed, FetchRefused, TooLarge, VernacularError
from vernacular.fetching import Fetcher
from vernacular.fetching.connection import connect
from vernacular.settings import FetchSettings

WIKI = "wiki.inside.net"
HTML = {"Content-Type": "text/html; charset=utf-8"}


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as made:
        yield made


def open_to(listener: Listener, **more: object) -> FetchSettings:
    """Settings that allow the listener's port: what keeps a fetch out is the place, then, and not the port."""
    return FetchSettings.model_validate({"ports": [80, 443, listener.port], "timeout_s": 10, **more})


def allowing(listener: Listener, **more: object) -> FetchSettings:
    return FetchSettings.model_validate({"allow_hosts": [f"{WIKI}:{listener.port}"], "timeout_s": 10, **more})


def inside(listener: Listener, **more: object) -> Fetcher:
    return Fetcher(allowing(listener, **more), resolver=Names(wiki_inside_net=[["127.0.0.1"]]))


def at(listener: Listener, path: str = "/") -> str:
    return f"http://{WIKI}:{listener.port}{path}"


def astray(listener: Listener, reached: list[str]) -> object:
    """A connector that leads every connection to the listener, and notes where it was to go."""

    def connector(address: str, port: int, seconds: float) -> socket.socket:
        reached.append(address)
        return connect("127.0.0.1", listener.port, seconds)

    return connector


class TestHostileAddresses:
    def test_are_many(self) -> None:
        assert len(set(hostile_addresses(80))) >= 100

    def test_none_reaches_the_listener(self, listener: Listener) -> None:
        fetcher = Fetcher(open_to(listener), resolver=Names())
        for address in hostile_addresses(listener.port):
            with pytest.raises((FetchRefused,)):
                fetcher.fetch(address)
        assert (listener.hits, listener.connections) == ([], 0)

    def test_none_reaches_it_by_a_redirect(self, listener: Listener) -> None:
        reached: list[str] = []
        fetcher = Fetcher(open_to(listener), resolver=Names(), connector=astray(listener, reached))  # type: ignore[arg-type]
        hostile = [each for each in hostile_addresses(listener.port) if each.isprintable()]
        for number, address in enumerate(hostile):
            location = address if address.startswith("//") or ":" in address.split("/")[0] else f"http://{address}"
            listener.pages[f"/{number}"] = Page(302, {"Location": location.encode().decode("latin-1")})
            with pytest.raises(VernacularError):
                fetcher.fetch(f"http://example.com/{number}")
        assert [path for path, _ in listener.hits] == [f"/{number}" for number in range(len(hostile))]
        assert set(reached) == {"93.184.216.34"}

    def test_many_would_reach_it_if_addresses_were_not_checked(
        self, listener: Listener, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What shows that the corpus is worth something, and the listener where it leads."""
        for module in ("urls", "fetcher"):
            monkeypatch.setattr(f"vernacular.fetching.{module}.may_connect", lambda *_args, **_more: True)
        fetcher = Fetcher(open_to(listener), resolver=Names())
        for address in ("http://127.0.0.1:PORT/", "http://127.0.0.1.nip.io:PORT/", "http://127.0.0.1.:PORT/"):
            assert fetcher.fetch(address.replace("PORT", str(listener.port))).gone
        assert len(listener.hits) == 3

    def test_a_proxy_of_the_environment_plays_no_part(
        self, listener: Listener, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{listener.port}")
        reached: list[str] = []

        def refusing(address: str, _port: int, _seconds: float) -> socket.socket:
            reached.append(address)
            raise ConnectionRefusedError

        with pytest.raises(FetchFailed):
            Fetcher(FetchSettings(), resolver=Names(), connector=refusing).fetch("http://example.com/")
        assert (reached, listener.connections) == (["93.184.216.34"], 0)


class TestRebinding:
    def test_the_name_is_asked_for_once_and_the_connection_goes_to_what_was_checked(self, listener: Listener) -> None:
        names = Names(rebind_example_com=[["93.184.216.34"], ["127.0.0.1"]])
        reached: list[str] = []
        listener.pages["/"] = Page(200, HTML, b"public")
        fetcher = Fetcher(open_to(listener), resolver=names, connector=astray(listener, reached))  # type: ignore[arg-type]
        assert fetcher.fetch("http://rebind.example.com/").body == b"public"
        assert (names.asked, reached) == (["rebind.example.com"], ["93.184.216.34"])

    def test_a_name_that_turns_inside_between_redirects_is_refused(self, listener: Listener) -> None:
        names = Names(rebind_example_com=[["93.184.216.34"], ["127.0.0.1"]])
        reached: list[str] = []
        listener.pages["/"] = Page(302, {"Location": "/again"})
        fetcher = Fetcher(open_to(listener), resolver=names, connector=astray(listener, reached))  # type: ignore[arg-type]
        with pytest.raises(FetchRefused, match="no public host"):
            fetcher.fetch("http://rebind.example.com/")
        assert ([path for path, _ in listener.hits], reached) == (["/"], ["93.184.216.34"])

    def test_a_host_that_is_inside_and_one_that_is_not_there_sound_the_same(self, listener: Listener) -> None:
        fetcher = Fetcher(open_to(listener), resolver=Names())
        said = []
        for host in ("inside.example.com", "nothere.example.com", "10.0.0.7", "redis"):
            with pytest.raises(FetchRefused) as caught:
                fetcher.fetch(f"http://{host}/")
            said.append(caught.value.message.replace(host, "HOST"))
        assert len(set(said)) == 1


class TestAllowedHosts:
    def test_are_fetched_wherever_they_are(self, listener: Listener) -> None:
        listener.pages["/a"] = Page(
            200, {**HTML, "ETag": '"1"', "Last-Modified": "Mon, 05 Jan 2026 10:00:00 GMT"}, b"hello"
        )
        found = inside(listener).fetch(at(listener, "/a?b=c"))
        assert (found.url, found.status, found.media_type, found.body) == (
            at(listener, "/a?b=c"),
            200,
            "text/html",
            b"hello",
        )
        assert (found.etag, found.last_modified) == ('"1"', "Mon, 05 Jan 2026 10:00:00 GMT")
        path, headers = listener.hits[0]
        assert path == "/a?b=c"
        assert headers["Host"] == f"{WIKI}:{listener.port}"
        assert not {"Cookie", "Authorization", "Referer"} & set(headers)

    def test_are_allowed_at_their_own_port_alone(self, listener: Listener) -> None:
        with pytest.raises(FetchRefused, match="port 22"):
            inside(listener).fetch(f"http://{WIKI}:22/")

    def test_never_lead_to_a_cloud_s_credentials(self, listener: Listener) -> None:
        fetcher = Fetcher(allowing(listener), resolver=Names(wiki_inside_net=[["169.254.169.254"]]))
        with pytest.raises(FetchRefused):
            fetcher.fetch(at(listener))

    def test_do_not_open_the_way_to_others(self, listener: Listener) -> None:
        listener.pages["/"] = Page(302, {"Location": f"http://127.0.0.1:{listener.port}/secret"})
        with pytest.raises(FetchRefused):
            inside(listener).fetch(at(listener))
        assert [path for path, _ in listener.hits] == ["/"]


class TestRedirects:
    def test_are_followed_and_the_last_address_is_told(self, listener: Listener) -> None:
        listener.pages |= {
            "/old/page": Page(301, {"Location": "../new?x=1"}),
            "/new": Page(302, {"Location": "?y=2"}),
        }
        listener.pages["/end"] = Page(200, HTML, b"end")
        listener.pages["/start"] = Page(308, {"Location": f"//{WIKI}:{listener.port}/end"})
        assert inside(listener).fetch(at(listener, "/start")).url == at(listener, "/end")
        with pytest.raises(FetchRefused, match="redirects more than 2 times"):
            inside(listener, redirects=2).fetch(at(listener, "/old/page"))
        assert listener.hits[-1][0] == "/new?y=2"

    def test_to_nowhere_are_an_error(self, listener: Listener) -> None:
        listener.pages["/"] = Page(302)
        with pytest.raises(FetchFailed, match="nowhere"):
            inside(listener).fetch(at(listener))


class TestLimits:
    def test_a_body_that_says_it_is_too_large_is_not_read(self, listener: Listener) -> None:
        listener.pages["/"] = Page(200, {**HTML, "Content-Length": "2000001"}, b"x")
        with pytest.raises(TooLarge):
            inside(listener, max_mb=2).fetch(at(listener))

    def test_a_body_without_end_is_cut_off(self, listener: Listener) -> None:
        def endless() -> Iterator[bytes]:
            while True:
                yield b"x" * 65536

        listener.pages["/"] = Page(200, HTML, endless)
        with pytest.raises(TooLarge):
            inside(listener, max_mb=2).fetch(at(listener))

    def test_a_body_that_drips_is_given_up(self, listener: Listener) -> None:
        ended = threading.Event()

        def dripping() -> Iterator[bytes]:
            while not ended.wait(0.05):
                yield b"x"

        listener.pages["/"] = Page(200, HTML, dripping)
        with pytest.raises(FetchFailed, match=r"0\.4 s"):
            inside(listener, timeout_s=0.4).fetch(at(listener))
        ended.set()

    def test_headers_that_drip_are_given_up(self) -> None:
        ended = threading.Event()

        def dripping(server: socket.socket) -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\n")
                while not ended.wait(0.05):
                    try:
                        connection.sendall(b"X: y\r\n")
                    except OSError:
                        return

        with socket.create_server(("127.0.0.1", 0)) as server:
            thread = threading.Thread(target=dripping, args=(server,))
            thread.start()
            port = server.getsockname()[1]
            settings = FetchSettings(allow_hosts=[f"{WIKI}:{port}"], timeout_s=0.4)
            with pytest.raises(FetchFailed, match=r"0\.4 s"):
                Fetcher(settings, resolver=Names(wiki_inside_net=[["127.0.0.1"]])).fetch(f"http://{WIKI}:{port}/")
            ended.set()
            thread.join()

    def test_a_resolver_that_hangs_is_given_up(self, listener: Listener) -> None:
        ended = threading.Event()

        def hanging(_host: str, _port: int) -> list[str]:
            ended.wait(20)
            return ["93.184.216.34"]

        with pytest.raises(FetchRefused):
            Fetcher(open_to(listener, timeout_s=0.2), resolver=hanging).fetch("http://example.com/")
        ended.set()

    @pytest.mark.parametrize("encoding", ["gzip", "deflate"])
    def test_packed_bodies_are_unpacked(self, listener: Listener, encoding: str) -> None:
        body = b"words of a page " * 50_000
        packed = gzip.compress(body) if encoding == "gzip" else zlib.compress(body)
        listener.pages["/"] = Page(200, {**HTML, "Content-Encoding": encoding}, packed)
        assert inside(listener).fetch(at(listener)).body == body

    def test_a_bomb_is_not_unpacked(self, listener: Listener) -> None:
        listener.pages["/"] = Page(200, {**HTML, "Content-Encoding": "gzip"}, gzip.compress(bytes(40_000_000)))
        with pytest.raises(FetchRefused, match="200 times"):
            inside(listener).fetch(at(listener))

    @pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "zstd"])
    def test_packings_that_were_not_asked_for_are_refused(self, listener: Listener, encoding: str) -> None:
        listener.pages["/"] = Page(200, {**HTML, "Content-Encoding": encoding}, b"x")
        with pytest.raises(FetchRefused, match="not asked for"):
            inside(listener).fetch(at(listener))

    def test_types_that_are_not_taken_are_refused(self, listener: Listener) -> None:
        listener.pages["/"] = Page(200, {"Content-Type": "video/mp4"}, b"x")
        fetcher = Fetcher(
            allowing(listener), lambda media: media == "text/html", resolver=Names(wiki_inside_net=[["127.0.0.1"]])
        )
        with pytest.raises(FetchRefused, match="video/mp4"):
            fetcher.fetch(at(listener))


class TestRefetching:
    def test_what_is_unchanged_is_not_sent_again(self, listener: Listener) -> None:
        listener.pages["/"] = Page(304)
        found = inside(listener).fetch(at(listener), '"7"', "Mon, 05 Jan 2026 10:00:00 GMT")
        assert found.unchanged
        headers = listener.hits[0][1]
        assert (headers["If-None-Match"], headers["If-Modified-Since"]) == ('"7"', "Mon, 05 Jan 2026 10:00:00 GMT")

    def test_a_validator_cannot_bring_a_header_of_its_own(self, listener: Listener) -> None:
        listener.pages["/"] = Page(200, HTML, b"x")
        inside(listener).fetch(at(listener), '"7"\r\nX-Evil: 1')
        assert not {"If-None-Match", "X-Evil"} & set(listener.hits[0][1])

    @pytest.mark.parametrize("status", [404, 410])
    def test_what_is_gone_is_told(self, listener: Listener, status: int) -> None:
        listener.pages["/"] = Page(status, HTML, b"not here")
        found = inside(listener).fetch(at(listener))
        assert found.gone
        assert not found.body

    def test_other_errors_are_not_taken_for_that(self, listener: Listener) -> None:
        listener.pages["/"] = Page(503)
        with pytest.raises(FetchFailed, match="503"):
            inside(listener).fetch(at(listener))


class TestCertificates:
    def test_are_checked_against_the_host_that_was_named(self, tmp_path: Path) -> None:
        authority = certificate(tmp_path, WIKI)
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(authority)
        with listening(server) as listener:
            listener.pages["/"] = Page(200, HTML, b"secret")
            names = Names(wiki_inside_net=[["127.0.0.1"]], other_inside_net=[["127.0.0.1"]])
            hosts = [f"{host}:{listener.port}" for host in (WIKI, "other.inside.net")]
            trusting = FetchSettings(allow_hosts=hosts, ca_file=authority)
            assert Fetcher(trusting, resolver=names).fetch(f"https://{hosts[0]}/").body == b"secret"
            with pytest.raises(FetchFailed, match="certificate"):
                Fetcher(trusting, resolver=names).fetch(f"https://{hosts[1]}/")
            with pytest.raises(FetchFailed, match="certificate"):
                Fetcher(FetchSettings(allow_hosts=hosts), resolver=names).fetch(f"https://{hosts[0]}/")
            assert len(listener.hits) == 1

    def test_a_redirect_from_https_to_http_is_refused(self, tmp_path: Path) -> None:
        authority = certificate(tmp_path, WIKI)
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(authority)
        with listening(server) as listener:
            listener.pages["/"] = Page(302, {"Location": f"http://{WIKI}:{listener.port}/"})
            settings = FetchSettings(allow_hosts=[f"{WIKI}:{listener.port}"], ca_file=authority)
            with pytest.raises(FetchRefused, match="from https to http"):
                Fetcher(settings, resolver=Names(wiki_inside_net=[["127.0.0.1"]])).fetch(
                    f"https://{WIKI}:{listener.port}/"
                )


def certificate(folder: Path, host: str) -> Path:
    """A certificate of its own authority for `host`, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    day = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(day - datetime.timedelta(days=1))
        .not_valid_after(day + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{host}.pem"
    plain = serialization.NoEncryption()
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    return file
