"""Seals the process that it runs in, for good: no disk, no network, no other process, few system calls.

Runs in the child only, after the program's libraries are loaded and before the first untrusted byte.
Every layer stands alone, so that a hole in one is covered by another. Never undone, never configured by
the program inside.
"""

from __future__ import annotations

import fcntl
import os
import platform
import resource
import select
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import IntFlag

from foureyes.engine.running import kernel, seccomp

CHANNEL_FD = 3
"""Where the worker's socket is after sealing; 0, 1 and 2 are the null device, and no other is open."""
GUARD_FD = 4
"""Where the guard's pipe is until the worker is sealed."""

_NOBODY = 65534
_OPEN_FILES = 64
_THREADS = 256
_NAMESPACES = (
    kernel.CLONE_NEWNS | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS | kernel.CLONE_NEWPID
)


class Layer(IntFlag):
    """What a worker has put between itself and the machine."""

    USERS = 1
    NETWORK = 2
    DISK = 4
    PROCESSES = 8
    IPC = 16
    HOST_NAME = 32
    CAPABILITIES = 64
    SYSTEM_CALLS = 128
    LANDLOCK = 256
    LIMITS = 512


REQUIRED = (
    Layer.NETWORK
    | Layer.DISK
    | Layer.PROCESSES
    | Layer.IPC
    | Layer.HOST_NAME
    | Layer.CAPABILITIES
    | Layer.SYSTEM_CALLS
    | Layer.LIMITS
)
"""Without these nothing is decoded unless uncaged work is allowed by name.

Not among them: Landlock, which Linux has since 5.13 only, and a user namespace, which root can do without.
"""


class Unbuilt(Exception):
    """A layer could not be had; the words say which and what to do."""


@dataclass(frozen=True, slots=True)
class SealLimits:
    """Limits that the kernel keeps for the worker's whole life."""

    address_space_bytes: int
    cpu_seconds: int


def leave_namespaces(*, strict: bool) -> Layer:
    """Leave the machine's namespaces; the next fork is the first process of the new ones.

    Root may do so as it is, and takes the rights of nobody later. Anybody else needs a user namespace,
    and so does root in a container without CAP_SYS_ADMIN. Raises Unbuilt if strict.
    """
    layers = Layer.NETWORK | Layer.PROCESSES | Layer.IPC | Layer.HOST_NAME
    if sys.platform != "linux":
        return _unbuilt("this system has no Linux namespaces", strict=strict)
    try:
        if os.geteuid() == 0:
            try:
                kernel.unshare(_NAMESPACES)
            except PermissionError:
                _become_nobody()
            else:
                return layers
        kernel.unshare(_NAMESPACES | kernel.CLONE_NEWUSER)
    except OSError as error:
        return _unbuilt(
            f"the kernel gives no namespaces ({error.strerror or error}). On Debian and Ubuntu see "
            "sysctl kernel.unprivileged_userns_clone and kernel.apparmor_restrict_unprivileged_userns, "
            "in a container allow unshare in its seccomp profile, elsewhere raise "
            "user.max_user_namespaces above 0",
            strict=strict,
        )
    return layers | Layer.USERS


def keep_only(channel: int, guard_alive: int) -> None:
    """Leave five descriptors open: a folder that is left open would be a way out of the empty root.

    They are CHANNEL_FD, GUARD_FD, and the null device three times.
    """
    beyond = GUARD_FD + 1
    null = os.open(os.devnull, os.O_RDWR)
    moved = [
        (fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, beyond), place)
        for fd, place in ((null, 0), (null, 1), (null, 2), (channel, CHANNEL_FD), (guard_alive, GUARD_FD))
    ]
    for fd, place in moved:
        os.dup2(fd, place, inheritable=False)
    os.closerange(beyond, max(65536, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))


def seal(outer: Layer, limits: SealLimits, *, strict: bool) -> Layer:
    """Seal this process. `outer`: the layers that its namespaces gave it.

    Comes after `keep_only`. GUARD_FD is a pipe that only the guard holds open: the worker leaves at once
    if the guard is gone. Raises Unbuilt if strict and a required layer cannot be had.
    """
    layers = outer
    if Layer.PROCESSES in layers:
        layers |= _attempt(_empty_root, Layer.DISK, strict=strict)
    if sys.platform == "linux" and os.geteuid() == 0 and Layer.USERS not in layers:
        _attempt(_become_nobody, Layer.CAPABILITIES, strict=strict)
        layers |= _attempt(_leave_users, Layer.USERS, strict=False)
    layers |= _attempt(
        lambda: _set_limits(limits, own_users=Layer.USERS in layers), Layer.LIMITS, strict=strict
    )
    if sys.platform == "linux":
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    if select.select([GUARD_FD], [], [], 0)[0]:
        os._exit(1)
    os.close(GUARD_FD)
    for number in (signal.SIGABRT, signal.SIGXCPU):
        kernel.exit_on_signal(number)
    if sys.platform == "linux":
        layers |= _attempt(_drop_rights, Layer.CAPABILITIES, strict=strict)
        layers |= _attempt(_landlock, Layer.LANDLOCK, strict=False)
        layers |= _attempt(_filter_calls, Layer.SYSTEM_CALLS, strict=strict)
    if strict and layers & REQUIRED != REQUIRED:
        raise Unbuilt(f"missing: {words_of(REQUIRED & ~layers)}")
    return layers


def words_of(layers: Layer) -> str:
    """The layers' names, for people."""
    return ", ".join(str(layer.name).lower().replace("_", " ") for layer in layers)


def _attempt(step: Callable[[], None], layer: Layer, *, strict: bool) -> Layer:
    try:
        step()
    except (OSError, ValueError, KeyError) as error:
        return _unbuilt(f"{words_of(layer)}: {error}", strict=strict)
    return layer


def _unbuilt(words: str, *, strict: bool) -> Layer:
    if strict:
        raise Unbuilt(words)
    return Layer(0)


def _empty_root() -> None:
    """Swap the whole file system for an empty one that nobody can write to."""
    kernel.mount("none", "/", "none", kernel.MS_REC | kernel.MS_PRIVATE)
    place = "/tmp" if os.path.isdir("/tmp") else "/proc"  # noqa: S108, PTH112 - only covered, never used
    flags = kernel.MS_RDONLY | kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC
    kernel.mount("none", place, "tmpfs", flags, "size=4k,nr_inodes=4,mode=111")
    os.chdir(place)
    kernel.pivot_root_here()
    os.chdir("/")


def _become_nobody() -> None:
    os.setgroups([])
    os.setresgid(_NOBODY, _NOBODY, _NOBODY)
    os.setresuid(_NOBODY, _NOBODY, _NOBODY)


def _leave_users() -> None:
    kernel.unshare(kernel.CLONE_NEWUSER)


def _set_limits(limits: SealLimits, *, own_users: bool) -> None:
    _limit(resource.RLIMIT_AS, limits.address_space_bytes)
    _limit(resource.RLIMIT_CPU, limits.cpu_seconds)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    if own_users and _counts_processes_by_namespace():
        _limit(resource.RLIMIT_NPROC, _THREADS)
    for name in ("RLIMIT_MEMLOCK", "RLIMIT_MSGQUEUE"):
        if hasattr(resource, name):
            _limit(getattr(resource, name), 0)


def _limit(which: int, value: int) -> None:
    hard = resource.getrlimit(which)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (value, value))


def _counts_processes_by_namespace() -> bool:
    """Before 5.14 all processes of the same user on the machine would count, and no thread could start."""
    with suppress(ValueError):
        major, minor = platform.release().split(".")[:2]
        return (int(major), int(minor)) >= (5, 14)
    return False


def _drop_rights() -> None:
    with suppress(OSError):  # kernels before 4.3 have no ambient set
        kernel.prctl(kernel.PR_CAP_AMBIENT, kernel.PR_CAP_AMBIENT_CLEAR_ALL)
    kernel.drop_capabilities()
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)


def _landlock() -> None:
    version = kernel.landlock_version()
    if version == 0:
        raise OSError("this kernel has no Landlock")
    kernel.landlock_deny_all(version)


def _filter_calls() -> None:
    if not seccomp.known_architecture():
        raise OSError(f"no table of system calls for {platform.machine()}")
    kernel.install_filter(seccomp.build_filter())
