"""What a parser may do on this machine: read its own libraries, and nothing else.

Each layer holds where the one before it is missing: namespaces and Landlock (Linux 5.13) bind native code too, resource limits
bind all of the process, and the audit hook binds Python everywhere. None of them needs a privilege.
"""

from __future__ import annotations

import ctypes
import os
import resource
import socket
import struct
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

_CLONE_NEWUSER, _CLONE_NEWNET, _CLONE_NEWIPC = 0x10000000, 0x40000000, 0x08000000
_PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 4, 38
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_FS_RIGHTS: Final = {1: 13, 2: 14, 3: 15, 4: 15}
"""How many kinds of access each version of Landlock knows; 16 from the fifth on."""
_MAX_FILES: Final = 256
_SYSTEM: Final = (
    "/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime",
    "/etc/fonts", "/etc/mime.types", "/dev/urandom", "/dev/zero", "/proc/self", "/proc/cpuinfo", "/proc/meminfo",
    "/sys/devices/system/cpu", "/opt/homebrew",
)  # fmt: skip
_PROGRAMS: Final = frozenset({"tesseract"})
_WRITES: Final = frozenset(
    ["os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown",
     "os.utime", "os.setxattr", "os.removexattr", "os.mkfifo", "os.mknod", "tempfile.mkstemp", "tempfile.mkdtemp"]
)  # fmt: skip
_PROCESSES: Final = frozenset(
    ["os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "os.kill", "os.killpg"]
)
_NETWORK: Final = frozenset(
    ["socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.sendto",
     "socket.sendmsg"]
)  # fmt: skip


def confine(root: str | None = None) -> None:
    """Confines this process and its children for good. `root`: the folder that the packages of this project are in."""
    sys.dont_write_bytecode = True
    os.umask(0o077)
    for kind, most in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_NOFILE, _MAX_FILES)):
        resource.setrlimit(kind, (most, most))
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(_CLONE_NEWNET | _CLONE_NEWIPC) != 0:
            libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET | _CLONE_NEWIPC)
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        _landlock(libc, [*_SYSTEM, *_libraries(root)])
    sys.addaudithook(_refuse)


def landlock_version() -> int:
    """What the kernel offers; 0: nothing."""
    if sys.platform != "linux":
        return 0
    return max(0, int(ctypes.CDLL(None).syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)))


def _libraries(root: str | None) -> list[str]:
    """Where Python and its packages are. Of a checkout only the packages: there may be data beside them."""
    installed = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}
    installed |= {path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")}
    own = [str(Path(root) / package) for package in ("ingest", "serve", "vernacular")] if root else []
    return [path for path in (*sorted(installed), *own) if Path(path) != Path("/")]


def _landlock(libc: ctypes.CDLL, readable: Iterable[str]) -> None:
    """No file can be opened but below `readable`, and none for writing; no TCP, and no signal to anyone outside."""
    version = landlock_version()
    if not version:
        return
    rights = (1 << _FS_RIGHTS.get(version, 16)) - 1
    attributes = struct.pack("=QQQ", rights, 3 if version >= 4 else 0, 3 if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(size), 0)
    if ruleset < 0:
        return
    try:
        for path in readable:
            is_folder = Path(path).is_dir()
            _allow(libc, ruleset, path, _READ_FILE | _EXECUTE | (_READ_DIR if is_folder else 0))
        _allow(libc, ruleset, os.devnull, _READ_FILE | _WRITE_FILE)
        libc.syscall(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, access: int) -> None:
    try:
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        libc.syscall(_ADD_RULE, ruleset, 1, struct.pack("=Qi", access, folder), 0)
    finally:
        os.close(folder)


def _refuse(event: str, args: tuple[Any, ...]) -> None:
    if event == "open":
        # A number is a file that is open already: a pipe to a program, as a rule.
        if _is_writing(args) and args[0] != os.devnull and not isinstance(args[0], int):
            raise PermissionError("A parser may not write files.")
    elif event in _WRITES:
        raise PermissionError("A parser may not write files.")
    elif event in _NETWORK or (event == "socket.__new__" and args[1] not in (socket.AF_UNIX, -1)):
        # asyncio wakes itself through a pair of Unix sockets; any other family leads out.
        raise PermissionError("A parser may not use the network.")
    elif event in _PROCESSES or (event == "subprocess.Popen" and Path(os.fsdecode(args[0])).name not in _PROGRAMS):
        raise PermissionError("A parser may not start programs.")


def _is_writing(args: tuple[Any, ...]) -> bool:
    _path, mode, flags = args
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return bool(isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND))
