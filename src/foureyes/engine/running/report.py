"""What protection this machine gives to decoding, tried out once in a throw-away child.

It reports and never decides: the cage itself refuses where a required layer is missing.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cache

from foureyes.engine.errors import CageError
from foureyes.engine.running import canary, wire
from foureyes.engine.running.nursery import Nursery, Worker
from foureyes.engine.running.seal import REQUIRED, Layer, words_of
from foureyes.engine.settings import CageLimits


@dataclass(frozen=True, slots=True)
class CageReport:
    """Which protections a worker has on this machine. Each is true only if a worker really had it."""

    namespaces: bool
    """Its own empty network, process list, host name and inter-process memory."""
    empty_disk: bool
    """Its root is an empty, read-only folder."""
    no_rights: bool
    """No capability, no way to gain one, and not root's user."""
    seccomp: bool
    landlock: bool
    rlimits: bool
    broken_out: tuple[str, ...]
    """What the canary could do inside that it must not: empty where the cage holds."""
    reason: str
    """Why the cage cannot be built, and what to do; empty where it can."""

    @property
    def sealed(self) -> bool:
        """Whether all that is required holds, and the canary was refused everything."""
        return not self.reason and not self.broken_out

    @property
    def words(self) -> tuple[str, ...]:
        """One line for each feature, for people."""
        features = (
            ("namespaces", self.namespaces, "own network, processes and host name"),
            ("empty disk", self.empty_disk, "no file of this machine can be seen"),
            ("no rights", self.no_rights, "no capability, and none to be gained"),
            ("seccomp", self.seccomp, "only listed system calls"),
            ("Landlock", self.landlock, "no file may be opened"),
            ("resource limits", self.rlimits, "memory, CPU time, files"),
        )
        lines = [f"{name}: {'yes' if held else 'NO'} ({what})" for name, held, what in features]
        if self.broken_out:
            lines.append(f"a program inside could: {', '.join(self.broken_out)}")
        if self.reason:
            lines.append(self.reason)
        return tuple(lines)


@cache
def cage_available() -> CageReport:
    """What a worker gets here. Starts one, sends the canary in, and ends it; once for each process."""
    limits = CageLimits()
    reason = ""
    try:
        nursery = Nursery(canary.__name__, limits, strict=True)
        worker = nursery.fork_worker()
    except CageError as error:
        reason = str(error)
        nursery = Nursery(canary.__name__, limits, strict=False)
        worker = nursery.fork_worker()
    try:
        broken_out = _send_canary(worker)
    finally:
        nursery.close()
    return _report(worker.layers, broken_out, reason)


def _report(layers: Layer, broken_out: tuple[str, ...], reason: str) -> CageReport:
    namespaces = Layer.NETWORK | Layer.PROCESSES | Layer.IPC | Layer.HOST_NAME
    missing = REQUIRED & ~layers
    return CageReport(
        namespaces=layers & namespaces == namespaces,
        empty_disk=Layer.DISK in layers,
        no_rights=Layer.CAPABILITIES in layers,
        seccomp=Layer.SYSTEM_CALLS in layers,
        landlock=Layer.LANDLOCK in layers,
        rlimits=Layer.LIMITS in layers,
        broken_out=broken_out,
        reason=reason or (f"missing: {words_of(missing)}" if missing else ""),
    )


def _send_canary(worker: Worker) -> tuple[str, ...]:
    """What it could do. A canary that dies or is silent has broken out of nothing."""
    done = []
    with tempfile.TemporaryFile() as nothing:
        wire.send(worker.channel, 0, b"", nothing.fileno())
    for attempt in canary.ATTEMPTS:
        try:
            _, payload = wire.receive(worker.channel, 1)
        except (wire.Closed, BlockingIOError):
            break
        if payload == canary.DONE:
            done.append(attempt)
    return tuple(done)
