"""The child's side of the cage: a nursery that loads one program, and sealed workers forked from it.

The nursery imports the program and warms it up, and never meets an untrusted byte. For each worker it
forks a guard, which leaves the machine's namespaces and forks the worker; the worker seals itself and then
answers questions until its socket closes. A guard only waits, and kills the worker if the parent dies.
"""

from __future__ import annotations

import gc
import importlib
import os
import resource
import select
import signal
import socket
import struct
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import NoReturn, Protocol, cast

from foureyes.engine.model import FaultCode, counted
from foureyes.engine.running import kernel, wire
from foureyes.engine.running.refusal import Refusal, fault_payload
from foureyes.engine.running.seal import (
    CHANNEL_FD,
    Layer,
    SealLimits,
    Unbuilt,
    keep_only,
    leave_namespaces,
    seal,
)
from foureyes.engine.running.wire import Tag

QUESTION_BYTES = 16 * 1024**2
"""The longest question that a worker reads."""

PROCESS_ID = struct.Struct("<i")
LAYERS = struct.Struct("<I")

_ROOM_BYTES = 64 * 1024**2
_THREADS_SETTLE_SECONDS = 1.0
_SIGNAL_STATUS = 128


class Program(Protocol):
    """What the module of a program has; `prepare()` besides, where it needs a warm-up."""

    def serve(self, untrusted_fd: int, question: bytes) -> Iterator[tuple[int, wire.Bytes]]:
        """Answer one question about one file, in frames."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What the parent tells the nursery on its command line."""

    program: str
    control_fd: int
    parent_id: int
    strict: bool
    address_space_bytes: int
    cpu_seconds: float
    files_per_worker: int

    def as_arguments(self) -> list[str]:
        """The command line that `from_arguments` reads."""
        return [
            self.program,
            str(self.control_fd),
            str(self.parent_id),
            str(int(self.strict)),
            str(self.address_space_bytes),
            repr(self.cpu_seconds),
            str(self.files_per_worker),
        ]

    @classmethod
    def from_arguments(cls, arguments: list[str]) -> Orders:
        """The orders of a command line."""
        program, control_fd, parent_id, strict, address_space, cpu_seconds, files = arguments
        return cls(
            program,
            int(control_fd),
            int(parent_id),
            strict == "1",
            int(address_space),
            float(cpu_seconds),
            int(files),
        )


def main(arguments: list[str]) -> None:
    """Load the program, say so, then fork a worker whenever the parent asks; leave when it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    orders = Orders.from_arguments(arguments)
    control = socket.socket(fileno=orders.control_fd)
    parent = _parent_descriptor(orders.parent_id)
    with suppress(wire.Closed):
        try:
            program = _load(orders.program)
            _expect_room(orders)
        except Exception as error:  # noqa: BLE001 - whatever a program's import raises is told the parent
            wire.send(control, Tag.UNBUILT, f"{type(error).__name__}: {error}".encode())
            return
        wire.send(control, Tag.READY)
        gc.collect()
        gc.freeze()
        gc.enable()  # off since before the first import: see `nursery.py`
        while True:
            _, _, channel = wire.receive_with_fd(control, 0)
            if channel is None:
                return
            guard = os.fork()
            if guard == 0:
                control.close()
                _leave_with(partial(_guard, orders, program, channel, parent))
            os.close(channel)
            status = os.waitstatus_to_exitcode(os.waitpid(guard, 0)[1])
            wire.send(control, Tag.STATUS, PROCESS_ID.pack(status))


def _parent_descriptor(parent_id: int) -> int | None:
    if not hasattr(os, "pidfd_open"):
        return None
    descriptor = os.pidfd_open(parent_id)
    if os.getppid() != parent_id:
        sys.exit(1)
    return descriptor


def _load(name: str) -> Program:
    """Import and warm up with one thread: a fork copies only one, and rights are dropped thread by thread."""
    program: Program = cast("Program", importlib.import_module(name))
    if not callable(getattr(program, "serve", None)):
        raise TypeError(f"{name} has no serve()")
    kernel.warm_up()
    prepare = getattr(program, "prepare", None)
    if prepare is not None:
        prepare()
    os.environ.clear()
    _expect_one_thread(name)
    return program


def _expect_one_thread(name: str) -> None:
    if sys.platform != "linux":
        return
    give_up = time.monotonic() + _THREADS_SETTLE_SECONDS
    while (threads := len(os.listdir("/proc/self/task"))) > 1:  # noqa: PTH208 - pathlib would be imported for it
        if time.monotonic() > give_up:
            raise RuntimeError(
                f"prepare() of {name} leaves {counted(threads - 1, 'thread')} running; it must leave none"
            )
        time.sleep(0.01)


def _expect_room(orders: Orders) -> None:
    """The limit counts what the program has loaded: below that not even the first answer would succeed."""
    if sys.platform != "linux":
        return
    with open("/proc/self/statm") as numbers:  # noqa: PTH123 - pathlib would be imported for it
        loaded = int(numbers.read().split()[0]) * resource.getpagesize()
    if loaded + _ROOM_BYTES > orders.address_space_bytes:
        raise ValueError(
            f"address_space_bytes is {orders.address_space_bytes >> 20} MB, but {orders.program} has "
            f"{loaded >> 20} MB loaded before its first file, and needs {_ROOM_BYTES >> 20} MB more"
        )


def _guard(orders: Orders, program: Program, channel_fd: int, parent: int | None) -> int:
    """Fork the worker into namespaces of its own; wait for it, or kill it when the parent dies."""
    channel = socket.socket(fileno=channel_fd)
    try:
        layers = leave_namespaces(strict=orders.strict)
    except Unbuilt as error:
        wire.send(channel, Tag.UNBUILT, str(error).encode())
        return 1
    alive, stay_alive = os.pipe()
    worker = os.fork()
    if worker == 0:
        os.close(stay_alive)
        _leave_with(partial(_work, orders, program, channel, alive, layers))
    os.close(alive)
    descriptor = os.pidfd_open(worker) if parent is not None else None
    wire.send(channel, Tag.HELLO, PROCESS_ID.pack(worker), descriptor)
    channel.close()
    os.write(stay_alive, b"1")
    if parent is not None and descriptor is not None:
        readable, _, _ = select.select([parent, descriptor], [], [])
        if parent in readable:
            os.kill(worker, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])
    return status if status >= 0 else _SIGNAL_STATUS - status


def _work(orders: Orders, program: Program, channel: socket.socket, alive: int, outer: Layer) -> int:
    if not os.read(alive, 1):
        return 1
    limits = SealLimits(orders.address_space_bytes, int(orders.cpu_seconds * orders.files_per_worker) + 1)
    keep_only(channel.detach(), alive)
    sealed = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=CHANNEL_FD)
    try:
        layers = seal(outer, limits, strict=orders.strict)
    except Unbuilt as error:
        wire.send(sealed, Tag.UNBUILT, str(error).encode())
        return 1
    wire.send(sealed, Tag.READY, LAYERS.pack(layers))
    while True:
        try:
            _, question, untrusted_fd = wire.receive_with_fd(sealed, QUESTION_BYTES)
        except wire.Closed:
            return 0
        if untrusted_fd is None:
            return 1
        if Layer.SYSTEM_CALLS not in layers:
            _limit_cpu_of_question(orders.cpu_seconds)
        _answer(program, sealed, untrusted_fd, question)
        with suppress(OSError):
            os.close(untrusted_fd)


def _answer(program: Program, channel: socket.socket, untrusted_fd: int, question: bytes) -> None:
    """Send the program's frames, then the end or the fault."""
    try:
        for tag, payload in program.serve(untrusted_fd, question):
            wire.send(channel, _program_tag(tag), payload)
    except wire.Closed:
        os._exit(0)
    except Refusal as refusal:
        fault = fault_payload(refusal.code, refusal.detail)
    except MemoryError:
        fault = fault_payload(FaultCode.OUT_OF_MEMORY, "the decoder wanted more memory than it may have")
    except (PermissionError, ImportError) as error:
        fault = fault_payload(FaultCode.FORBIDDEN, f"{type(error).__name__}: {error}")
    except Exception as error:  # noqa: BLE001 - whatever a decoder raises is this file's fault
        fault = fault_payload(FaultCode.DAMAGED, f"{type(error).__name__}: {error}")
    else:
        wire.send(channel, Tag.END)
        return
    wire.send(channel, Tag.FAULT, fault)


def _program_tag(tag: int) -> int:
    if not 0 <= tag <= wire.LAST_PROGRAM_TAG:
        raise ValueError(f"tag {tag} is the cage's own")
    return tag


def _limit_cpu_of_question(cpu_seconds: float) -> None:
    """Where no filter forbids it, the worker moves its own limit: the parent may lack a clock for it."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    soft = int(usage.ru_utime + usage.ru_stime + cpu_seconds) + 1
    resource.setrlimit(
        resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard)
    )


def _leave_with(work: Callable[[], int]) -> NoReturn:
    """End this forked process with the result of its work: it must never return into the nursery's loop."""
    status = 1
    try:
        status = work()
    except Exception:  # noqa: BLE001 - before sealing the parent reads this, after it nobody does
        traceback.print_exc()
    finally:
        os._exit(status)
