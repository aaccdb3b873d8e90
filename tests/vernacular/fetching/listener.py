"""A web server on this machine that counts who comes, and names that lead wherever a test says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket
from ssl import SSLContext
from typing import Any

CORPUS = Path(__file__).with_name("hostile_addresses.txt")
NAMES: Mapping[str, Sequence[str]] = {
    "127.0.0.1.nip.io": ["127.0.0.1"],
    "inside.example.com": ["10.0.0.7"],
    "mixed.example.com": ["93.184.216.34", "127.0.0.1"],
    "mapped.example.com": ["::ffff:127.0.0.1"],
    "nat64.example.com": ["64:ff9b::7f00:1"],
    "sixtofour.example.com": ["2002:7f00:1::"],
    "zone.example.com": ["fe80::1%lo"],
    "example.com": ["93.184.216.34"],
}


def hostile_addresses(port: int) -> list[str]:
    lines = CORPUS.read_text(encoding="utf-8").split("\n")
    return [line.replace("PORT", str(port)) for line in lines if line and not line.startswith("# ")]


@dataclass
class Page:
    """`body` may be a function that sends the answer's rest by itself, bytes by bytes."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Callable[[], Iterator[bytes]] = b""


@dataclass
class Listener:
    """`hits`: (path, headers) of every request that came; `connections` counts those that said nothing too."""

    port: int
    pages: dict[str, Page] = field(default_factory=dict)
    hits: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    connections: int = 0


@contextmanager
def listening(tls: SSLContext | None = None) -> Iterator[Listener]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            listener.hits.append((self.path, dict(self.headers)))
            page = listener.pages.get(self.path.partition("?")[0], Page(404))
            self.send_response(page.status)
            for name, value in page.headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                for block in (page.body,) if isinstance(page.body, bytes) else page.body():
                    self.wfile.write(block)
                    self.wfile.flush()
            except OSError:  # the fetcher has had enough
                return

        def log_message(self, *_args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def get_request(self) -> tuple[socket, Any]:
            connection, address = self.socket.accept()
            listener.connections += 1
            return connection, address

        def handle_error(self, *_args: object) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    listener = Listener(int(server.server_port))
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Names:
    """A resolver that knows `NAMES` and what a test adds; a list of lists is one answer after another."""

    def __init__(self, **more: Sequence[Sequence[str]]) -> None:
        self._more = {name.replace("_", "."): list(answers) for name, answers in more.items()}
        self.asked: list[str] = []

    def __call__(self, host: str, _port: int) -> Sequence[str]:
        self.asked.append(host)
        if host in self._more:
            answers = self._more[host]
            return answers.pop(0) if len(answers) > 1 else answers[0]
        if host in NAMES:
            return NAMES[host]
        raise OSError(f"no such host: {host}")
