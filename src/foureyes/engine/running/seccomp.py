"""The list of system calls that a sealed worker may still make; every other gets EPERM.

The list, call by call with its reason, is told in `docs/safety/cage.md`. The filter is classic BPF built
here, without libseccomp. It never looks into memory, so arguments that are pointers are not judged.
"""

from __future__ import annotations

import errno
import os
import platform
import sys
from dataclasses import dataclass

from foureyes.engine.running.kernel import SockFilter

_LOAD, _JUMP_EQUAL, _JUMP_SET, _RETURN = 0x20, 0x15, 0x45, 0x06  # BPF_LD|W|ABS, JEQ|K, JSET|K, RET|K
_ALLOW = 0x7FFF0000
_KILL_PROCESS = 0x80000000
_ERRNO = 0x00050000
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16  # offsets in struct seccomp_data

_CLONE_THREAD = 0x00010000
_CLONE_ANY_NAMESPACE = 0x7E020080
_PROT_EXEC = 4

# Name: number on x86_64, number on aarch64 (None: the architecture has no such call).
_ALLOWED: dict[str, tuple[int | None, int | None]] = {
    # memory; mmap and mprotect are judged by their arguments below
    "brk": (12, 214),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "membarrier": (324, 283),
    # threads of codecs; clone is judged below
    "set_robust_list": (273, 99),
    "rseq": (334, 293),
    "set_tid_address": (218, 96),
    "futex": (202, 98),
    "exit": (60, 93),
    "exit_group": (231, 94),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "sched_getparam": (143, 121),
    "sched_getscheduler": (145, 120),
    "sched_get_priority_max": (146, 125),
    "sched_get_priority_min": (147, 126),
    "getcpu": (309, 168),
    # who am I
    "gettid": (186, 178),
    "getpid": (39, 172),
    "getppid": (110, 173),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "uname": (63, 160),
    "sysinfo": (99, 179),
    "getcwd": (79, 17),
    # open descriptors: the file in question and the pipe; fcntl and ioctl are judged below
    "read": (0, 63),
    "write": (1, 64),
    "readv": (19, 65),
    "writev": (20, 66),
    "pread64": (17, 67),
    "pwrite64": (18, 68),
    "preadv": (295, 69),
    "lseek": (8, 62),
    "dup": (32, 23),
    "close": (3, 57),
    "close_range": (436, 436),
    "fstat": (5, 80),
    "newfstatat": (262, 79),
    "statx": (332, 291),
    "fstatfs": (138, 44),
    "fadvise64": (221, 223),
    "poll": (7, None),
    "ppoll": (271, 73),
    "select": (23, None),
    "pselect6": (270, 72),
    "recvmsg": (47, 212),
    "recvfrom": (45, 207),
    "sendmsg": (46, 211),
    "sendto": (44, 206),
    # time and chance
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101),
    "gettimeofday": (96, 169),
    "time": (201, None),
    "times": (100, 153),
    "getrusage": (98, 165),
    "getrandom": (318, 278),
    # signals to oneself; tgkill is judged below
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "restart_syscall": (219, 128),
    "getrlimit": (97, 163),
}

_JUDGED: dict[str, tuple[int, int]] = {
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "clone": (56, 220),
    "clone3": (435, 435),
    "tgkill": (234, 131),
    "prctl": (157, 167),
    "prlimit64": (302, 261),
    "fcntl": (72, 25),
    "ioctl": (16, 29),
}

_FCNTL_COMMANDS = (
    1,  # F_GETFD
    2,  # F_SETFD
    3,  # F_GETFL
    4,  # F_SETFL: of our own end of the pipe; a read-only file stays read-only
    1030,  # F_DUPFD_CLOEXEC, as mmap of Python does
    1034,  # F_GET_SEALS
)
_IOCTL_REQUESTS = (
    0x5401,  # TCGETS: "is it a terminal?"
    0x5421,  # FIONBIO
    0x5450,  # FIONCLEX
    0x5451,  # FIOCLEX
    0x541B,  # FIONREAD
)
_PRCTL_OPTIONS = (
    15,  # PR_SET_NAME: names of threads
    16,  # PR_GET_NAME
    0x53564D41,  # PR_SET_VMA: glibc names its memory
)


@dataclass(frozen=True, slots=True)
class _Architecture:
    audit: int
    column: int


_ARCHITECTURES = {"x86_64": _Architecture(0xC000003E, 0), "aarch64": _Architecture(0xC00000B7, 1)}


def known_architecture() -> bool:
    """Whether the table has a column for this machine, and Python runs in its native width."""
    return platform.machine() in _ARCHITECTURES and sys.maxsize > 2**32


def build_filter() -> list[SockFilter]:
    """The filter for this machine and this process (its id is part of it). Raises KeyError elsewhere."""
    architecture = _ARCHITECTURES[platform.machine()]
    column = architecture.column
    instructions = [
        _load(_ARCHITECTURE_AT),
        SockFilter(_JUMP_EQUAL, 1, 0, architecture.audit),
        _return(_KILL_PROCESS),
        _load(_NUMBER_AT),
    ]
    for numbers in _ALLOWED.values():
        number = numbers[column]
        if number is not None:
            instructions += [SockFilter(_JUMP_EQUAL, 0, 1, number), _return(_ALLOW)]
    for name, block in _judgements().items():
        instructions += [SockFilter(_JUMP_EQUAL, 0, len(block), _JUDGED[name][column]), *block]
    return [*instructions, _refuse()]


def _judgements() -> dict[str, list[SockFilter]]:
    """Instructions that judge a call by its arguments; each path of each ends in a return."""
    no_code_pages = [_load_argument(2), *_refuse_if_set(_PROT_EXEC), _return(_ALLOW)]
    return {
        "mmap": no_code_pages,
        "mprotect": no_code_pages,
        "clone": [
            _load_argument(0),
            *_refuse_if_set(_CLONE_ANY_NAMESPACE),
            SockFilter(_JUMP_SET, 0, 1, _CLONE_THREAD),
            _return(_ALLOW),
            _refuse(),
        ],
        # its flags stand in memory, where a filter cannot look; ENOSYS makes libc fall back to clone
        "clone3": [_return(_ERRNO | errno.ENOSYS)],
        "tgkill": [_load_argument(0), *_allow_only((os.getpid(),))],
        "prctl": [_load_argument(0), *_allow_only(_PRCTL_OPTIONS)],
        # reading one's own limits: process 0, and no new value in either half of the pointer
        "prlimit64": [
            _load_argument(0),
            *_refuse_unless(0),
            _load_argument(2),
            *_refuse_unless(0),
            _load(_ARGUMENTS_AT + 2 * 8 + 4),
            *_allow_only((0,)),
        ],
        "fcntl": [_load_argument(1), *_allow_only(_FCNTL_COMMANDS)],
        "ioctl": [_load_argument(1), *_allow_only(_IOCTL_REQUESTS)],
    }


def _load(offset: int) -> SockFilter:
    return SockFilter(_LOAD, 0, 0, offset)


def _load_argument(index: int) -> SockFilter:
    """The lower 32 bits of an argument (both architectures are little-endian)."""
    return _load(_ARGUMENTS_AT + 8 * index)


def _return(action: int) -> SockFilter:
    return SockFilter(_RETURN, 0, 0, action)


def _refuse() -> SockFilter:
    return _return(_ERRNO | errno.EPERM)


def _refuse_if_set(bits: int) -> list[SockFilter]:
    return [SockFilter(_JUMP_SET, 0, 1, bits), _refuse()]


def _refuse_unless(value: int) -> list[SockFilter]:
    return [SockFilter(_JUMP_EQUAL, 1, 0, value), _refuse()]


def _allow_only(values: tuple[int, ...]) -> list[SockFilter]:
    block: list[SockFilter] = []
    for value in values:
        block += [SockFilter(_JUMP_EQUAL, 0, 1, value), _return(_ALLOW)]
    return [*block, _refuse()]
