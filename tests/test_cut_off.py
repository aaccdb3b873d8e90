"""The suite runs cut off from every network, where the system allows: see `tests.cut_off`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cut_off import MARK, cut_off

CONNECT = """
import errno, socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
with socket.socket(family, socket.SOCK_STREAM) as s:
    s.settimeout(5)
    try:
        s.connect((sys.argv[1], 443))
    except OSError as error:
        print(errno.errorcode.get(error.errno, type(error).__name__))
    else:
        print("reached")
"""
LOOPBACK = """
import socket
with socket.create_server(("127.0.0.1", 0)) as server:
    with socket.create_connection(server.getsockname(), timeout=5):
        print("reached")
"""
IN_A_NAMESPACE = """
from tests.cut_off import cut_off
reason = cut_off()
if reason:
    raise SystemExit("could not: " + reason)
"""


def run(program: str, *arguments: str) -> str:
    """What a process of its own prints, where pytest-socket has no say."""
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip()


class TestANetworkNamespace:
    """Where one can be had. Elsewhere the same words are printed as by `make test`, and nothing is claimed."""

    @pytest.mark.parametrize("address", ["192.0.2.1", "1.1.1.1", "2001:db8::1"])
    def test_no_address_outside_can_be_reached(self, address: str) -> None:
        said = run(IN_A_NAMESPACE + CONNECT, address)
        assert said in ("ENETUNREACH", "EADDRNOTAVAIL") or said.startswith("could not: ")

    def test_loopback_still_works(self) -> None:
        said = run(IN_A_NAMESPACE + LOOPBACK)
        assert said == "reached" or said.startswith("could not: ")

    def test_elsewhere_the_reason_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "platform", "darwin")
        assert cut_off() == "darwin has no network namespaces"


if os.environ.get(MARK):

    class TestThisRun:
        def test_has_loopback_alone(self) -> None:
            lines = Path("/proc/net/dev").read_text(encoding="ascii").splitlines()[2:]
            assert [line.partition(":")[0].strip() for line in lines] == ["lo"]

        @pytest.mark.parametrize("address", ["192.0.2.1", "1.1.1.1", "2001:db8::1"])
        def test_reaches_no_address_outside(self, address: str) -> None:
            assert run(CONNECT, address) in ("ENETUNREACH", "EADDRNOTAVAIL")

        def test_reaches_itself(self) -> None:
            assert run(LOOPBACK) == "reached"
