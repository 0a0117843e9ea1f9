"""Longer runs that an officer asks for, in the background: of each kind one after the other in a process.

What one is about, how far it is and what came of it stand in a small file of the workspace, so that every
process that serves answers for it. It decides nothing about who may see what came of it: whoever shows that
asks `access` each time. Hostile bytes are decoded in the cage as ever; no pixel is kept.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from foureyes.engine.catalogue import Catalogue
from foureyes.engine.errors import CageError, EngineError, ModelUnusable, OriginalAway, UsageError
from foureyes.engine.model import Progress
from foureyes.engine.settings import EngineSettings

KEPT_SECONDS = 24 * 3600.0
"""What came of an errand is forgotten after a day."""
KINDLY = 10
"""Niceness of the threads that run errands: pages come first."""
WAITING_AT_MOST = 20
"""Errands of one kind that wait in one process; more are refused."""

Tell = Callable[[Progress], None]
Work = Callable[[Catalogue, EngineSettings, Tell], object]
"""Gives what came of it, as JSON knows it."""

log = logging.getLogger(__name__)


class Crowded(Exception):
    """Too many wait already."""


class _Left(Exception):
    """Cancelled, or nobody asks for it any more."""


@dataclass(frozen=True, slots=True)
class Errand:
    """One run, as it stands."""

    number: str
    about: Mapping[str, Any]
    began: float
    state: str = "waiting"
    """Then running, and in the end done or failed."""
    looked_at: int = 0
    total: int = 0
    """0 where it is not known."""
    failed: str = ""
    """Why: away, model, cage, usage, lost, unknown."""
    detail: str = ""
    """The engine's words for that."""
    result: Any = None

    @property
    def ended(self) -> bool:
        """Whether nothing more comes."""
        return self.state in ("done", "failed")


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the errands of one officer and one kind stand: one at a time."""

    folder: Path
    kind: str
    officer: int
    left_seconds: float
    """After so long without a question nobody wants it any more."""

    def begin(self, held: Catalogue, about: Mapping[str, Any], work: Work) -> Errand:
        """Have it run when its turn comes; what the officer had of this kind is ended and forgotten.

        Raises:
            Crowded: too many wait already.
        """
        _sweep(self.folder)
        self.end()
        errand = Errand(secrets.token_hex(8), dict(about), time.time())
        lane = _lane(self.kind)
        with lane.lock:
            if lane.waiting >= WAITING_AT_MOST:
                raise Crowded
            lane.waiting += 1
        with ExitStack() as undo:
            undo.callback(lane.one_less)
            held_lock = os.open(self._file(errand, "lock"), os.O_CREAT | os.O_RDWR, 0o600)
            undo.callback(os.close, held_lock)
            fcntl.flock(held_lock, fcntl.LOCK_EX)
            self._write(errand)
            lane.threads.submit(self._run, lane, errand, held_lock, held, work)
            undo.pop_all()
        return errand

    def now(self) -> Errand | None:
        """The newest one, if there is any; asking keeps it wanted."""
        newest = max(self._all(), key=lambda one: one.began, default=None)
        if newest is None or newest.ended:
            return newest
        lock = self._file(newest, "lock")
        with contextlib.suppress(FileNotFoundError):
            if _is_held(lock):
                os.utime(lock)
                return newest
        # It may have ended between the two looks; else its process died.
        again = next((one for one in self._all() if one.number == newest.number), None)
        if again is None or again.ended:
            return again
        return replace(again, state="failed", failed="lost")

    def end(self) -> None:
        """Cancel what runs, and forget what came of earlier ones."""
        for path in self.folder.glob(f"{self.kind}-{self.officer}-*"):
            path.unlink(missing_ok=True)

    def _all(self) -> Iterator[Errand]:
        for path in self.folder.glob(f"{self.kind}-{self.officer}-*.json"):
            with contextlib.suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime < KEPT_SECONDS:
                    yield Errand(**json.loads(path.read_bytes()))

    def _file(self, errand: Errand, ending: str) -> Path:
        return self.folder / f"{self.kind}-{self.officer}-{errand.number}.{ending}"

    def _wanted(self, errand: Errand) -> bool:
        try:
            asked = self._file(errand, "lock").stat().st_mtime
        except FileNotFoundError:
            return False
        return time.time() - asked < self.left_seconds

    def _write(self, errand: Errand) -> None:
        final = self._file(errand, "json")
        new = final.with_suffix(".new")
        descriptor = os.open(new, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            json.dump(asdict(errand), out)
        with contextlib.suppress(FileNotFoundError):  # cancelled meanwhile: all of it is swept away
            new.replace(final)

    def _run(self, lane: _Lane, errand: Errand, held_lock: int, held: Catalogue, work: Work) -> None:
        lane.one_less()
        try:
            ended = self._outcome(lane, errand, held, work)
            if self._wanted(errand):
                self._write(ended)
        except _Left:
            log.debug("errand %s was left", self.kind)
        except OSError:
            log.exception("errand %s", self.kind)
        finally:
            if lane.closing or not self._wanted(errand):  # what was written while it was cancelled
                self._file(errand, "json").unlink(missing_ok=True)
            self._file(errand, "lock").unlink(missing_ok=True)
            os.close(held_lock)

    def _outcome(self, lane: _Lane, errand: Errand, held: Catalogue, work: Work) -> Errand:
        now = replace(errand, state="running")

        def tell(progress: Progress) -> None:
            nonlocal now
            if lane.closing or not self._wanted(errand):
                raise _Left
            now = replace(now, looked_at=progress.files, total=progress.files_total or 0)
            self._write(now)

        tell(Progress("waiting"))
        try:
            return replace(now, state="done", result=work(held, EngineSettings(workers=1), tell))
        except EngineError as error:
            return replace(now, state="failed", failed=_code(error), detail=str(error))
        except _Left:
            raise
        except Exception:  # whatever it was, the officer is told and the lane goes on
            log.exception("errand %s", self.kind)
            return replace(now, state="failed", failed="unknown")


class _Lane:
    """The thread of one kind."""

    def __init__(self, kind: str) -> None:
        self.lock = threading.Lock()
        self.waiting = 0
        self.closing = False
        self.threads = ThreadPoolExecutor(1, thread_name_prefix=f"errand {kind}", initializer=_kindly)

    def one_less(self) -> None:
        """One that waited has its turn."""
        with self.lock:
            self.waiting -= 1


_lanes: dict[str, _Lane] = {}
_making = threading.Lock()


def failure(errand: Errand) -> str:
    """Why there is no result, in the language of who asks."""
    said = {
        "away": _("The original is not at hand: it was not kept, and its source is not there."),
        "model": _("The network that this needs is missing on this server, or its file was changed."),
        "cage": _("Pictures cannot be decoded safely on this server, so it was not begun."),
        "lost": _("It was ended with the server. Ask again."),
        "usage": errand.detail,
    }
    return said.get(errand.failed) or _("It failed, for a reason that is in the server's log.")


def close() -> None:
    """End all errands of this process (end of the server)."""
    with _making:
        lanes = list(_lanes.values())
        _lanes.clear()
    for lane in lanes:
        lane.closing = True
        lane.threads.shutdown(wait=True, cancel_futures=True)


def _lane(kind: str) -> _Lane:
    with _making:
        return _lanes.setdefault(kind, _Lane(kind))


def _kindly() -> None:
    # Linux knows niceness by thread; what this thread starts inherits it.
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), KINDLY)


def _is_held(lock: Path) -> bool:
    """Whether the process that runs it lives: it holds the lock on this file until the end."""
    descriptor = os.open(lock, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _sweep(folder: Path) -> None:
    """Forget what came of errands long ago."""
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > KEPT_SECONDS:
                path.unlink()


def _code(error: EngineError) -> str:
    kinds = ((OriginalAway, "away"), (ModelUnusable, "model"), (CageError, "cage"), (UsageError, "usage"))
    return next((code for kind, code in kinds if isinstance(error, kind)), "unknown")
