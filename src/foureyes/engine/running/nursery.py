"""The parent's handle on the child processes of one cage: starts them, ends them, learns how they ended.

It never reads what a sealed worker says: that is `cage.py`'s, with its limits.
"""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import weakref
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from foureyes.engine.errors import CageError
from foureyes.engine.running import wire
from foureyes.engine.running.caged import LAYERS, PROCESS_ID, Orders
from foureyes.engine.running.seal import Layer
from foureyes.engine.running.wire import Tag
from foureyes.engine.settings import CageLimits

SLICE_SECONDS = 0.25
"""How long one read waits before limits are looked at again."""

SIGNALLED = 128
"""A worker's exit status above this stands for a signal."""

_START_SECONDS = 120.0
_END_SECONDS = 20.0
_BUFFER_BYTES = 4 * 1024**2
_WORDS_BYTES = 64 * 1024
# NumPy's libraries start threads as they load unless told so here; the child empties its environment after.
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
# Nothing that is loaded is garbage: to look for some takes a fifth of the start. `caged` looks again, later.
_BOOT = (
    f"import gc, os, sys; gc.disable(); os.environ.update(dict.fromkeys({_ONE_THREAD}, '1')); "
    "n = int(sys.argv[1]); sys.path[:] = sys.argv[2 : 2 + n]; "
    "from foureyes.engine.running.caged import main; main(sys.argv[2 + n :])"
)


@dataclass(frozen=True, slots=True)
class Worker:
    """One sealed process."""

    channel: socket.socket
    process_id: int
    descriptor: int | None
    """A pidfd, so that no other process can be meant; None where the system has none."""
    layers: Layer

    def cpu_seconds(self) -> float:
        """CPU time of all its threads so far; 0.0 where the system has no such clock."""
        if sys.platform != "linux":
            return 0.0
        try:
            return time.clock_gettime((~self.process_id << 3) | 2)  # CPUCLOCK_SCHED of another process
        except OSError:
            return 0.0

    def kill(self) -> None:
        """Send SIGKILL; its end is told by `Nursery.wait_for_end`."""
        with suppress(ProcessLookupError):
            if self.descriptor is not None:
                signal.pidfd_send_signal(self.descriptor, signal.SIGKILL)
            else:
                os.kill(self.process_id, signal.SIGKILL)


class Nursery:
    """A process that has loaded the program, and at most one worker forked from it."""

    def __init__(self, program: str, limits: CageLimits, *, strict: bool) -> None:
        """Start it and wait until it has loaded the program. Raises CageError in clear words."""
        self._program = program
        self._log = _log_file()
        self._control, theirs = socket.socketpair()
        orders = Orders(
            program=program,
            control_fd=theirs.fileno(),
            parent_id=os.getpid(),
            strict=strict,
            address_space_bytes=limits.address_space_bytes,
            cpu_seconds=limits.cpu_seconds,
            files_per_worker=limits.files_per_worker,
        )
        with theirs:
            process = _start(orders, self._log)
        self._channels: set[socket.socket] = set()
        self._end = weakref.finalize(self, _end, process, self._control, self._channels, self._log)
        self.worker: Worker | None = None
        _wait_at_most(self._control, _START_SECONDS)
        try:
            tag, words = wire.receive(self._control, _WORDS_BYTES)
        except (wire.Closed, BlockingIOError):
            raise self._unbuilt(self._last_words()) from None
        if tag != Tag.READY:
            raise self._unbuilt(words.decode("utf-8", "replace"))

    def fork_worker(self) -> Worker:
        """A fresh sealed worker in place of the last. Raises CageError if the cage cannot be built."""
        if self.worker is not None:
            self.end_worker()
        if self.closed:
            raise CageError(f"the cage for {self._program} has lost its nursery")
        ours, theirs = socket.socketpair()
        for sock in (ours, theirs):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER_BYTES)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        _wait_at_most(ours, _START_SECONDS)
        descriptor = None
        try:
            with theirs:
                wire.send(self._control, Tag.WORKER, fd=theirs.fileno())
            tag, payload, descriptor = wire.receive_with_fd(ours, _WORDS_BYTES)
            if tag == Tag.HELLO:
                (process_id,) = PROCESS_ID.unpack(payload)
                tag, payload = wire.receive(ours, _WORDS_BYTES)
            if tag != Tag.READY:
                raise self._unbuilt(payload.decode("utf-8", "replace"))
        except (wire.Closed, BlockingIOError, CageError) as error:
            ours.close()
            if descriptor is not None:
                os.close(descriptor)
            if isinstance(error, CageError):
                raise
            raise self._unbuilt(self._last_words()) from None
        layers = Layer(LAYERS.unpack(payload)[0])
        _wait_at_most(ours, SLICE_SECONDS)
        self._channels.add(ours)
        self.worker = Worker(ours, process_id, descriptor, layers)
        return self.worker

    def end_worker(self) -> int:
        """Kill the worker and wait for its end: its exit status, 128 and more for a signal."""
        worker = self.worker
        if worker is None:
            return 0
        worker.kill()
        return self.wait_for_end()

    def wait_for_end(self) -> int:
        """How the worker ended that closed its socket or was killed. Nothing of it is left after."""
        worker, self.worker = self.worker, None
        if worker is None:
            return 0
        worker.channel.close()
        self._channels.discard(worker.channel)
        try:
            _wait_at_most(self._control, _END_SECONDS)
            _, payload = wire.receive(self._control, PROCESS_ID.size)
            status: int = PROCESS_ID.unpack(payload)[0]
            if status < 0:  # the guard itself was killed, and its death kills the worker
                status = SIGNALLED - status
        except (wire.Closed, BlockingIOError):
            worker.kill()
            self.close()
            return SIGNALLED + signal.SIGKILL
        finally:
            if worker.descriptor is not None:
                os.close(worker.descriptor)
        return status

    def close(self) -> None:
        """End all its processes. Idempotent."""
        if self.worker is not None:
            self.end_worker()
        self._end()

    @property
    def closed(self) -> bool:
        """Whether its processes were ended."""
        return not self._end.alive

    def _unbuilt(self, words: str) -> CageError:
        self._end()
        return CageError(f"the cage for {self._program} cannot be built: {plain_words(words)}")

    def _last_words(self) -> str:
        self._log.seek(0)
        lines = self._log.read(_WORDS_BYTES).decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else "its process ended without a word"


def plain_words(words: str) -> str:
    """Words of our own code, for one line on a terminal."""
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())


def _start(orders: Orders, log: IO[bytes]) -> subprocess.Popen[bytes]:
    paths = [os.path.abspath(path) for path in sys.path]  # noqa: PTH100 - may hold bytes that are not UTF-8
    command = [sys.executable, "-I", "-S", "-X", "utf8", "-c", _BOOT, str(len(paths)), *paths]
    return subprocess.Popen(
        [*command, *orders.as_arguments()],
        env={},
        cwd="/",
        pass_fds=(orders.control_fd,),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=log,
        start_new_session=True,
    )


def _end(
    process: subprocess.Popen[bytes], control: socket.socket, channels: set[socket.socket], log: IO[bytes]
) -> None:
    """A worker that nobody ended leaves at the end of its socket; so does the nursery, or it is made to."""
    for channel in channels:
        channel.close()
    control.close()
    try:
        process.wait(_END_SECONDS if process.poll() is None else 0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    log.close()


def _log_file() -> IO[bytes]:
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("cage-log"), "r+b")
    return tempfile.TemporaryFile()


def _wait_at_most(sock: socket.socket, seconds: float) -> None:
    """Bound each read and write of a blocking socket; past it they raise BlockingIOError."""
    value = struct.pack("@ll", int(seconds), int(seconds % 1 * 1e6))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, value)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, value)
