"""Runs a command with no network but loopback: `python -m tests.cut_off COMMAND …`.

The command gets a network namespace of its own, which root may make anywhere and others where the kernel lets them have
user namespaces. Where neither can be had the command runs as it would without, after a line that says so. Linux alone
has them; the standard library suffices.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
import sys
from pathlib import Path
from typing import Final

MARK: Final = "VERNACULAR_TESTS_CUT_OFF"
"""Set to 1 in the environment of what runs cut off."""
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1
_INTERFACE: Final = struct.Struct("16sh14x")


def cut_off() -> str:
    """Leave every network for the rest of this process and its children; returns why not, or nothing."""
    if sys.platform != "linux":
        return f"{sys.platform} has no network namespaces"
    user, group = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_NETWORK if user == 0 else _NEW_USER | _NEW_NETWORK):
        return os.strerror(ctypes.get_errno())
    try:
        if user != 0:
            Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
            Path("/proc/self/uid_map").write_text(f"0 {user} 1", encoding="ascii")
            Path("/proc/self/gid_map").write_text(f"0 {group} 1", encoding="ascii")
        _loopback_up()
    except OSError as error:
        raise SystemExit(f"cut off from every network, loopback too: {error}") from None
    return ""


def _loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        held = fcntl.ioctl(any_socket, _GET_FLAGS, _INTERFACE.pack(b"lo", 0))
        _, flags = _INTERFACE.unpack(held)
        fcntl.ioctl(any_socket, _SET_FLAGS, _INTERFACE.pack(b"lo", flags | _UP))


def main() -> None:
    if len(sys.argv) < 2:
        raise SystemExit("usage: python -m tests.cut_off COMMAND [ARGUMENT …]")
    reason = cut_off()
    if reason:
        sys.stderr.write(f"Not cut off from the network: {reason}.\n")
    else:
        os.environ[MARK] = "1"
        sys.stderr.write("Cut off from every network but loopback.\n")
    sys.stderr.flush()
    os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
