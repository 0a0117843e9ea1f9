"""The few Linux calls that the cage needs and the standard library lacks, through ctypes.

Each raises OSError with the kernel's reason. Policy stands in `seal.py`, never here.
"""

from __future__ import annotations

import ctypes
import os
from functools import cache

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_REC = 16384
MS_PRIVATE = 1 << 18
MNT_DETACH = 2

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
SECCOMP_MODE_FILTER = 2

M_ARENA_MAX = -8

# The same numbers on x86_64 and aarch64: system calls since Linux 5.0 are numbered alike everywhere.
_LANDLOCK_CREATE_RULESET = 444
_LANDLOCK_RESTRICT_SELF = 446
_LANDLOCK_CREATE_RULESET_VERSION = 1
_CAPABILITY_VERSION_3 = 0x20080522


class SockFilter(ctypes.Structure):
    """One instruction of classic BPF."""

    _fields_ = (
        ("code", ctypes.c_uint16),
        ("jt", ctypes.c_uint8),
        ("jf", ctypes.c_uint8),
        ("k", ctypes.c_uint32),
    )


class _SockFprog(ctypes.Structure):
    _fields_ = (("len", ctypes.c_uint16), ("filter", ctypes.POINTER(SockFilter)))


class _RulesetAttributes(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def warm_up() -> None:
    """Load now what libc would open lazily, and keep its arenas few: each reserves 128 MB of addresses."""
    libc = _libc()
    if hasattr(libc, "mallopt"):
        libc.mallopt(M_ARENA_MAX, 2)
    try:
        ctypes.CDLL("libgcc_s.so.1")  # pthread_exit of glibc opens it at its first use
    except OSError:
        return


def unshare(flags: int) -> None:
    """Leave the namespaces that `flags` names."""
    _checked(_libc().unshare(ctypes.c_int(flags)), "unshare")


def mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    """Mount a file system, or change how one is mounted."""
    _checked(
        _libc().mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), data.encode()),
        f"mount {kind} on {target}",
    )


def pivot_root_here() -> None:
    """Make the current folder the root and detach the old one."""
    libc = _libc()
    _checked(libc.pivot_root(b".", b"."), "pivot_root")
    _checked(libc.umount2(b".", ctypes.c_int(MNT_DETACH)), "umount2")


def prctl(option: int, first: int = 0, second: int = 0) -> None:
    """Set one trait of this process, with up to two numbers."""
    zero = ctypes.c_ulong(0)
    result = _libc().prctl(ctypes.c_int(option), ctypes.c_ulong(first), ctypes.c_ulong(second), zero, zero)
    _checked(result, f"prctl {option}")


def drop_capabilities() -> None:
    """Empty every set of capabilities of this thread, the bounding set where it may."""
    for capability in range(64):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:
            break  # past the last one, or without the right to: then there is nothing to gain from it
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    _checked(_libc().capset(header, (ctypes.c_uint32 * 6)()), "capset")


def exit_on_signal(number: int) -> None:
    """Let C itself end the process with the signal's number as its status.

    The first process of a PID namespace ignores signals whose action is the default, so `abort` and the
    limit of CPU time would not end it. `_exit` takes the number that a handler is given.
    """
    libc = _libc()
    libc.signal.argtypes = (ctypes.c_int, ctypes.c_void_p)
    libc.signal.restype = ctypes.c_void_p
    libc.signal(number, ctypes.cast(libc._exit, ctypes.c_void_p))  # noqa: SLF001 - the name C gives it


def landlock_version() -> int:
    """ABI version of Landlock, 0 where the kernel has none."""
    result: int = _libc().syscall(
        ctypes.c_long(_LANDLOCK_CREATE_RULESET),
        None,
        ctypes.c_size_t(0),
        ctypes.c_uint32(_LANDLOCK_CREATE_RULESET_VERSION),
    )
    return max(result, 0)


def landlock_deny_all(version: int) -> None:
    """Deny this thread every new access to files, TCP ports, abstract sockets and others' signals."""
    last_right = {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)  # rights by version: kernel's landlock.rst
    attributes = _RulesetAttributes(
        handled_access_fs=(1 << last_right) - 1,
        handled_access_net=3 if version >= 4 else 0,  # noqa: PLR2004 - version that knows TCP
        scoped=3 if version >= 6 else 0,  # noqa: PLR2004 - version that knows scopes
    )
    size = 8 if version < 4 else 16 if version < 6 else 24  # noqa: PLR2004 - as above
    libc = _libc()
    ruleset = _checked(
        libc.syscall(
            ctypes.c_long(_LANDLOCK_CREATE_RULESET),
            ctypes.byref(attributes),
            ctypes.c_size_t(size),
            ctypes.c_uint32(0),
        ),
        "landlock_create_ruleset",
    )
    try:
        _checked(
            libc.syscall(ctypes.c_long(_LANDLOCK_RESTRICT_SELF), ctypes.c_int(ruleset), ctypes.c_uint32(0)),
            "landlock_restrict_self",
        )
    finally:
        os.close(ruleset)


def install_filter(instructions: list[SockFilter]) -> None:
    """Install a seccomp filter for this thread and all that it will start."""
    array = (SockFilter * len(instructions))(*instructions)
    program = _SockFprog(len(instructions), array)
    zero = ctypes.c_ulong(0)
    _checked(
        _libc().prctl(
            ctypes.c_int(PR_SET_SECCOMP),
            ctypes.c_ulong(SECCOMP_MODE_FILTER),
            ctypes.byref(program),
            zero,
            zero,
        ),
        "seccomp",
    )
