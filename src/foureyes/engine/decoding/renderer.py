"""The parent's side of rendering: asks the caged worker, and believes only what fits.

Never opens, parses or maps an untrusted file itself; a rendered film passes through as bytes that nobody here
reads. An answer that is not taken to its end costs the worker: that is how a rendering is cancelled.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.decoding import render_wire
from foureyes.engine.decoding.content import ContentType
from foureyes.engine.decoding.render_wire import Band, Pixels, Question, Size, Tag, What
from foureyes.engine.decoding.wire import WireError
from foureyes.engine.model import Fault, FaultCode, FilmOutline
from foureyes.engine.running.cage import Cage, CageFault
from foureyes.engine.settings import EngineSettings

_Taken = TypeVar("_Taken")
_Answer = Generator[tuple[int, bytes], None, None]

WORKER = "foureyes.engine.decoding.render_worker"


class CannotRender(Exception):
    """The file gives no picture or film to look at. `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"{fault.code}: {fault.detail}")
        self.fault = fault


@dataclass(frozen=True, slots=True, eq=False)
class FilmPart:
    """A part of a film as WebM."""

    times: NDArray[np.float64]
    """Seconds of the film at which each of its frames stands."""
    untrusted_film: bytes


class Renderer:
    """Owns one caged worker; starts it at the first file. Not thread-safe, not to be used across a fork."""

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        self._cage = Cage(WORKER, settings.rendering.cage, allow_uncaged=settings.allow_uncaged)

    def picture(
        self, untrusted_fd: int, content: ContentType, at_seconds: float = 0.0
    ) -> tuple[Size, Iterator[Band]]:
        """The size, then every level in bands of at most 512 rows, the whole picture first.

        Of a film, the frame that is on the screen at `at_seconds`.

        Raises:
            CannotRender: at once or while bands are taken.
            CageError: no cage can be built on this machine.
        """
        answer = self._ask(untrusted_fd, What.PICTURE, content, at_seconds)
        size = self._checked(lambda: render_wire.size_of(*_next(answer), self._settings.rendering))
        return size, self._bands(answer, size)

    def outline(
        self, untrusted_fd: int, content: ContentType
    ) -> tuple[FilmOutline, list[tuple[float, Pixels]]]:
        """What a film is, and up to 12 small frames with their seconds. Raises as `picture` does."""
        answer = self._ask(untrusted_fd, What.OUTLINE, content, 0.0)
        outline, count = self._checked(lambda: render_wire.film_of(*_next(answer)))
        strip = [self._checked(lambda: render_wire.strip_of(*_next(answer))) for _ in range(count)]
        self._end(answer)
        return outline, strip

    def part(
        self, untrusted_fd: int, content: ContentType, begin_seconds: float, tell: Callable[[float], None]
    ) -> FilmPart:
        """A part of a film from a second on; `tell` hears how far it is and may raise to cancel.

        Raises as `picture` does, and whatever `tell` raises.
        """
        answer = self._ask(untrusted_fd, What.PART, content, begin_seconds)
        try:
            return self._checked(lambda: _part(self._frames(answer), tell))
        finally:
            answer.close()

    def sound(self, untrusted_fd: int, content: ContentType) -> tuple[float, Iterator[NDArray[np.int16]]]:
        """The second at which a film's sound begins, then its samples: 11,025 a second, one channel.

        Four hours of it at most; of a broken one what can be decoded. Raises as `picture` does, with
        `unsupported` where the film has no sound.
        """
        answer = self._ask(untrusted_fd, What.SOUND, content, 0.0)
        start = self._checked(lambda: render_wire.start_of(*_next(answer)))
        return start, self._samples(answer)

    def close(self) -> None:
        """End the worker. Idempotent."""
        self._cage.close()

    def _ask(self, untrusted_fd: int, what: What, content: ContentType, at_seconds: float) -> _Answer:
        declared = self._settings.decoding.pixels_at_most
        question = Question(what, content, declared, self._settings.rendering, at_seconds)
        try:
            return cast("_Answer", self._cage.ask(untrusted_fd, question.packed()))
        except CageFault as error:
            raise CannotRender(error.fault) from error

    def _bands(self, answer: _Answer, size: Size) -> Iterator[Band]:
        try:
            for expected in render_wire.bands_due(size):
                yield self._band(answer, expected)
            self._end(answer)
        finally:
            answer.close()

    def _band(self, answer: _Answer, expected: tuple[int, int, int, int]) -> Band:
        return self._checked(lambda: render_wire.band_of(*_next(answer), expected))

    def _samples(self, answer: _Answer) -> Iterator[NDArray[np.int16]]:
        left = render_wire.SOUND_SECONDS_AT_MOST * render_wire.SOUND_RATE
        try:
            for frame in self._frames(answer):
                piece = self._piece(frame)
                left -= len(piece)
                if left < 0:
                    raise self._nonsense()
                yield piece
        finally:
            answer.close()

    def _piece(self, frame: tuple[int, bytes]) -> NDArray[np.int16]:
        return self._checked(lambda: render_wire.samples_of(*frame))

    def _end(self, answer: _Answer) -> None:
        for _ in self._frames(answer):
            raise self._nonsense()

    def _frames(self, answer: _Answer) -> Iterator[tuple[int, bytes]]:
        try:
            yield from answer
        except CageFault as error:
            raise CannotRender(error.fault) from error

    def _checked(self, take: Callable[[], _Taken]) -> _Taken:
        try:
            return take()
        except CageFault as error:
            raise CannotRender(error.fault) from error
        except WireError as error:
            raise self._nonsense() from error

    def _nonsense(self) -> CannotRender:
        self._cage.close()
        return CannotRender(Fault(FaultCode.CRASHED, "the decoder's answer made no sense"))


def _next(answer: _Answer) -> tuple[int, bytes]:
    frame = next(answer, None)
    if frame is None:
        raise WireError("an answer cut short")
    return frame


def _part(frames: Iterator[tuple[int, bytes]], tell: Callable[[float], None]) -> FilmPart:
    times: NDArray[np.float64] | None = None
    chunks: list[bytes] = []
    left = render_wire.FILM_BYTES_AT_MOST
    for tag, payload in frames:
        if tag == Tag.PROGRESS and times is None:
            tell(render_wire.progress_of(payload))
        elif tag == Tag.TIMES and times is None:
            times = render_wire.times_of(payload)
        elif tag == Tag.CHUNK and times is not None and (left := left - len(payload)) >= 0:
            chunks.append(payload)
        else:
            raise WireError("a frame out of turn")
    if times is None or not chunks:
        raise WireError("an answer cut short")
    return FilmPart(times, b"".join(chunks))
