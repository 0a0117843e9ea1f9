"""The parent's side of decoding: asks the caged worker about one file, and believes only what fits.

Never opens, parses or maps an untrusted file itself; never raises for what a file holds.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self

from foureyes.engine.decoding import wire
from foureyes.engine.decoding.content import ContentType
from foureyes.engine.model import Decoded, Fault, FaultCode
from foureyes.engine.running.cage import Cage, CageFault
from foureyes.engine.settings import EngineSettings

WORKER = "foureyes.engine.decoding.worker"


class Decoder:
    """Owns one caged worker; starts it at the first file. Not thread-safe, not to be used across a fork."""

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        self._cage = Cage(WORKER, settings.cage, allow_uncaged=settings.allow_uncaged)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def decode(self, untrusted_fd: int, content: ContentType) -> Decoded | Fault:
        """Facts and pixels of one picture or film.

        Args:
            untrusted_fd: a regular file open for reading only, or a sealed memfd; its offset is not kept.
            content: what `sniff` found.

        Returns:
            Decoded, with `fault` set where the content was readable only in part and with no frames where
            only facts could be had; a Fault where nothing could.

        Raises:
            CageError: no cage can be built on this machine.
        """
        answer = wire.Answer(content)
        question = wire.question_to_bytes(content, self._settings.decoding)
        try:
            for tag, untrusted_payload in self._cage.ask(untrusted_fd, question):
                answer.take(tag, untrusted_payload)
            decoded = answer.result()
        except CageFault as error:
            return answer.broken_off(error.fault)
        except wire.WireError:
            self._cage.close()
            return Fault(FaultCode.CRASHED, "the decoder's answer made no sense")
        if decoded.fault and not decoded.frames and not decoded.facts:
            return decoded.fault
        return decoded

    def close(self) -> None:
        """End the worker. Idempotent."""
        self._cage.close()
