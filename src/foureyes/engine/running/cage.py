"""The cage around hostile bytes: a program in a sealed process, asked one file at a time.

The parent reads nothing of the child's but tags, lengths and bytes, and holds it to its limits. Whatever a
file does to its worker costs that one file a recorded fault. No format is ever parsed here.
"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import socket
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from types import TracebackType
from typing import NoReturn, Self

from foureyes.engine.errors import CageError
from foureyes.engine.model import Fault, FaultCode
from foureyes.engine.running import wire
from foureyes.engine.running.caged import QUESTION_BYTES
from foureyes.engine.running.nursery import SIGNALLED, Nursery, Worker
from foureyes.engine.running.refusal import DETAIL_CHARACTERS, Refusal, untrusted_fault
from foureyes.engine.running.report import CageReport, cage_available
from foureyes.engine.running.wire import Tag
from foureyes.engine.settings import CageLimits

__all__ = ["Answer", "Cage", "CageFault", "CageReport", "Refusal", "cage_available"]

Answer = tuple[int, bytes]
"""A tag of the program's choice, 0 to 199, and a payload."""

_ANSWER_WALLS = 10
"""The parent waits at most so many times `wall_seconds` for one whole answer, however it trickles in."""
_DEATHS_PER_NURSERY = 16
"""Workers of one nursery share their memory layout: after so many violent deaths it is loaded anew."""


class CageFault(Exception):
    """The file in question gave no answer, or no whole one. `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"{fault.code}: {fault.detail}")
        self.fault = fault


class Cage:
    """One long-lived caged worker, replaced on demand. Not thread-safe; not to be used across a fork.

    `program` is a dotted module with `serve(untrusted_fd, question) -> Iterator[(tag, payload)]`. Its
    `prepare()`, if it has one, is called before sealing and must load all that will be needed: inside,
    there is no disk to import from. It must leave no threads running.
    """

    def __init__(self, program: str, limits: CageLimits, *, allow_uncaged: bool = False) -> None:
        """Start nothing yet: the first `ask`, or entering the context, does.

        With `allow_uncaged` the worker runs under whatever layers this machine gives, resource limits at
        least; without, CageError is raised where a required layer is missing.
        """
        self._program = program
        self._limits = limits
        self._strict = not allow_uncaged
        self._nursery: Nursery | None = None
        self._asked = 0
        self._deaths = 0
        self._answering = False

    def __enter__(self) -> Self:
        """Start the worker. Raises CageError."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Load the program and seal a worker now, rather than at the first question. Raises CageError."""
        self._ready_worker()

    def ask(self, untrusted_fd: int, question: bytes) -> Iterator[Answer]:
        """Send a question about an open file; yield the frames of the answer.

        `untrusted_fd` is a regular file or memfd, open for reading only or sealed against writing
        (ValueError otherwise); its offset is shared with the worker. The question is sent at once; an
        iterator that is dropped before its end costs the worker.

        Raises CageFault at any point, CageError if no worker can be made.
        """
        _require_read_only(untrusted_fd)
        if len(question) > QUESTION_BYTES:
            raise ValueError(f"a question has at most {QUESTION_BYTES} bytes")
        worker = self._ready_worker()
        self._asked += 1
        self._answering = True
        watch = _Watch(worker, self._limits)
        try:
            _send_question(watch, untrusted_fd, question)
        except _Breach as breach:
            self._fail(breach)
        return self._answers(watch)

    def close(self) -> None:
        """End the worker and its nursery. Idempotent; the cage may be asked again after."""
        nursery, self._nursery = self._nursery, None
        self._answering = False
        if nursery is not None:
            nursery.close()

    def _ready_worker(self) -> Worker:
        """The worker at hand, or a new one where that is spent, dead, or still talking."""
        worker = self._nursery.worker if self._nursery is not None else None
        spent = self._asked >= self._limits.files_per_worker or self._answering
        if worker is None or spent or _has_something_to_say(worker.channel):
            worker = self._new_worker()
            self._asked = 0
            self._answering = False
        return worker

    def _new_worker(self) -> Worker:
        if self._nursery is not None and not self._nursery.closed and self._deaths < _DEATHS_PER_NURSERY:
            with suppress(CageError):  # the nursery itself was killed: a new one will do, or say why not
                return self._nursery.fork_worker()
        self.close()
        self._nursery = Nursery(self._program, self._limits, strict=self._strict)
        self._deaths = 0
        return self._nursery.fork_worker()

    def _answers(self, watch: _Watch) -> Iterator[Answer]:
        over = False
        try:
            while (frame := watch.next_frame()) is not None:
                yield frame
            over = True
        except _Breach as breach:
            over = True
            self._fail(breach)
        finally:
            self._answering = False
            if not over:
                self._end_worker()

    def _fail(self, breach: _Breach) -> NoReturn:
        """Replace the worker, and tell the fault."""
        self._answering = False
        status = self._end_worker(killed=breach.fault is not None)
        fault = breach.fault or _fault_of_status(status)
        if fault.code in (FaultCode.CRASHED, FaultCode.FORBIDDEN):
            self._deaths += 1
        raise CageFault(fault) from None

    def _end_worker(self, *, killed: bool = True) -> int:
        if self._nursery is None:
            return 0
        return self._nursery.end_worker() if killed else self._nursery.wait_for_end()


class _Breach(Exception):
    """The answer is over. Without a fault, the worker has died, and its status will tell."""

    def __init__(self, fault: Fault | None = None) -> None:
        super().__init__()
        self.fault = fault


class _Watch:
    """Reads the frames of one answer and holds the worker to its limits meanwhile."""

    def __init__(self, worker: Worker, limits: CageLimits) -> None:
        self.channel = worker.channel
        self._worker = worker
        self._limits = limits
        self._cpu_before = worker.cpu_seconds()
        self._output_left = limits.output_bytes
        self._waited = 0.0

    def next_frame(self) -> Answer | None:
        """Tag and payload, None at the end of the answer. Raises _Breach."""
        started = time.monotonic()
        tag, length = wire.HEADER.unpack(self._exactly(wire.HEADER.size, started))
        self._output_left -= length
        if length > self._limits.frame_bytes or self._output_left < 0:
            raise _Breach(Fault(FaultCode.TOO_MUCH_OUTPUT, "the decoder gave more output than it may"))
        payload = self._exactly(length, started) if length else b""
        self.check(started)
        self._waited += time.monotonic() - started
        if tag <= wire.LAST_PROGRAM_TAG:
            return tag, payload
        if tag == Tag.END:
            return None
        if tag == Tag.FAULT:
            raise _Breach(untrusted_fault(payload[: 2 * DETAIL_CHARACTERS]))
        raise _Breach(Fault(FaultCode.CRASHED, f"the decoder sent a frame of unknown tag {tag}"))

    def _exactly(self, size: int, started: float) -> bytes:
        """So many bytes. One read and no copy where they come within a slice of time."""
        parts = []
        missing = size
        while missing:
            try:
                part = self.channel.recv(missing, socket.MSG_WAITALL)
            except BlockingIOError:
                self.check(started)
                continue
            except ConnectionResetError:
                part = b""
            if not part:
                raise _Breach
            parts.append(part)
            missing -= len(part)
            if missing:
                self.check(started)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def check(self, started: float) -> None:
        """Raise _Breach if time is up, on the wall or on the CPU."""
        waited = time.monotonic() - started
        walls = self._limits.wall_seconds
        if waited > walls or self._waited + waited > walls * _ANSWER_WALLS:
            raise _Breach(Fault(FaultCode.TIMED_OUT, f"the decoder said nothing more for {waited:.0f} s"))
        used = self._worker.cpu_seconds() - self._cpu_before
        if used > self._limits.cpu_seconds:
            raise _Breach(Fault(FaultCode.TIMED_OUT, f"the decoder used {used:.0f} s of CPU time"))


def _send_question(watch: _Watch, untrusted_fd: int, question: bytes) -> None:
    started = time.monotonic()
    unsent = memoryview(wire.HEADER.pack(0, len(question)) + question)
    ancillary = wire.rights(untrusted_fd)
    while unsent:
        try:
            sent = watch.channel.sendmsg([unsent], ancillary)
        except BlockingIOError:
            watch.check(started)
            continue
        except (BrokenPipeError, ConnectionResetError):
            raise _Breach from None
        unsent = unsent[sent:]
        ancillary = []


def _has_something_to_say(channel: socket.socket) -> bool:
    """An idle worker that is readable has died, or has left something behind for the next file."""
    poll = select.poll()
    poll.register(channel, select.POLLIN)
    return bool(poll.poll(0))


def _require_read_only(fd: int) -> None:
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        raise ValueError("only a regular file may be handed into the cage")
    if fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
        return
    try:
        sealed = fcntl.fcntl(fd, fcntl.F_GET_SEALS) & fcntl.F_SEAL_WRITE
    except (OSError, AttributeError):
        sealed = 0
    if not sealed:
        raise ValueError("a file handed into the cage must be read-only, or sealed against writing")


def _fault_of_status(status: int) -> Fault:
    """What a worker's end means; a signal stands as 128 and its number, or as the number alone."""
    number = status - SIGNALLED if status > SIGNALLED else status
    if number == signal.SIGKILL:
        return Fault(FaultCode.OUT_OF_MEMORY, "the system killed the decoder, most likely for its memory")
    if number == signal.SIGXCPU:
        return Fault(FaultCode.TIMED_OUT, "the decoder used up its CPU time")
    if number == signal.SIGSYS:
        return Fault(FaultCode.FORBIDDEN, "the decoder made a system call of another architecture")
    if status > SIGNALLED or number == signal.SIGABRT:
        try:
            return Fault(FaultCode.CRASHED, f"the decoder died of {signal.Signals(number).name}")
        except ValueError:
            pass
    return Fault(FaultCode.CRASHED, f"the decoder ended with status {status}")
