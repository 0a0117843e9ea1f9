"""What is rendered for viewing, in the background: a lane for pictures, one for films, a caged worker each.

A rendering goes on while somebody asks for it; whoever leaves the page ends it. Never renders in a request,
and never decides who may see what.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from foureyes.engine.catalogue import Catalogue
from foureyes.engine.decoding import CannotRender, Renderer
from foureyes.engine.errors import EngineError
from foureyes.engine.model import Fault
from foureyes.engine.settings import EngineSettings, RenderSettings
from foureyes.engine.steps import rendering
from foureyes.engine.steps.rendering import RenderKind, Rendition

LEFT_SECONDS = 8.0
"""After so long without a question nobody looks any more. Pages ask several times a second."""
REMEMBERED = 200
"""Ended jobs whose words are kept for whoever asks once more."""
FAILED_SECONDS = 20.0
"""After so long the same question is tried anew: a source may have been plugged in."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rendering:
    """How far one rendering is."""

    ready: bool = False
    percent: int = 0
    failed: str = ""
    """Why there is nothing to see, in words."""


class _Left(Exception):
    """Nobody asks for this any more."""


@dataclass(slots=True)
class _Job:
    wanted: Rendition
    catalogue: Catalogue
    asked_at: float
    share: float = 0.0
    ended: bool = False
    failed: str | Promise = ""
    """Put into words in the language of who asks: the lane itself speaks none."""
    ended_at: float = 0.0

    def left(self) -> bool:
        return time.monotonic() - self.asked_at > LEFT_SECONDS


@dataclass(slots=True)
class _Lane:
    """One after the other; its thread and worker are started at the first job."""

    name: str
    jobs: OrderedDict[Rendition, _Job] = field(default_factory=OrderedDict)
    changed: threading.Condition = field(default_factory=threading.Condition)
    thread: threading.Thread | None = None
    closing: bool = False

    def ask(self, held: Catalogue, wanted: Rendition) -> Rendering:
        now = time.monotonic()
        with self.changed:
            job = self.jobs.get(wanted)
            stale = job is not None and job.ended and (not job.failed or now - job.ended_at > FAILED_SECONDS)
            if job is None or stale:
                job = _Job(wanted, held, now)
                self.jobs[wanted] = job
                self.jobs.move_to_end(wanted)
                self._start()
                self.changed.notify()
            job.asked_at = now
            return Rendering(percent=int(100 * job.share), failed=str(job.failed))

    def close(self) -> None:
        with self.changed:
            self.closing, thread = True, self.thread
            self.changed.notify()
        if thread is not None:
            thread.join(10)
        with self.changed:
            self.jobs.clear()
            self.thread, self.closing = None, False

    def _start(self) -> None:
        if self.thread is None or not self.thread.is_alive():
            self.thread = threading.Thread(target=self._work, name=f"render {self.name}", daemon=True)
            self.thread.start()

    def _work(self) -> None:
        renderer = Renderer(engine_settings())
        try:
            while (job := self._next()) is not None:
                failed = self._render(renderer, job)
                with self.changed:
                    job.failed, job.ended, job.ended_at = failed, True, time.monotonic()
                    self._forget()
        finally:
            renderer.close()

    def _next(self) -> _Job | None:
        with self.changed:
            while not self.closing:
                for job in list(self.jobs.values()):
                    if not job.ended and job.left():
                        del self.jobs[job.wanted]
                    elif not job.ended:
                        return job
                self.changed.wait()
        return None

    def _render(self, renderer: Renderer, job: _Job) -> str | Promise:
        """Why it failed, in words; empty where it is done, or nobody waits."""

        def tell(share: float) -> None:
            job.share = share
            if self.closing or job.left():
                raise _Left

        try:
            rendering.render(job.catalogue, renderer, job.wanted, engine_settings(), tell)
        except _Left:
            return ""
        except CannotRender as refused:
            return words_of(refused.fault)
        except EngineError as error:
            return str(error)
        except Exception:  # whatever it was, the lane goes on with the next
            log.exception("rendering %s", job.wanted.kind)
            return _("It could not be rendered, for a reason that is not known. It is in the server's log.")
        return ""

    def _forget(self) -> None:
        ended = [job.wanted for job in self.jobs.values() if job.ended]
        for wanted in ended[:-REMEMBERED]:
            del self.jobs[wanted]


_pictures, _films = _Lane("pictures"), _Lane("films")


def ask(held: Catalogue, wanted: Rendition) -> Rendering:
    """How far a rendering is; begins it, or goes on with it, since somebody wants it."""
    if rendering.cache(held, engine_settings()).has(wanted.name):
        return Rendering(ready=True, percent=100)
    return (_films if wanted.kind is RenderKind.PART else _pictures).ask(held, wanted)


def opened(held: Catalogue, name: str) -> int | None:
    """A descriptor of a finished rendering by its name, for the caller to close."""
    return rendering.cache(held, engine_settings()).open(name)


def part_seconds() -> float:
    """How long a part of a film is."""
    return engine_settings().rendering.part_seconds


def engine_settings() -> EngineSettings:
    """How the workbench renders."""
    return EngineSettings(rendering=RenderSettings(cache_bytes=settings.FOUREYES_RENDER_CACHE_BYTES))


def words_of(fault: Fault) -> str | Promise:
    """A fault as a sentence."""
    return format_lazy(
        _("It cannot be shown ({code}): {detail}."),
        code=fault.code.value,
        detail=fault.detail or _("the decoder gave no reason"),
    )


def close() -> None:
    """End both lanes and their workers (end of the server)."""
    _pictures.close()
    _films.close()
