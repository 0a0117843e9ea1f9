"""A caged program that does what it is told, by name: attacks, crashes, lies and honest work."""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from foureyes.engine.model import FaultCode
from foureyes.engine.running.cage import Refusal
from foureyes.engine.running.seal import CHANNEL_FD
from foureyes.engine.running.wire import HEADER, Tag

LIBC = ctypes.CDLL(None, use_errno=True)
ANSWERS = {"questions": 0}


def serve(untrusted_fd: int, question: bytes) -> Iterator[tuple[int, bytes]]:
    ANSWERS["questions"] += 1
    name, _, argument = question.decode().partition(" ")
    yield from (
        HONEST[name](untrusted_fd, argument) if name in HONEST else attack(name, untrusted_fd, argument)
    )


def attack(name: str, untrusted_fd: int, argument: str) -> Iterator[tuple[int, bytes]]:
    if name.startswith("call:"):
        raw_call(name.removeprefix("call:"), argument)
    else:
        ATTACKS[name](untrusted_fd, argument)
    yield 1, f"{name} was done".encode()


def greet(untrusted_fd: int, argument: str) -> Iterator[tuple[int, bytes]]:
    yield 7, b"hello " + argument.encode()
    yield 8, os.pread(untrusted_fd, 100, 0)


def count(untrusted_fd: int, argument: str) -> Iterator[tuple[int, bytes]]:  # noqa: ARG001 - one signature
    yield 0, str(ANSWERS["questions"]).encode()


def mapped(untrusted_fd: int, argument: str) -> Iterator[tuple[int, memoryview]]:  # noqa: ARG001  the contract's shape
    whole = mmap.mmap(untrusted_fd, 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ)
    yield 0, memoryview(whole)


def big(untrusted_fd: int, argument: str) -> Iterator[tuple[int, bytearray]]:  # noqa: ARG001  the contract's shape
    yield 0, bytearray(int(argument))


def threads(untrusted_fd: int, argument: str) -> Iterator[tuple[int, bytes]]:  # noqa: ARG001  the contract's shape
    done: list[int] = []
    crowd = [threading.Thread(target=done.append, args=(n,)) for n in range(int(argument))]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    yield 0, str(len(done)).encode()


def trickle(untrusted_fd: int, argument: str) -> Iterator[tuple[int, bytes]]:  # noqa: ARG001  the contract's shape
    while True:
        time.sleep(float(argument))
        yield 0, b""


def flood(untrusted_fd: int, argument: str) -> Iterator[tuple[int, bytes]]:  # noqa: ARG001  the contract's shape
    while True:
        yield 0, bytes(100_000)


def environment(untrusted_fd: int, argument: str) -> Iterator[tuple[int, bytes]]:  # noqa: ARG001  the contract's shape
    values = ctypes.POINTER(ctypes.c_char_p).in_dll(LIBC, "environ")
    found = []
    while values and values[len(found)]:
        found.append(values[len(found)])
    yield 0, b"\n".join(found) + str(dict(os.environ)).encode()


def descriptors(untrusted_fd: int, argument: str) -> Iterator[tuple[int, bytes]]:  # noqa: ARG001  the contract's shape
    found = []
    for fd in range(4096):
        try:
            os.fstat(fd)
        except OSError:
            continue
        found.append(fd)
    yield 0, ",".join(str(fd) for fd in found if fd != untrusted_fd).encode()


def identity(untrusted_fd: int, argument: str) -> Iterator[tuple[int, bytes]]:  # noqa: ARG001  the contract's shape
    yield 0, f"{os.getpid()} {os.getppid()} {os.getuid()} {os.geteuid()} {os.getgid()}".encode()


HONEST: dict[str, Callable[[int, str], Iterator[tuple[int, bytes]]]] = {
    function.__name__: function  # type: ignore[dict-item]  # some yield other kinds of bytes
    for function in (greet, count, mapped, big, threads, trickle, flood, environment, descriptors, identity)
}


def tcp(_fd: int, _argument: str) -> None:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM)


def tcp6(_fd: int, _argument: str) -> None:
    socket.socket(socket.AF_INET6, socket.SOCK_STREAM)


def udp(_fd: int, _argument: str) -> None:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def unix(_fd: int, _argument: str) -> None:
    socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)


def netlink(_fd: int, _argument: str) -> None:
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)


def pair(_fd: int, _argument: str) -> None:
    socket.socketpair()


def connect(_fd: int, port: str) -> None:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM).connect(("127.0.0.1", int(port)))


def reconnect(_fd: int, _argument: str) -> None:
    socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=os.dup(CHANNEL_FD)).connect("/run/x")


def read(_fd: int, path: str) -> None:
    Path(path).read_bytes()


def read_below(fd: int, _argument: str) -> None:
    os.open("passwd", os.O_RDONLY, dir_fd=fd)


def write(_fd: int, path: str) -> None:
    Path(path).write_bytes(b"x")


def write_file(fd: int, _argument: str) -> None:
    checked(LIBC.ftruncate(fd, 0))


def change_mode(fd: int, _argument: str) -> None:
    os.fchmod(fd, 0o777)


def link(_fd: int, path: str) -> None:
    Path(path).symlink_to("/etc/passwd")


def folder(_fd: int, path: str) -> None:
    Path(path).mkdir()


def listing(_fd: int, path: str) -> None:
    list(Path(path).iterdir())


def fork(_fd: int, _argument: str) -> None:
    if os.fork() == 0:
        os._exit(0)


def spawn(_fd: int, _argument: str) -> None:
    os.posix_spawn("/bin/true", ["true"], {})


def run(_fd: int, _argument: str) -> None:
    subprocess.run(["/bin/true"], check=True)


def execute(_fd: int, _argument: str) -> None:
    os.execve("/bin/true", ["true"], {})  # noqa: S606 - it must be refused


def execute_file(fd: int, _argument: str) -> None:
    os.execve(fd, ["true"], {})  # noqa: S606 - as above


def kill(_fd: int, process: str) -> None:
    os.kill(int(process), signal.SIGKILL)


def kill_group(_fd: int, _argument: str) -> None:
    os.kill(0, signal.SIGKILL)


def aim(_fd: int, process: str) -> None:
    os.pidfd_open(int(process))


def raise_limit(_fd: int, _argument: str) -> None:
    checked(LIBC.setrlimit(resource.RLIMIT_NOFILE, (ctypes.c_ulong * 2)(1024, 1024)))


def outlive(_fd: int, _argument: str) -> None:
    checked(LIBC.prctl(1, 0, 0, 0, 0))


def code_page(_fd: int, _argument: str) -> None:
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)


def code_page_later(_fd: int, _argument: str) -> None:
    page = mmap.mmap(-1, 4096)
    checked(LIBC.mprotect(ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(page))), 4096, 5))


def import_late(_fd: int, _argument: str) -> None:
    import wave  # noqa: F401, PLC0415 - that it comes late is the point


def memory(_fd: int, _argument: str) -> None:
    bytearray(64 * 1024**3)


def memory_slowly(_fd: int, _argument: str) -> None:
    held = []
    while True:
        held.append(bytearray(16 * 1024**2))


def spin(_fd: int, _argument: str) -> None:
    while True:
        pass


def spin_deaf(_fd: int, _argument: str) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
    int("9" * 4000) ** 10_000_000


def hang(_fd: int, _argument: str) -> None:
    time.sleep(1_000_000)


def segfault(_fd: int, _argument: str) -> None:
    ctypes.string_at(0)


def abort(_fd: int, _argument: str) -> None:
    os.abort()


def leave(_fd: int, _argument: str) -> None:
    os._exit(3)


def leave_politely(_fd: int, _argument: str) -> None:
    sys.exit(0)


def refuse(_fd: int, _argument: str) -> None:
    raise Refusal(FaultCode.TOO_MANY_PIXELS, "30,000 x 30,000\x1b[31m\n\u202e" + "y" * 1000)


def stumble(_fd: int, _argument: str) -> None:
    raise ValueError("bad\0 marker \x1b]0;x\x07 \u00e9" + "z" * 1000)


def huge_length(_fd: int, _argument: str) -> None:
    say(HEADER.pack(1, 0xFFFFFFFF))


def half_frame(_fd: int, _argument: str) -> None:
    say(HEADER.pack(1, 1000) + b"half")
    os._exit(0)


def unknown_tag(_fd: int, _argument: str) -> None:
    say(HEADER.pack(Tag.STATUS, 4) + b"\0\0\0\0")


def garbage(_fd: int, _argument: str) -> None:
    say(b"\xff" * 100_000)


def strange_fault(_fd: int, _argument: str) -> None:
    say(HEADER.pack(Tag.FAULT, 30) + b"\xf0" + b"\x1b[2J" + b"\xff" * 25)


def empty_fault(_fd: int, _argument: str) -> None:
    say(HEADER.pack(Tag.FAULT, 0))


def early_end_then_more(_fd: int, _argument: str) -> None:
    say(HEADER.pack(Tag.END, 0) + HEADER.pack(7, 6) + b"poison")


def hand_over(_fd: int, _argument: str) -> None:
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=os.dup(CHANNEL_FD))
    for _ in range(20):
        socket.send_fds(channel, [HEADER.pack(5, 1) + b"x"], [0, 1, 2])


def say(frame: bytes) -> None:
    os.write(CHANNEL_FD, frame)


def checked(result: int) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


CALLS_X86_64 = {
    "vfork": (58,), "clone_process": (56, 17, 0, 0, 0, 0), "clone_namespace": (56, 0x10000000 | 0x10000, 0, 0, 0, 0),
    "ptrace": (101, 0, 0, 0, 0), "process_vm_readv": (310, 1, 0, 0, 0, 0, 0), "mount": (165, 0, 0, 0, 0, 0),
    "umount2": (166, 0, 0), "unshare": (272, 0x10000000), "setns": (308, 0, 0), "keyctl": (250, 0, 0),
    "add_key": (248, 0, 0, 0, 0, 0), "bpf": (321, 0, 0, 0), "io_uring_setup": (425, 8, 0),
    "userfaultfd": (323, 0), "perf_event_open": (298, 0, 0, 0, 0, 0), "memfd_create": (319, 0, 0),
    "open_by_handle_at": (304, 0, 0, 0), "name_to_handle_at": (303, 0, 0, 0, 0, 0), "chroot": (161, 0),
    "pivot_root": (155, 0, 0), "setuid": (105, 0), "setresuid": (117, 0, 0, 0), "capset": (126, 0, 0),
    "init_module": (175, 0, 0, 0), "kexec_load": (246, 0, 0, 0, 0), "reboot": (169, 0, 0, 0),
    "tgkill_other": (234, 2, 2, 9), "tkill": (200, 1, 9), "rt_sigqueueinfo": (129, 1, 9, 0), "pidfd_getfd": (438, 0, 0, 0),
    "sethostname": (170, 0, 0), "shmget": (29, 0, 4096, 0), "mq_open": (240, 0, 0, 0, 0), "inotify_init": (253,),
    "open": (2, 0, 0), "openat2": (437, 0, 0, 0, 0), "creat": (85, 0, 0), "unlink": (87, 0), "rename": (82, 0, 0),
    "accept": (43, 3, 0, 0), "bind": (49, 3, 0, 0), "listen": (50, 3, 1), "seccomp": (317, 0, 0, 0),
    "personality": (135, 0), "modify_ldt": (154, 0, 0, 0), "prlimit_other": (302, 0, 7, 8, 0), "setitimer": (38, 0, 0, 0),
    "mknod": (133, 0, 0, 0), "fcntl_owner": (72, 3, 8, 1), "ioctl_inject": (16, 0, 0x5412, 0), "x32_read": (0x40000000, 3, 0, 0),
}  # fmt: skip


def raw_call(name: str, _argument: str) -> None:
    ctypes.set_errno(0)
    numbers = [ctypes.c_long(number) for number in CALLS_X86_64[name]]
    result = LIBC.syscall(*numbers)
    if result < 0 and ctypes.get_errno() != errno.EPERM:
        raise ValueError(f"{name} reached the kernel: {os.strerror(ctypes.get_errno())}")
    checked(result)


ATTACKS: dict[str, Callable[[int, str], None]] = {
    name: value
    for name, value in list(globals().items())
    if callable(value) and getattr(value, "__module__", None) == __name__ and name not in HONEST
}
